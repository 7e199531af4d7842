"""How far marking is, announced to the board: school by school, by expert. Takes services; posts whole counts.

Counted beside marking and not within it: a saved mark costs nothing more, no two experts wait for each other. What was
touched since the last round is counted now; a few other works in turn, so that nothing stays wrong for long.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import gevent
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.live import BOARD
from testing_server.foundation.progress import Step
from testing_server.foundation.progress.tallies import Tally, TallyKey, post_tallies, read_tallies
from testing_server.foundation.services import EXTENSION, Services
from testing_server.marking.review.records import (
    AssignmentRecord, DecisionRecord, MarkEventRecord, MarkingAnswerRecord, MarkingWorkRecord)
from testing_server.marking.review.settling import THIRD
from testing_server.marking.review.thirds import STANDING

log = logging.getLogger(__name__)
ROUND_S = 2
# works of a round that are counted though nothing is known to have touched them
IN_TURN = 20
# on PostgreSQL a lower number may be committed after a higher one
AGAIN = 200
NEWEST = 2**62


@dataclass(frozen=True)
class Seen:
    """Up to which event and decision everything was counted, and the work that was counted last in its turn."""

    event: int = 0
    decision: int = 0
    archive: str = ""


@dataclass(frozen=True)
class Count:
    """What is to be told of one work."""

    key: TallyKey
    topic: str
    told: dict[str, Tally]


def announce_marking(offered: Services, seen: Seen) -> Seen:
    """One round. Returns where the next one begins."""
    with offered.storage.read() as session:
        touched, here = find_touched(session, seen)
        in_turn = _list_next(session, seen.archive)
        changed = list(_find_changed(session, sorted(touched | set(in_turn))))
    for one in changed:
        _post(offered, one)
    if changed:
        offered.live.changed(BOARD, offered.clock.now_ms())
    return Seen(here.event, here.decision, in_turn[-1] if in_turn else "")


def begin_counting(session: Session) -> Seen:
    """Where a process begins: what came before it is counted in its turn."""
    return find_touched(session, Seen(event=NEWEST, decision=NEWEST))[1]


def _find_changed(session: Session, archives: Sequence[str]) -> Iterator[Count]:
    for archive in archives:
        one = count_work(session, archive)
        if read_tallies(session, one.key) != one.told:
            yield one
        # a work of 20,000 answers takes 40 ms: requests come in between
        gevent.sleep(0)


def find_touched(session: Session, seen: Seen) -> tuple[set[str], Seen]:
    """Archives of works with marks or decisions since then, and how far that is."""
    event = session.scalar(select(func.max(MarkEventRecord.id))) or 0
    decision = session.scalar(select(func.max(DecisionRecord.id))) or 0
    found: set[str] = set()
    if event > seen.event:
        found |= set(session.scalars(
            select(MarkingAnswerRecord.archive)
            .join(AssignmentRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
            .join(MarkEventRecord, MarkEventRecord.assignment == AssignmentRecord.id)
            .where(MarkEventRecord.id > seen.event - AGAIN).distinct()))
    if decision > seen.decision:
        found |= set(session.scalars(
            select(MarkingAnswerRecord.archive).join(DecisionRecord, DecisionRecord.answer == MarkingAnswerRecord.id)
            .where(DecisionRecord.id > seen.decision - AGAIN).distinct()))
    return found, Seen(event, decision)


def _list_next(session: Session, after: str) -> list[str]:
    """The next works in the order of their archives; after the last one it begins anew."""
    return list(session.scalars(select(MarkingWorkRecord.archive).where(
        MarkingWorkRecord.archive > after).order_by(MarkingWorkRecord.archive).limit(IN_TURN)))


def count_work(session: Session, archive: str) -> Count:
    """What is marked counts for who marked it; what waits, lies on a desk or before the head, for nobody."""
    work = session.get_one(MarkingWorkRecord, archive)
    row = AssignmentRecord
    groups = session.execute(
        select(row.expert, row.round, row.state, func.count()).join(
            MarkingAnswerRecord, MarkingAnswerRecord.id == row.answer)
        .where(MarkingAnswerRecord.archive == archive, row.copy == "").group_by(row.expert, row.round, row.state))
    told: dict[str, Tally] = {}
    for expert, number, state, count in groups:
        who = (expert or "") if state in STANDING else ""
        told[who] = told.get(who, Tally()) + _describe(state in STANDING, number == THIRD, count)
    key = TallyKey(work.school, work.campaign, Step.MARKING, f"{work.assessment}:{archive[:8]}")
    return Count(key, str(work.definition.get("subject", ""))[:80], told)


def _describe(is_done: bool, is_third: bool, count: int) -> Tally:
    thirds = count if is_third else 0
    return Tally(done=count, thirds=thirds) if is_done else Tally(left=count, thirds_left=thirds)


def _post(offered: Services, one: Count) -> None:
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: post_tallies(session, one.key, one.topic, one.told, now_ms))


def _begin(offered: Services) -> Seen:
    with offered.storage.read() as session:
        return begin_counting(session)


def start_announcing(app: Flask) -> None:
    """In the core of a hub, beside the requests; one bad round never ends the next."""
    offered: Services = app.extensions[EXTENSION]

    def go_on() -> None:
        seen: Seen | None = None
        while True:
            gevent.sleep(ROUND_S)
            try:
                seen = announce_marking(offered, seen or _begin(offered))
            except Exception:
                log.exception("counting what is marked failed")
    gevent.spawn(go_on)
