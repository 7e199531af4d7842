"""Reading schools. Takes a session; gives dataclasses."""
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from testing_server.preparation.registry.records import RevisionRecord, SchoolRecord, ZoneRequestRecord
from testing_server.preparation.registry.rules import TERRITORY_SEPARATOR, UnknownSchool, covers

PORTION = 1_000


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


def list_schools(session: Session, territory: str | None = None, sought: str = "",
                 limit: int | None = None) -> list[School]:
    """Open schools of a territory, by region, municipality and name; `sought`: part of a login or of a name."""
    record = SchoolRecord
    query = (select(record.id, record.login, record.name, record.municipality, record.region, record.zone)
             .where(record.is_closed.is_(False), lies_within(territory))
             .order_by(record.region, record.municipality, record.name, record.login).limit(limit))
    if sought:
        query = query.where(or_(record.login.contains(sought.lower(), autoescape=True),
                                record.name.contains(sought, autoescape=True)))
    return [School(*row) for row in session.execute(query)]


def search_schools(session: Session, words: str, limit: int, territory: str | None = None) -> list[School]:
    """Open schools, by region, municipality and name, whose login, name or municipality hold all the words in any
    case; `limit` of them where there are more. A database alone would fold the case of Latin letters only."""
    record, sought = SchoolRecord, words.casefold().split()
    found: list[str] = []
    # in the order rows lie in, which is why the closed ones are looked at too
    rows = session.execute(select(record.id, record.is_closed, record.login, record.name, record.municipality)
                           .where(lies_within(territory)))
    for school, is_closed, *texts in chain.from_iterable(rows.partitions(PORTION)):
        told = " ".join(texts).casefold()
        if not is_closed and all(word in told for word in sought):
            found.append(school)
            if len(found) == limit:
                break
    rows.close()
    return [School(*row) for row in session.execute(
        select(record.id, record.login, record.name, record.municipality, record.region, record.zone)
        .where(record.id.in_(found)).order_by(record.region, record.municipality, record.name, record.login))]


def count_schools(session: Session, territory: str | None = None) -> int:
    """How many open schools a territory has."""
    return session.scalar(select(func.count()).select_from(SchoolRecord)
                          .where(SchoolRecord.is_closed.is_(False), lies_within(territory))) or 0


def list_every_place(session: Session, territory: str | None = None) -> list[School]:
    """Schools of a territory, the closed ones too: what they handed in outlives them."""
    record = SchoolRecord
    query = (select(record.id, record.login, record.name, record.municipality, record.region, record.zone)
             .where(lies_within(territory)).order_by(record.id))
    return [School(*row) for row in session.execute(query)]


def lies_within(territory: str | None) -> ColumnElement[bool]:
    """`covers` as a condition on schools."""
    if not territory:
        return true()
    region, _separator, municipality = territory.partition(TERRITORY_SEPARATOR)
    within = SchoolRecord.region == region
    return within & (SchoolRecord.municipality == municipality) if municipality else within


def list_municipalities(session: Session, territory: str | None = None) -> list[tuple[str, str]]:
    """(region, municipality) of the territory's open schools."""
    query = (select(SchoolRecord.region, SchoolRecord.municipality).distinct()
             .where(SchoolRecord.is_closed.is_(False), lies_within(territory))
             .order_by(SchoolRecord.region, SchoolRecord.municipality))
    return [(row.region, row.municipality) for row in session.execute(query)]


def is_open_school(school: ColumnElement[str], territory: str | None = None) -> ColumnElement[bool]:
    """Condition on another table's schools: open, and of the territory."""
    if territory:
        return school.in_(select(SchoolRecord.id).where(SchoolRecord.is_closed.is_(False), lies_within(territory)))
    # of a country few are closed
    return school.not_in(select(SchoolRecord.id).where(SchoolRecord.is_closed.is_(True)))


def select_parts(territory: str | None = None) -> Select[str, str]:
    """Part of a larger query: (id, part) of a territory's open schools: regions, or the municipalities of a region."""
    part = SchoolRecord.municipality if territory else SchoolRecord.region
    return select(SchoolRecord.id, part.label("part")).where(SchoolRecord.is_closed.is_(False), lies_within(territory))


def count_parts(session: Session, territory: str | None = None) -> dict[str, int]:
    """Part of a territory (select_parts) -> how many open schools it has, by name."""
    places = select_parts(territory).subquery()
    return {part: count for part, count in session.execute(
        select(places.c.part, func.count()).group_by(places.c.part).order_by(places.c.part))}


def select_places(territory: str | None = None) -> Select[str, str, str, str, str, str]:
    """Part of a larger query: (id, login, name, region, municipality, zone) of the open schools of a territory."""
    return select(
        SchoolRecord.id, SchoolRecord.login, SchoolRecord.name, SchoolRecord.region, SchoolRecord.municipality,
        SchoolRecord.zone).where(SchoolRecord.is_closed.is_(False), lies_within(territory))


def read_version(session: Session) -> tuple[int | None, ...]:
    """Another one after every change of the schools: what was read of them may be kept as long as it is the same.

    Schools are added one by one, by lists that are applied and undone, and get other zones; none is ever taken out.
    """
    lists, zones = RevisionRecord, ZoneRequestRecord
    return tuple(session.execute(select(
        select(func.count()).select_from(SchoolRecord).scalar_subquery(),
        *(select(one).select_from(lists).scalar_subquery() for one in (
            func.count(lists.applied_at_ms), func.max(lists.applied_at_ms),
            func.count(lists.undone_at_ms), func.max(lists.undone_at_ms))),
        select(func.count()).where(zones.state == "approved").scalar_subquery(),
        select(func.max(zones.decided_at_ms)).scalar_subquery())).one())


def list_school_names(session: Session, schools: Collection[str]) -> dict[str, str]:
    """School -> name, of those that are known."""
    return {row.id: row.name for row in session.execute(
        select(SchoolRecord.id, SchoolRecord.name).where(SchoolRecord.id.in_(schools)))}


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


def lies_elsewhere(session: Session, school: str, territory: str | None) -> bool:
    """Whether this is a school of another territory; one that does not exist lies nowhere."""
    row = session.get(SchoolRecord, school)
    return row is not None and not covers(territory, row)


def _describe(row: SchoolRecord) -> School:
    return School(row.id, row.login, row.name, row.municipality, row.region, row.zone)
