"""Reading schools. Takes a session; gives dataclasses."""
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.registry.rules import UnknownSchool, covers


@dataclass(frozen=True)
class School:
    """`zone`: IANA name of the school's own time."""

    id: str
    login: str
    name: str
    municipality: str
    region: str
    zone: str


def read_school(session: Session, school: str | None) -> School:
    """By id; somebody of no school has None. Raises UnknownSchool."""
    row = session.get(SchoolRecord, school) if school is not None else None
    if row is None:
        raise UnknownSchool()
    return _describe(row)


def find_school(session: Session, login: str) -> School | None:
    """By login, or None."""
    row = session.scalar(select(SchoolRecord).where(SchoolRecord.login == login.strip().lower()))
    return _describe(row) if row else None


def list_schools(session: Session, territory: str | None = None) -> list[School]:
    """Open schools of a territory, by region, municipality and name."""
    query = (select(SchoolRecord).where(SchoolRecord.is_closed.is_(False))
             .order_by(SchoolRecord.region, SchoolRecord.municipality, SchoolRecord.name))
    return [_describe(row) for row in session.scalars(query) if covers(territory, row)]


def find_ordinal(session: Session, school: str) -> int:
    """How many schools were registered before this one: it never changes, for none is ever taken out."""
    row = session.get(SchoolRecord, school)
    if row is None:
        raise UnknownSchool()
    earlier = (SchoolRecord.created_at_ms, SchoolRecord.id)
    return session.scalar(select(func.count()).select_from(SchoolRecord)
                          .where(tuple_(*earlier) < (row.created_at_ms, row.id))) or 0


def list_ordinals(session: Session) -> dict[str, int]:
    """School -> find_ordinal, for all of them at once."""
    ordered = session.scalars(select(SchoolRecord.id).order_by(SchoolRecord.created_at_ms, SchoolRecord.id))
    return {school: ordinal for ordinal, school in enumerate(ordered)}


def read_own_school(session: Session, school: str, territory: str | None) -> School:
    """A school inside a coordinator's territory. Raises UnknownSchool, also for a school that is elsewhere."""
    found = read_school(session, school)
    if not covers(territory, found):
        raise UnknownSchool()
    return found


def _describe(row: SchoolRecord) -> School:
    return School(row.id, row.login, row.name, row.municipality, row.region, row.zone)
