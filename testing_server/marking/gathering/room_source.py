"""A classroom's source: its own closed sittings, criteria opened here by their cipher, the school's key.

Answers lie on this server already: sound and files get a second name in the store of files, where the desk looks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import key_id_of, sign_statement, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.packages.finished import (
    FinishedAttempt, HeldSitting, list_finished_ids, list_held, read_finished)
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.criteria import WorkRules, find_criteria_state, find_work_rules
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.loop import keep_loop_free
from testing_server.foundation.services import Services
from testing_server.marking.gathering.actions import WorkToMark
from testing_server.marking.gathering.rules import HeardRecording, SubmittedAttempt
from testing_server.marking.review.records import MarkingAttemptRecord, MarkingWorkRecord
from testing_server.marking.review.settling import read_rules
from testing_server.marking.school.rules import Step, judge_work

log = logging.getLogger(__name__)
BROUGHT_BACK = "marking: sound brought back"


@dataclass(frozen=True)
class OwnWork:
    """A work written on this server, all its sittings of one archive. `rules`: None where no roster names it."""

    archive: str
    assessment: str
    day: str
    campaign: str
    sittings: tuple[str, ...]
    rules: WorkRules | None
    step: Step


def list_own_works(session: Session) -> list[OwnWork]:
    """Works written on this server, in the order of their days."""
    held: dict[str, list[HeldSitting]] = {}
    for one in list_held(session):
        held.setdefault(one.archive, []).append(one)
    return [_describe_own(session, archive, sittings) for archive, sittings in held.items()]


def _describe_own(session: Session, archive: str, sittings: list[HeldSitting]) -> OwnWork:
    first, settled = sittings[0], all(one.is_settled for one in sittings)
    rules = find_work_rules(session, first.day, first.campaign, archive)
    criteria, marking = (rules.criteria, rules.marking) if rules else ("", {})
    step = judge_work(settled, criteria, marking, find_criteria_state(session, criteria))
    return OwnWork(archive, first.assessment, first.day, first.campaign, tuple(one.id for one in sittings), rules, step)


def gather_works(offered: Services) -> int:
    """Queues finished attempts of works that may be marked here now; returns how many are new."""
    with offered.storage.read() as session:
        opened = [one for one in list_own_works(session) if one.step is Step.OPEN]
        due = [(one, fresh) for one in opened if (fresh := _list_fresh(session, one))]
    _bring_sound_back(offered, opened)
    return sum(_gather(offered, work, fresh) for work, fresh in due)


def _bring_sound_back(offered: Services, works: list[OwnWork]) -> None:
    """Once in the life of a process: a copy of the server that was put back has sound, but not its second names."""
    if not works or offered.vault.get(BROUGHT_BACK):
        return
    offered.vault[BROUGHT_BACK] = True
    with offered.storage.read() as session:
        known = set(session.scalars(select(MarkingAttemptRecord.attempt)))
        finished = [one for work in works for sitting in work.sittings
                    for one in read_finished(session, offered.settings.data, sitting, known)]
    keep_loop_free(lambda: [_adopt(offered, one) for one in finished])


def _list_fresh(session: Session, work: OwnWork) -> set[str]:
    """Attempts that are not in the queue yet; none once the protocol is signed."""
    opened = session.get(MarkingWorkRecord, work.archive)
    if opened is not None and opened.state != "open":
        return set()
    known = session.scalars(select(MarkingAttemptRecord.attempt).where(MarkingAttemptRecord.archive == work.archive))
    return {one for sitting in work.sittings for one in list_finished_ids(session, sitting)} - set(known)


def _gather(offered: Services, work: OwnWork, fresh: set[str]) -> int:
    # scoring knows the whole bank: a classroom that marks nothing does not carry it
    from testing_server.marking.gathering.sorting import Sorted, queue_attempts, read_book, sort_attempts
    assert work.rules is not None
    data = offered.settings.data
    with offered.storage.read() as session:
        school = find_school(session)
        finished = [one for sitting in work.sittings for one in read_finished(session, data, sitting, fresh)]
    assert school is not None
    book = read_book(opened_folder(data, work.rules.criteria))

    def sort() -> Sorted:
        return sort_attempts(book, [_describe_attempt(one) for one in finished if _adopt(offered, one)])

    asked = WorkToMark(work.archive, school.id, work.campaign, read_rules(work.rules.marking), book, work.rules.region)
    # digests of sound are counted and answers scored while a sitting of another work may be going on
    return queue_attempts(offered, asked, keep_loop_free(sort))


def _adopt(offered: Services, attempt: FinishedAttempt) -> bool:
    """Whether all its sound and files can be heard and seen at the desk."""
    kept: Iterable[tuple[str, Path]] = [*((one.flac_sha256, one.path) for one in attempt.recordings),
                                        *attempt.files.items()]
    for sha256, path in kept:
        try:
            if not offered.files.has(sha256):
                offered.files.adopt(path, sha256)
        except (OSError, FileMissing):
            log.exception("attempt %s is not marked: %s cannot be read", attempt.attempt, sha256)
            return False
    return True


def _describe_attempt(one: FinishedAttempt) -> SubmittedAttempt:
    recordings = [HeardRecording(heard.item, heard.response, heard.flac_sha256, heard.seconds, heard.verdict)
                  for heard in one.recordings]
    return SubmittedAttempt(one.attempt, one.code, one.variant, one.sitting, one.responses, recordings)


def open_criteria_folder(offered: Services, archive: str) -> Path:
    """Of a work that is marked here, also while a later group writes it. Raises FileMissing for every other."""
    with offered.storage.read() as session:
        opened = session.get(MarkingWorkRecord, archive)
        work = next((one for one in list_own_works(session) if one.archive == archive), None)
    if opened is None or work is None or work.rules is None:
        raise FileMissing()
    return opened_folder(offered.settings.data, work.rules.criteria)


def sign_protocol(offered: Services, payload: dict[str, Any]) -> bytes:
    """The school's signature under a protocol. Raises KeyLocked, NoSchoolKey."""
    return sign_statement(payload, PAYLOAD_TYPES["marking_protocol"], attach_room(offered).keys.key().signing)


def verify_protocol(offered: Services, envelope: bytes) -> str | None:
    """The id of the school's key where its signature fits these bytes."""
    public = attach_room(offered).keys.public
    if public is None:
        return None
    try:
        return verify_statement(envelope, {key_id_of(public): public}, PAYLOAD_TYPES["marking_protocol"]).key_id
    except BadStatement as error:
        log.error("a kept protocol does not verify: %s", error)
        return None
