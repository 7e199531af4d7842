"""Reading revisions. Takes a session and a territory; gives dataclasses."""
from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.access import TERRITORY_SEPARATOR
from testing_server.preparation.registry.records import RevisionProblemRecord, RevisionRecord, RevisionRowRecord
from testing_server.preparation.registry.revisions.comparing import count_kinds
from testing_server.preparation.registry.revisions.rules import FIELDS, RevisionMissing
from testing_server.preparation.registry.rules import is_within

SHOWN_LINES = 300
SHOWN_REVISIONS = 50


@dataclass(frozen=True)
class RevisionLine:
    """One change: `fields` are (column, was, will be) of what differs; empty for schools that come or go whole."""

    number: int
    login: str
    kind: str
    name: str
    place: str
    zone: str
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Revision:
    """`state`: reading, ready, wrong, applied, undone; `counts`: kind → lines; `problems`: (cell, words)."""

    id: str
    file_name: str
    territory: str | None
    state: str
    made_by: str
    made_at_ms: int
    read_rows: int
    missing_rows: int
    note: str
    applied_by: str | None
    applied_at_ms: int | None
    undone_by: str | None
    undone_at_ms: int | None
    more_problems: int
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """Lines that change something."""
        return sum(count for kind, count in self.counts.items() if kind != "same")


def read_revision_of(session: Session, revision: str, territory: str | None) -> Revision:
    """One of the territory or below. Raises RevisionMissing, also for one that is elsewhere."""
    row = session.get(RevisionRecord, revision)
    if row is None or not is_within(territory, row.territory):
        raise RevisionMissing()
    problem = RevisionProblemRecord
    found = session.execute(select(problem.cell, problem.problem).where(problem.revision == revision)
                            .order_by(problem.place))
    return _describe(row, count_kinds(session, revision), [(one.cell, one.problem) for one in found])


def lies_elsewhere(session: Session, revision: str, territory: str | None) -> bool:
    """Whether this is a revision of another territory; one that does not exist lies nowhere."""
    row = session.get(RevisionRecord, revision)
    return row is not None and not is_within(territory, row.territory)


def list_revisions(session: Session, territory: str | None) -> list[Revision]:
    """The newest of the territory and below."""
    query = select(RevisionRecord).order_by(RevisionRecord.made_at_ms.desc()).limit(SHOWN_REVISIONS)
    if territory:
        below = RevisionRecord.territory.startswith(territory + TERRITORY_SEPARATOR, autoescape=True)
        query = query.where((RevisionRecord.territory == territory) | below)
    return [_describe(row, {}, []) for row in session.scalars(query)]


def list_changes(session: Session, revision: str, kind: str) -> list[RevisionLine]:
    """The first lines of one kind, in the order of the file."""
    line = RevisionRowRecord
    rows = session.scalars(select(line).where(line.revision == revision, line.kind == kind).order_by(line.number)
                           .limit(SHOWN_LINES))
    return [RevisionLine(row.number, row.login, row.kind, row.name, f"{row.region}, {row.municipality}", row.zone,
                         _list_fields(row)) for row in rows]


def _list_fields(row: RevisionRowRecord) -> list[tuple[str, str, str]]:
    pairs = ((name, getattr(row, f"{name}_was"), getattr(row, name)) for name in FIELDS)
    return [one for one in pairs if row.kind in ("changed", "reopened") and one[1] != one[2]]


def _describe(row: RevisionRecord, counts: dict[str, int], problems: list[tuple[str, str]]) -> Revision:
    names = ("id", "file_name", "territory", "state", "made_by", "made_at_ms", "read_rows", "missing_rows", "note",
             "applied_by", "applied_at_ms", "undone_by", "undone_at_ms", "more_problems")
    return Revision(**{name: getattr(row, name) for name in names}, counts=counts, problems=problems)
