"""Giving out the next answer: one look into an index, one update that only one expert can win.

The look begins at a random place of the lot, so that many experts at once hardly meet, the order tells nothing and
pairs vary; the update names the state it found, so that an answer taken meanwhile is not taken twice. Works alike on
SQLite and PostgreSQL, and costs the same with two hundred answers and with two hundred thousand.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, cast, exists, select, update
from sqlalchemy.orm import Session, aliased

from testing_server.foundation.storage.inserting import choose_insert
from testing_server.marking.commission.rules import Desk, Lot
from testing_server.marking.review.records import AssignmentRecord, PairRecord
from testing_server.marking.review.rules import LEASE_MS, Candidate, choose_candidate

LOOK = 8
DRAWS = 2**52


def find_own_school(desk: Desk, subject: str) -> str | None:
    """The school whose answers an expert does not mark: what a commission's list says comes before the account."""
    return next((seat.school for seat in desk.seats if seat.subject == subject and seat.school), desk.school)


def claim_from(session: Session, now_ms: int, expert: str, lot: Lot, school: str | None,
               chance: random.Random) -> str | None:
    """The assignment that is this expert's now, or None when the lot has nothing for them.

    `school`: the expert's own; None where it does not matter.
    """
    own_school = None if lot.own_school else school
    while True:
        found, is_all = _look(session, lot.id, chance.randrange(DRAWS))
        claimed = _claim_one(session, now_ms, expert, own_school, found)
        if claimed is not None or is_all:
            return claimed
        found = _search(session, lot.id, expert, own_school)
        if not found:
            return None
        claimed = _claim_one(session, now_ms, expert, own_school, found)
        if claimed is not None:
            return claimed


def _look(session: Session, lot: int, start: int) -> tuple[list[Candidate], bool]:
    """Some answers from a place on, going round; and whether these are all that wait."""
    queued = _select_queued(lot)
    rows = list(session.execute(queued.where(AssignmentRecord.draw >= start).limit(LOOK)))
    if len(rows) < LOOK:
        rows += list(session.execute(queued.where(AssignmentRecord.draw < start).limit(LOOK - len(rows))))
    return _read_candidates(session, rows), len(rows) < LOOK


def _search(session: Session, lot: int, expert: str, own_school: str | None) -> list[Candidate]:
    """What waits for this very expert, found by the whole lot: only near the end is there anything to search for."""
    other = aliased(AssignmentRecord)
    query = _select_queued(lot).where(
        ~exists().where(other.answer == AssignmentRecord.answer, other.expert == expert),
        ~cast(AssignmentRecord.barred, String).contains(f'"{expert}"', autoescape=True))
    if own_school is not None:
        query = query.where(AssignmentRecord.school != own_school)
    return _read_candidates(session, list(session.execute(query.limit(LOOK))))


def _select_queued(lot: int) -> Select[str, str, str, list[str]]:
    return (select(AssignmentRecord.id, AssignmentRecord.answer, AssignmentRecord.school, AssignmentRecord.barred)
            .where(AssignmentRecord.lot == lot, AssignmentRecord.state == "queued", AssignmentRecord.copy == "")
            .order_by(AssignmentRecord.draw))


def _read_candidates(session: Session, rows: Sequence[Any]) -> list[Candidate]:
    holders: dict[str, set[str]] = {}
    if rows:
        held = session.execute(
            select(AssignmentRecord.answer, AssignmentRecord.expert)
            .where(AssignmentRecord.answer.in_([row.answer for row in rows]), AssignmentRecord.expert.is_not(None)))
        for answer, expert in held:
            holders.setdefault(answer, set()).add(str(expert))
    return [Candidate(row.id, row.answer, row.school, frozenset(row.barred or []),
                      frozenset(holders.get(row.answer, ()))) for row in rows]


def _claim_one(session: Session, now_ms: int, expert: str, own_school: str | None,
               found: list[Candidate]) -> str | None:
    left = list(found)
    pairs = count_pairs(session, expert, {one for each in found for one in each.holders})
    while (chosen := choose_candidate(left, expert, own_school, pairs)) is not None:
        if _claim(session, now_ms, expert, chosen.assignment):
            for other in chosen.holders:
                _note_pair(session, expert, other)
            return chosen.assignment
        left.remove(chosen)
    return None


def _claim(session: Session, now_ms: int, expert: str, assignment: str) -> bool:
    done = session.execute(
        update(AssignmentRecord).where(AssignmentRecord.id == assignment, AssignmentRecord.state == "queued")
        # a kit it once lay in has nothing to do with it any more
        .values(state="taken", expert=expert, kit=None, taken_at_ms=now_ms, taken_until_ms=now_ms + LEASE_MS,
                version=AssignmentRecord.version + 1)
        .execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0)) == 1


def count_pairs(session: Session, expert: str, others: set[str]) -> dict[str, int]:
    """Other expert → answers given to both so far."""
    if not others:
        return {}
    rows = session.scalars(select(PairRecord).where(
        (PairRecord.one == expert) & PairRecord.other.in_(others)
        | (PairRecord.other == expert) & PairRecord.one.in_(others)))
    return {row.other if row.one == expert else row.one: row.answers for row in rows}


def _note_pair(session: Session, expert: str, other: str) -> None:
    one, two = sorted((expert, other))
    insert = choose_insert(session)
    session.execute(insert(PairRecord).values(one=one, other=two, answers=1).on_conflict_do_update(
        index_elements=["one", "other"], set_={"answers": PairRecord.answers + 1}))
