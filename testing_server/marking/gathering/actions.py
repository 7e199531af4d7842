"""Opening the marking of a school's work: answers into the queue, machine points beside them. Repeatable."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import State, Step, post_progress
from testing_server.marking.gathering.rules import CriteriaBook, SortedAttempt, SubmittedAttempt
from testing_server.marking.review.claiming import DRAWS
from testing_server.marking.review.records import (
    AssignmentRecord, MachineScoreRecord, MarkingAnswerRecord, MarkingAttemptRecord, MarkingPromptRecord,
    MarkingWorkRecord)
from testing_server.marking.review.settling import MarkingRules, count_rounds
from testing_server.marking.review.thirds import obtain_lot


@dataclass(frozen=True)
class WorkToMark:
    """One school's work: `archive` of its materials, who it belongs to and where, how it is marked."""

    archive: str
    school: str
    campaign: str
    rules: MarkingRules
    book: CriteriaBook
    region: str = ""


def open_work(session: Session, now_ms: int, work: WorkToMark) -> None:
    """Makes the work known once, with what experts will see of its items."""
    if session.get(MarkingWorkRecord, work.archive) is not None:
        return
    assessment = dict(work.book.assessment)
    session.add(MarkingWorkRecord(
        archive=work.archive, school=work.school, campaign=work.campaign, assessment=assessment["id"],
        region=work.region, subject=str(assessment.get("subject", "")), definition=assessment,
        rounds=work.rules.rounds, rules=asdict(work.rules), state="open", opened_at_ms=now_ms))
    session.flush()
    for item, prompt in work.book.prompts.items():
        session.add(MarkingPromptRecord(archive=work.archive, item=item, content=dict(prompt["item"]),
                                        guidance=prompt["guidance"]))
    post_progress(session, work.school, work.campaign, str(assessment["id"]), Step.MARKING, State.RUNNING, now_ms)
    append_audit(session, now_ms, f"school:{work.school}", "system", "marking_opened", work.archive)


def add_attempts(session: Session, now_ms: int, work: WorkToMark,
                 sorted_attempts: Iterable[tuple[SubmittedAttempt, SortedAttempt]]) -> int:
    """Adds attempts not yet known; returns how many. A known attempt is left as it is."""
    added = 0
    for attempt, found in sorted_attempts:
        if session.get(MarkingAttemptRecord, attempt.attempt) is None:
            _add_attempt(session, work, attempt, found)
            added += 1
    if added:
        append_audit(session, now_ms, f"school:{work.school}", "system", "attempts_gathered", work.archive,
                     {"attempts": added})
    return added


def _add_attempt(session: Session, work: WorkToMark, attempt: SubmittedAttempt, found: SortedAttempt) -> None:
    session.add(MarkingAttemptRecord(attempt=attempt.attempt, archive=work.archive, code=attempt.code,
                                     variant=attempt.variant, package=attempt.package, answered=found.answered))
    session.flush()
    for score in found.scores:
        session.add(MachineScoreRecord(
            attempt=attempt.attempt, position=score.position, points=score.points, outcomes=score.outcomes,
            item=score.item, responses=score.responses, correction=work.book.corrections.get(score.item)))
    for answer in found.answers:
        row = MarkingAnswerRecord(id=str(uuid.uuid4()), archive=work.archive, attempt=attempt.attempt,
                                  position=answer.position, item=answer.item, criteria=answer.criteria,
                                  content=answer.content)
        session.add(row)
        session.flush()
        _queue_answer(session, work, row)
    session.flush()


def _queue_answer(session: Session, work: WorkToMark, answer: MarkingAnswerRecord) -> None:
    """One waiting marking for each round, at places of the lot drawn apart."""
    opened = session.get_one(MarkingWorkRecord, work.archive)
    lot = obtain_lot(session, opened, answer.position, work.region, work.rules)
    for number in range(1, count_rounds(work.rules, answer.id) + 1):
        session.add(AssignmentRecord(id=str(uuid.uuid4()), answer=answer.id, round=number, state="queued", lot=lot,
                                     draw=secrets.randbelow(DRAWS), school=work.school, barred=[]))
