"""What a saved copy of a standard answer says of its expert: qualified or not, drifting or not."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.commission.actions import change_member, pause_member
from testing_server.marking.commission.queries import find_commission_of, list_lots_of
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.commission.rules import APPROVED
from testing_server.marking.review.records import AssignmentRecord, MarkEventRecord
from testing_server.marking.standardisation.choosing import find_unseen
from testing_server.marking.standardisation.comparing import make_check
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import (
    Check, describe_drift, describe_qualification, is_qualified, judge_drift)


def judge_saved(session: Session, now_ms: int, row: AssignmentRecord, points: dict[str, int]) -> None:
    """Called in the transaction that saved the copy."""
    commission = find_commission_of(session, row.lot)
    member = session.get(MemberRecord, (commission.id, row.copy), with_for_update=True) if commission else None
    if commission is None or member is None:
        return
    if row.purpose == "qualification" and member.state == "practising":
        _judge_qualification(session, now_ms, commission, member)
    if row.purpose == "control" and member.state == APPROVED:
        _judge_control(session, now_ms, member)


def _judge_qualification(session: Session, now_ms: int, commission: CommissionRecord, member: MemberRecord) -> None:
    """After the last answer of the set that this expert can get: it is passed or failed, and the head is asked."""
    lots = list_lots_of(session, commission)
    if _is_on_desk(session, member.expert) or find_unseen(session, member.expert, "qualification", lots) is not None:
        return
    checks = list_checks(session, member.expert, "qualification", lots)
    state = "qualified" if is_qualified(checks, commission.pass_percent) else "failed"
    change_member(session, now_ms, "system", member, state, describe_qualification(checks, commission.pass_percent))


def _is_on_desk(session: Session, expert: str) -> bool:
    """Whether a copy of the qualification set is not marked yet: taken ahead, or handed to the head with a doubt."""
    return session.scalar(select(AssignmentRecord.id).where(
        AssignmentRecord.copy == expert, AssignmentRecord.purpose == "qualification",
        AssignmentRecord.state.in_(("taken", "referred"))).limit(1)) is not None


def _judge_control(session: Session, now_ms: int, member: MemberRecord) -> None:
    commission = session.get_one(CommissionRecord, member.commission)
    checks = list_checks(session, member.expert, "control", list_lots_of(session, commission), member.judged_from_ms)
    drift = judge_drift(checks)
    if drift is not None:
        pause_member(session, now_ms, "system", member, describe_drift(drift, checks))


def list_checks(session: Session, expert: str, use: str, lots: list[int], from_ms: int = 0) -> list[Check]:
    """The expert's standard answers of one use, as they were marked, oldest first."""
    rows = session.execute(
        select(MarkEventRecord.points, StandardRecord.points, StandardRecord.answer)
        .join(AssignmentRecord, MarkEventRecord.assignment == AssignmentRecord.id)
        .join(StandardRecord, StandardRecord.answer == AssignmentRecord.answer)
        .where(AssignmentRecord.copy == expert, AssignmentRecord.purpose == use, AssignmentRecord.state == "saved",
               AssignmentRecord.lot.in_(lots), MarkEventRecord.kind == "saved", MarkEventRecord.at_ms >= from_ms)
        .order_by(MarkEventRecord.id))
    return [make_check(session, answer, given, agreed) for given, agreed, answer in rows]
