"""Reading exports. Takes a session and whose they are; gives dataclasses."""
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.preparation.exports.records import ExportRecord
from testing_server.preparation.exports.rules import KEPT_MS, is_given_up, is_over
from testing_server.foundation.refusals import NotFound


@dataclass(frozen=True)
class Export:
    """`state`: waiting, running, ready, or stopped, which also is who has been silent for long; `until_ms`: then it is
    deleted; `territory`: "" for the country."""

    id: str
    kind: str
    arguments: dict[str, str]
    territory: str
    state: str
    done: int
    whole: int
    sha256: str
    size_bytes: int
    reason: str
    asked_at_ms: int
    until_ms: int


def read_own_export(session: Session, export: str, owner: str, territory: str | None, now_ms: int) -> Export:
    """Raises NotFound, also for somebody else's, for one whose days are over, and for one of a territory that was the
    person's own when it was asked for and is not any more."""
    row = session.get(ExportRecord, export)
    if row is None or row.owner != owner or row.territory != (territory or "") or is_over(row.asked_at_ms, now_ms):
        raise NotFound()
    return _describe(row, now_ms)


def list_own_exports(session: Session, owner: str, territory: str | None, now_ms: int) -> list[Export]:
    """The newest first."""
    rows = session.scalars(select(ExportRecord).where(
        ExportRecord.owner == owner, ExportRecord.territory == (territory or ""),
        ExportRecord.asked_at_ms > now_ms - KEPT_MS).order_by(ExportRecord.asked_at_ms.desc(), ExportRecord.id))
    return [_describe(row, now_ms) for row in rows]


def _describe(row: ExportRecord, now_ms: int) -> Export:
    state = "stopped" if is_given_up(row.state, row.changed_at_ms, now_ms) else row.state
    return Export(row.id, row.kind, row.arguments, row.territory, state, row.done, row.whole, row.sha256,
                  row.size_bytes, row.reason, row.asked_at_ms, row.asked_at_ms + KEPT_MS)
