"""Reading commissions: seats of an expert, lots, members with how much they marked. Takes a session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from testing_server.foundation.access import TERRITORY_SEPARATOR
from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.refusals import NotFound
from testing_server.marking.commission.bounds import ALL_SUBJECTS, Bounds, find_bounds
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.commission.rules import REMOVED, Desk, Lot, Seat, is_seen
from testing_server.marking.review.records import (
    AssignmentRecord, LotRecord, MarkingAnswerRecord, MarkingWorkRecord)


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
                bool(account and account.is_head), school, marked_today, find_bounds(account) if account else None,
                (account.territory or "").partition(TERRITORY_SEPARATOR)[0] if account else "")


def _describe_seat(commission: CommissionRecord, member: MemberRecord, has_leads: bool) -> Seat:
    return Seat(
        commission.id, commission.subject, commission.region, member.state, member.reason, member.is_lead,
        member.school, member.daily_limit or commission.daily_limit, commission.opens_at_ms, commission.closes_at_ms,
        commission.needs_approval, commission.control_every, has_leads)


def list_lots(session: Session) -> list[Lot]:
    """Every lot; there are some dozens."""
    return [Lot(row.id, row.assessment, row.position, row.subject, row.region, row.is_third, row.takers, row.own_school)
            for row in session.scalars(select(LotRecord).order_by(LotRecord.id))]


def list_seen_lots(session: Session, expert: str) -> list[int]:
    """Lots this expert may mark, now or when the hours come: of all others the expert is told nothing."""
    desk = read_desk(session, expert, 0)
    return [lot.id for lot in list_lots(session) if is_seen(desk, lot)]


def limit_works(bounds: Bounds) -> ColumnElement[bool]:
    """What a head leads, as a condition on MarkingWorkRecord."""
    return _limit(bounds, MarkingWorkRecord.region, MarkingWorkRecord.subject)


def limit_lots(bounds: Bounds) -> ColumnElement[bool]:
    """The same on LotRecord."""
    return _limit(bounds, LotRecord.region, LotRecord.subject)


def _limit(bounds: Bounds, region: Any, subject: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = region == bounds.region if bounds.region else true()
    return found if ALL_SUBJECTS in bounds.subjects else found & subject.in_(sorted(bounds.subjects))


def check_led(session: Session, bounds: Bounds, assignment: str) -> None:
    """Raises NotFound unless this head leads the work whose answer it is; one of elsewhere is no other than none."""
    found = session.scalar(
        select(AssignmentRecord.id).join(MarkingAnswerRecord, MarkingAnswerRecord.id == AssignmentRecord.answer)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
        .where(AssignmentRecord.id == assignment, limit_works(bounds)))
    if found is None:
        raise NotFound()


def list_commissions(session: Session, bounds: Bounds) -> list[CommissionRecord]:
    """Those this head leads, by subject and region."""
    rows = session.scalars(select(CommissionRecord).order_by(CommissionRecord.subject, CommissionRecord.region))
    return [row for row in rows if bounds.hold(row.region, row.subject)]


def find_commission_row(session: Session, commission: str, bounds: Bounds) -> CommissionRecord:
    """Raises NotFound, also for one that another leads."""
    row = session.get(CommissionRecord, commission)
    if row is None or not bounds.hold(row.region, row.subject):
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


def list_subjects(session: Session, bounds: Bounds) -> list[str]:
    """Subjects of the works under marking that this head leads."""
    return list(session.scalars(
        select(LotRecord.subject).where(limit_lots(bounds)).distinct().order_by(LotRecord.subject)))
