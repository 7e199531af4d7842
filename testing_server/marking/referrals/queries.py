"""Answers that wait for the head, and those passed on to the coordinator. Takes a session, gives dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.refusals import NotFound
from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import check_led, limit_works
from testing_server.marking.referrals.records import ReferralRecord
from testing_server.marking.referrals.rules import COORDINATOR, order_kinds
from testing_server.marking.review.queries import find_position
from testing_server.marking.review.records import AssignmentRecord, MarkingAnswerRecord, MarkingWorkRecord


@dataclass(frozen=True)
class WaitingReferral:
    """`criteria`: [{"id", "max", …}] of the answer, for the head's points; `sent_to`: empty, or who was told."""

    id: int
    assignment: str
    position: int
    title: dict[str, str]
    kind: str
    reason: str
    by: str
    at_ms: int
    criteria: list[dict[str, Any]]
    sent_to: str
    note: str
    is_copy: bool


@dataclass(frozen=True)
class SentReferral:
    """What a coordinator is told: whose school and code it is, for only the coordinator may act on it."""

    school: str
    attempt: str
    kind: str
    reason: str
    note: str
    at_ms: int
    decision: str


def list_waiting(session: Session, bounds: Bounds) -> list[WaitingReferral]:
    """What waits for this head: what cannot wait comes first, then what waits longest."""
    rows = session.execute(
        select(ReferralRecord, AssignmentRecord, MarkingAnswerRecord)
        .join(AssignmentRecord, AssignmentRecord.id == ReferralRecord.assignment)
        .join(MarkingAnswerRecord, MarkingAnswerRecord.id == AssignmentRecord.answer)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
        .where(ReferralRecord.decision == "", AssignmentRecord.state == "referred", limit_works(bounds)))
    found = [_describe(session, *row) for row in rows]
    return sorted(found, key=lambda one: (order_kinds(one.kind), one.at_ms))


def check_referral_led(session: Session, bounds: Bounds, referral: int) -> None:
    """Raises NotFound for one that waits for another head, as for one that is not there."""
    row = session.get(ReferralRecord, referral)
    if row is None:
        raise NotFound()
    check_led(session, bounds, row.assignment)


def _describe(session: Session, referral: ReferralRecord, assignment: AssignmentRecord,
              answer: MarkingAnswerRecord) -> WaitingReferral:
    definition = session.get_one(MarkingWorkRecord, answer.archive).definition
    return WaitingReferral(
        referral.id, assignment.id, answer.position, find_position(definition, answer.position)["title"],
        referral.kind, referral.reason, referral.by, referral.at_ms,
        definition["criteria"][answer.criteria]["criteria"], referral.sent_to, referral.note, bool(assignment.copy))


def list_sent(session: Session, schools: frozenset[str]) -> list[SentReferral]:
    """What heads passed on about answers of these schools, the newest first."""
    rows = session.execute(
        select(ReferralRecord, AssignmentRecord.school, MarkingAnswerRecord.attempt)
        .join(AssignmentRecord, AssignmentRecord.id == ReferralRecord.assignment)
        .join(MarkingAnswerRecord, MarkingAnswerRecord.id == AssignmentRecord.answer)
        .where(ReferralRecord.sent_to == COORDINATOR).order_by(ReferralRecord.id.desc()))
    return [SentReferral(school, attempt, row.kind, row.reason, row.note, row.at_ms, row.decision)
            for row, school, attempt in rows if school in schools]
