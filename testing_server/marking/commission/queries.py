"""Reading commissions: seats of an expert, lots, members with how much they marked. Takes a session."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.refusals import NotFound
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.commission.rules import REMOVED, Desk, Lot, Seat
from testing_server.marking.review.records import LotRecord


def read_desk(session: Session, expert: str, marked_today: int) -> Desk:
    """Everything that decides what an expert may mark."""
    account = find_account(session, expert)
    commissions = {row.id: row for row in session.scalars(select(CommissionRecord))}
    with_leads = set(session.scalars(
        select(MemberRecord.commission).where(MemberRecord.is_lead, MemberRecord.state == "approved").distinct()))
    rows = session.scalars(select(MemberRecord).where(MemberRecord.expert == expert, MemberRecord.state != REMOVED)
                           .order_by(MemberRecord.commission))
    seats = [_describe_seat(commissions[row.commission], row, row.commission in with_leads) for row in rows]
    school = next((seat.school for seat in seats if seat.school), account.school if account else None)
    return Desk(seats, frozenset((one.subject, one.region) for one in commissions.values()),
                bool(account and account.is_head), school, marked_today)


def _describe_seat(commission: CommissionRecord, member: MemberRecord, has_leads: bool) -> Seat:
    return Seat(
        commission.id, commission.subject, commission.region, member.state, member.reason, member.is_lead,
        member.school, member.daily_limit or commission.daily_limit, commission.opens_at_ms, commission.closes_at_ms,
        commission.needs_approval, commission.control_every, has_leads)


def list_lots(session: Session) -> list[Lot]:
    """Every lot; there are some dozens."""
    return [Lot(row.id, row.assessment, row.position, row.subject, row.region, row.is_third, row.takers, row.own_school)
            for row in session.scalars(select(LotRecord).order_by(LotRecord.id))]


def list_commissions(session: Session) -> list[CommissionRecord]:
    """By subject and region."""
    return list(session.scalars(select(CommissionRecord)
                                .order_by(CommissionRecord.subject, CommissionRecord.region)))


def find_commission_row(session: Session, commission: str) -> CommissionRecord:
    """Raises NotFound."""
    row = session.get(CommissionRecord, commission)
    if row is None:
        raise NotFound()
    return row


def find_commission_of(session: Session, lot: int | None) -> CommissionRecord | None:
    """The commission that marks a lot: its region's, or the whole hub's of that subject."""
    row = session.get(LotRecord, lot) if lot is not None else None
    if row is None:
        return None
    found = session.scalars(select(CommissionRecord).where(
        CommissionRecord.subject == row.subject, CommissionRecord.region.in_((row.region, ""))))
    return max(found, key=lambda one: len(one.region), default=None)


def list_lots_of(session: Session, commission: CommissionRecord) -> list[int]:
    """Lots a commission marks: of its subject and region; the whole hub's leaves those of regional ones out."""
    rows = session.scalars(select(LotRecord).where(LotRecord.subject == commission.subject))
    return [row.id for row in rows if find_commission_of(session, row.id) is commission]


def list_members(session: Session, commission: str) -> list[MemberRecord]:
    """By login, those who were removed too."""
    return list(session.scalars(select(MemberRecord).where(MemberRecord.commission == commission)
                                .order_by(MemberRecord.expert)))


def count_members(session: Session) -> dict[str, int]:
    """Commission → experts who were not removed."""
    rows = session.execute(select(MemberRecord.commission, func.count()).where(MemberRecord.state != REMOVED)
                           .group_by(MemberRecord.commission))
    return {commission: count for commission, count in rows}


def list_subjects(session: Session) -> list[str]:
    """Subjects of the works under marking."""
    return list(session.scalars(select(LotRecord.subject).distinct().order_by(LotRecord.subject)))
