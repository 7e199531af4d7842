"""Reading progress. Takes a session; gives dataclasses."""
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.progress.records import ProgressRecord


@dataclass(frozen=True)
class Progress:
    """`at_ms`: Unix ms of the newest word."""

    school: str
    step: str
    state: str
    at_ms: int


def read_progress(session: Session, school: str | None = None) -> list[Progress]:
    """All schools, or one; ordered by school and step."""
    query = select(ProgressRecord).order_by(ProgressRecord.school, ProgressRecord.step)
    if school is not None:
        query = query.where(ProgressRecord.school == school)
    return [Progress(row.school, row.step, row.state, row.at_ms) for row in session.scalars(query)]
