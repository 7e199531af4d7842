"""Opening a commission, seating experts in it, approving, pausing, ordering remarking. One transaction each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.marking.commission.queries import list_lots_of
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.commission.rules import (
    APPROVED, MEMBER_STATES, PAUSED, REMOVED, BadCommission, check_commission)
from testing_server.marking.review.records import (
    AssignmentRecord, MarkEventRecord, MarkingAnswerRecord, MarkingWorkRecord)

CHAIN = "hub"


@dataclass(frozen=True)
class NewMember:
    """Somebody to be seated. `school`: id of the own school, None where it is no school of the registry."""

    expert: str
    is_lead: bool = False
    school: str | None = None
    daily_limit: int = 0


def open_commission(session: Session, now_ms: int, by: str, data: dict[str, Any]) -> str:
    """A commission of a subject and region, or new rules of the one there is; returns its id. Raises BadCommission.

    `data`: the columns of CommissionRecord but the id.
    """
    check_commission(data)
    row = session.scalar(select(CommissionRecord).where(
        CommissionRecord.subject == data["subject"], CommissionRecord.region == data["region"]))
    if row is None:
        row = CommissionRecord(id=str(uuid.uuid4()))
        session.add(row)
    for name, value in data.items():
        setattr(row, name, value)
    session.flush()
    append_audit(session, now_ms, CHAIN, by, "commission_opened", row.id, data)
    return row.id


def seat_experts(session: Session, now_ms: int, by: str, commission: str, members: Iterable[NewMember]) -> int:
    """Seats experts; who sits already keeps the state. Returns how many are new. Raises NotFound.

    Where the commission wants standardisation first they practise, elsewhere they may mark at once.
    """
    row = session.get(CommissionRecord, commission)
    if row is None:
        raise NotFound()
    added = 0
    for one in members:
        added += _seat(session, now_ms, row, one)
    append_audit(session, now_ms, CHAIN, by, "experts_seated", commission, {"added": added})
    return added


def _seat(session: Session, now_ms: int, commission: CommissionRecord, one: NewMember) -> int:
    member = session.get(MemberRecord, (commission.id, one.expert))
    is_new = member is None or member.state == REMOVED
    if member is None:
        member = MemberRecord(commission=commission.id, expert=one.expert, state=REMOVED, changed_at_ms=now_ms)
        session.add(member)
    if is_new:
        member.state, member.reason = "practising" if commission.needs_approval else APPROVED, ""
        member.changed_at_ms = now_ms
    member.is_lead, member.school, member.daily_limit = one.is_lead, one.school, one.daily_limit
    session.flush()
    return int(is_new)


def decide_member(session: Session, now_ms: int, by: str, commission: str, expert: str, state: str,
                  reason: str) -> None:
    """The head's word: approved (resumed), practising again, paused or removed. Raises NotFound, BadCommission.

    Control answers of before an approval say nothing any more: the head has talked them over.
    """
    member = session.get(MemberRecord, (commission, expert), with_for_update=True)
    if member is None:
        raise NotFound()
    if state not in MEMBER_STATES:
        raise BadCommission()
    if state in (PAUSED, REMOVED):
        pause_member(session, now_ms, by, member, reason.strip()[:500], state)
        return
    if state == APPROVED:
        member.judged_from_ms = now_ms
    change_member(session, now_ms, by, member, state, reason.strip()[:500])


def change_member(session: Session, now_ms: int, by: str, member: MemberRecord, state: str, reason: str) -> None:
    """A new state with its reason, and one audit line."""
    member.state, member.reason, member.changed_at_ms = state, reason, now_ms
    append_audit(session, now_ms, CHAIN, by, f"member_{state}", member.expert,
                 {"commission": member.commission, "reason": reason})


def pause_member(session: Session, now_ms: int, by: str, member: MemberRecord, reason: str,
                 state: str = PAUSED) -> None:
    """Stops an expert: what lies unmarked on the desk goes back to the others' queue."""
    commission = session.get_one(CommissionRecord, member.commission)
    for row in _list_rows(session, commission, member.expert, ("taken", "undone")):
        _requeue(row)
    change_member(session, now_ms, by, member, state, reason)


def order_remarking(session: Session, now_ms: int, by: str, commission: str, expert: str, from_ms: int) -> int:
    """Marks of this expert since a moment are given anew by others; returns how many. Raises NotFound.

    Only of works whose protocol is not signed. The former marks stay as events; the expert never gets them again.
    """
    found = session.get(CommissionRecord, commission)
    if found is None or session.get(MemberRecord, (commission, expert)) is None:
        raise NotFound()
    ordered = [row for row in _list_rows(session, found, expert, ("saved",))
               if _was_saved_since(session, row.id, from_ms) and _is_open(session, row.answer)]
    for row in ordered:
        check_move("marking_assignment", row.state, "remark")
        row.state, row.barred = "remark", [*row.barred, expert]
        _requeue(row)
    append_audit(session, now_ms, CHAIN, by, "remarking_ordered", expert,
                 {"commission": commission, "answers": len(ordered), "from_ms": from_ms})
    return len(ordered)


def _list_rows(session: Session, commission: CommissionRecord, expert: str,
               states: tuple[str, ...]) -> list[AssignmentRecord]:
    return list(session.scalars(select(AssignmentRecord).where(
        AssignmentRecord.expert == expert, AssignmentRecord.state.in_(states), AssignmentRecord.copy == "",
        AssignmentRecord.lot.in_(list_lots_of(session, commission)))))


def _requeue(row: AssignmentRecord) -> None:
    check_move("marking_assignment", row.state, "queued")
    row.state, row.expert, row.version = "queued", None, row.version + 1


def _was_saved_since(session: Session, assignment: str, from_ms: int) -> bool:
    newest = session.scalar(select(func.max(MarkEventRecord.at_ms)).where(
        MarkEventRecord.assignment == assignment, MarkEventRecord.kind == "saved"))
    return (newest or 0) >= from_ms


def _is_open(session: Session, answer: str) -> bool:
    return session.scalar(select(MarkingWorkRecord.state).join(
        MarkingAnswerRecord, MarkingAnswerRecord.archive == MarkingWorkRecord.archive)
        .where(MarkingAnswerRecord.id == answer)) == "open"
