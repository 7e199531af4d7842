"""Reading progress. Takes a session; gives dataclasses, or lines for a board of forty thousand schools."""
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from testing_server.foundation.progress.records import ProgressLineRecord, ProgressRecord, SchoolContactRecord
from testing_server.foundation.progress.rules import State, Step


@dataclass(frozen=True)
class Progress:
    """`at_ms`: Unix ms of the newest word."""

    school: str
    campaign: str
    step: str
    work: str
    state: str
    at_ms: int


def read_progress(session: Session, school: str | None = None) -> list[Progress]:
    """All schools, or one; ordered by school, campaign, step and work."""
    query = select(ProgressRecord).order_by(
        ProgressRecord.school, ProgressRecord.campaign, ProgressRecord.step, ProgressRecord.work)
    if school is not None:
        query = query.where(ProgressRecord.school == school)
    return [Progress(row.school, row.campaign, row.step, row.work, row.state, row.at_ms)
            for row in session.scalars(query)]


def select_lines(campaign: str) -> Select[str, str, int]:
    """Part of a larger query: (school, line, changed_at_ms) of every school of which something was posted."""
    own, whole = aliased(ProgressLineRecord), aliased(ProgressLineRecord)
    return (select(whole.school, func.coalesce(own.line, whole.line).label("line"),
                   func.coalesce(own.changed_at_ms, whole.changed_at_ms).label("changed_at_ms"))
            .select_from(whole).outerjoin(own, and_(own.school == whole.school, own.campaign == campaign))
            .where(whole.campaign == ""))


def select_contacts() -> Select[str, int]:
    """Part of a larger query: (school, at_ms) of the last contact."""
    return select(SchoolContactRecord.school, SchoolContactRecord.at_ms)


def list_ready(session: Session, campaign: str, step: Step) -> dict[tuple[str, str], int]:
    """(school, work) -> Unix ms since when this step of that work is ready; words of all campaigns count too."""
    return {(row.school, row.work): row.at_ms for row in session.execute(
        select(ProgressRecord.school, ProgressRecord.work, ProgressRecord.at_ms).where(
            ProgressRecord.step == step, ProgressRecord.state == State.READY,
            ProgressRecord.campaign.in_((campaign, ""))))}
