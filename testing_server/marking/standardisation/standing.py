"""How an expert stands beside agreed points, by commission, as the expert may read it. Takes a session."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.commission.queries import list_lots_of
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.commission.rules import REMOVED
from testing_server.marking.standardisation.judging import list_checks
from testing_server.marking.standardisation.rules import Standing, describe_standing


def list_standings(session: Session, expert: str) -> list[tuple[CommissionRecord, Standing | None]]:
    """Every commission of the expert that has control answers, by subject; the standing since the head last let the
    expert go on, None before any control answer."""
    rows = session.execute(
        select(CommissionRecord, MemberRecord.judged_from_ms)
        .join(MemberRecord, MemberRecord.commission == CommissionRecord.id)
        .where(MemberRecord.expert == expert, MemberRecord.state != REMOVED, CommissionRecord.control_every > 0)
        .order_by(CommissionRecord.subject, CommissionRecord.region))
    return [(commission, describe_standing(
        list_checks(session, expert, "control", list_lots_of(session, commission), judged_from)))
        for commission, judged_from in rows]
