"""Opening a referral, deciding it, passing it on. One transaction and one audit line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.marking.referrals.records import ReferralRecord
from testing_server.marking.referrals.rules import COORDINATOR, AlreadyDecided, UnknownDecision, check_referral
from testing_server.marking.review.records import AssignmentRecord, MarkingAnswerRecord, MarkingWorkRecord
from testing_server.marking.review.rules import RoundClosed, check_marks
from testing_server.marking.review.thirds import decide_answer


def open_referral(session: Session, now_ms: int, assignment: str, expert: str, kind: str, reason: str) -> str:
    """Keeps the referral; returns the trimmed words. Raises UnknownKind, ReasonMissing. The caller moves the answer."""
    text = check_referral(kind, reason)
    session.add(ReferralRecord(assignment=assignment, kind=kind, reason=text, by=expert, at_ms=now_ms))
    return text


def close_referrals(session: Session, now_ms: int, head: str, assignment: str, decision: str) -> None:
    """Whatever waits about an answer is decided."""
    for row in session.scalars(select(ReferralRecord).where(
            ReferralRecord.assignment == assignment, ReferralRecord.decision == "")):
        row.decision, row.decided_by, row.decided_at_ms = decision, head, now_ms


def close_with_points(session: Session, now_ms: int, head: str, referral: int, points: Mapping[str, Any] | None,
                      reason: str) -> None:
    """The head's own points are final, or zero in every criterion where `points` is None.

    Raises NotFound, AlreadyDecided, RoundClosed, PointsOutOfRange.
    """
    row, assignment = _load_open(session, referral)
    answer = session.get_one(MarkingAnswerRecord, assignment.answer)
    work = session.get_one(MarkingWorkRecord, answer.archive)
    if work.state != "open":
        raise RoundClosed()
    criteria = work.definition["criteria"][answer.criteria]
    given = points if points is not None else {one["id"]: 0 for one in criteria["criteria"]}
    checked = check_marks(criteria, given)
    check_move("marking_assignment", assignment.state, "closed")
    assignment.state, assignment.version = "closed", assignment.version + 1
    if not assignment.copy:
        decide_answer(session, now_ms, head, answer.id, checked, "referral", reason.strip()[:2_000])
    close_referrals(session, now_ms, head, assignment.id, "zero" if points is None else "points")
    append_audit(session, now_ms, f"school:{work.school}", head, "referral_decided", assignment.id,
                 {"kind": row.kind, "points": checked, "reason": reason.strip()[:2_000]})


def send_on(session: Session, now_ms: int, head: str, referral: int, note: str) -> None:
    """Tells the coordinator: a name, or something alarming. The answer still waits for the head's decision.

    Raises NotFound, AlreadyDecided, UnknownDecision (no words for the coordinator).
    """
    row, assignment = _load_open(session, referral)
    if not note.strip():
        raise UnknownDecision()
    row.sent_to, row.note = COORDINATOR, note.strip()[:2_000]
    append_audit(session, now_ms, f"school:{assignment.school}", head, "referral_sent_on", assignment.id,
                 {"kind": row.kind, "to": COORDINATOR})


def _load_open(session: Session, referral: int) -> tuple[ReferralRecord, AssignmentRecord]:
    row = session.get(ReferralRecord, referral, with_for_update=True)
    if row is None:
        raise NotFound()
    if row.decision:
        raise AlreadyDecided()
    return row, session.get_one(AssignmentRecord, row.assignment, with_for_update=True)
