"""Reading planned days. Takes a session; gives dataclasses."""
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.preparation.rosters.records import ExamDayRecord


@dataclass(frozen=True)
class ExamDay:
    """`day`: ISO date; window in Unix ms; `version`: of the roster issued last, 0 before the first; `forgotten_at_ms`:
    when the roster was deleted by term."""

    school: str
    day: str
    campaign: str
    opens_at_ms: int
    closes_at_ms: int
    version: int
    forgotten_at_ms: int | None


def list_days(session: Session, school: str) -> list[ExamDay]:
    """Planned days of a school, earliest first."""
    query = select(ExamDayRecord).where(ExamDayRecord.school == school).order_by(ExamDayRecord.day)
    return [_describe(row) for row in session.scalars(query)]


def find_day(session: Session, school: str, day: str) -> ExamDay | None:
    """One day, or None."""
    row = session.get(ExamDayRecord, (school, day))
    return _describe(row) if row else None


def _describe(row: ExamDayRecord) -> ExamDay:
    return ExamDay(row.school, row.day, row.campaign, row.opens_at_ms, row.closes_at_ms, row.version,
                   row.forgotten_at_ms)
