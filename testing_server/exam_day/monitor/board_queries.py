"""Reading the board of a territory: every school with its line of steps, what changed since, and sums.

Takes a session, a territory and a campaign. Gives plain rows: the page of forty thousand schools draws from them.
"""
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.rules import StageCount, count_letters
from testing_server.foundation.progress.queries import select_contacts, select_lines
from testing_server.foundation.progress.rules import STEPS
from testing_server.preparation.registry.queries import select_places

# A word is written a moment before it can be read, and servers' clocks differ: every answer begins that much earlier.
LINES_AGAIN_MS = 15_000
CONTACTS_AGAIN_MS = 3_000
Place = tuple[str, str]


@dataclass(frozen=True)
class SchoolLine:
    """`line`: letters of the steps (foundation.progress.rules), "" when nothing was posted."""

    id: str
    login: str
    name: str
    region: str
    municipality: str
    zone: str
    line: str
    contact_at_ms: int | None


@dataclass(frozen=True)
class BoardSum:
    """A region or a municipality. `cells`: one for each step, in their order."""

    place: Place
    schools: int
    cells: list[StageCount]


def list_school_lines(session: Session, territory: str | None, campaign: str) -> list[SchoolLine]:
    """Every school of the territory, by region, municipality and name."""
    places, lines = select_places(territory).subquery(), select_lines(campaign).subquery()
    contacts = select_contacts().subquery()
    rows = session.execute(
        select(places, func.coalesce(lines.c.line, ""), contacts.c.at_ms)
        .outerjoin(lines, lines.c.school == places.c.id).outerjoin(contacts, contacts.c.school == places.c.id)
        .order_by(places.c.region, places.c.municipality, places.c.name, places.c.id))
    return [SchoolLine(*row) for row in rows]


def read_lines(session: Session, territory: str | None, campaign: str) -> dict[str, str]:
    """School -> line of every school of which something was posted; of the country without a look at its schools."""
    lines = select_lines(campaign).subquery()
    return _read_pairs(session, territory, select(lines.c.school, lines.c.line), lines)


def read_contacts(session: Session, territory: str | None) -> dict[str, int]:
    """School -> Unix ms of the last contact; of the country without a look at its schools."""
    contacts = select_contacts().subquery()
    return _read_pairs(session, territory, select(contacts.c.school, contacts.c.at_ms), contacts)


def _read_pairs(session: Session, territory: str | None, query: Select[Any, Any], told: Subquery) -> dict[str, Any]:
    if territory is not None:
        places = select_places(territory).subquery()
        query = query.join(places, places.c.id == told.c.school)
    return {school: said for school, said in session.execute(query)}


def list_changed_lines(session: Session, territory: str | None, campaign: str, after_ms: int) -> list[tuple[str, str]]:
    """(school, line) of those whose line changed after that moment, and a little before it."""
    places, lines = select_places(territory).subquery(), select_lines(campaign).subquery()
    return [(row.school, row.line) for row in session.execute(
        select(lines.c.school, lines.c.line).join(places, places.c.id == lines.c.school)
        .where(lines.c.changed_at_ms > after_ms - LINES_AGAIN_MS))]


def list_new_contacts(session: Session, territory: str | None, after_ms: int) -> list[tuple[str, int]]:
    """(school, at_ms) of those heard of after that moment, and a little before it."""
    places, contacts = select_places(territory).subquery(), select_contacts().subquery()
    return [(row.school, row.at_ms) for row in session.execute(
        select(contacts.c.school, contacts.c.at_ms).join(places, places.c.id == contacts.c.school)
        .where(contacts.c.at_ms > after_ms - CONTACTS_AGAIN_MS))]


def sum_territory(session: Session, territory: str | None, campaign: str, *, by_municipality: bool) -> list[BoardSum]:
    """Sums of each region, or of each municipality (then `place` names both); the database counts equal lines."""
    places, lines = select_places(territory).subquery(), select_lines(campaign).subquery()
    keys = [places.c.region, places.c.municipality] if by_municipality else [places.c.region]
    line = func.coalesce(lines.c.line, "")
    rows = session.execute(
        select(*keys, line, func.count()).select_from(places)
        .outerjoin(lines, lines.c.school == places.c.id).group_by(*keys, line))
    found: dict[Place, Counter[str]] = {}
    for *names, text, count in rows:
        found.setdefault((names[0], names[1] if by_municipality else ""), Counter())[text] += count
    return [BoardSum(place, counted.total(), _count_steps(counted.items()))
            for place, counted in sorted(found.items())]


def _count_steps(counted: Iterable[tuple[str, int]]) -> list[StageCount]:
    letters: Sequence[Counter[str]] = [Counter() for _step in STEPS]
    for line, count in counted:
        for counter, letter in zip(letters, line.ljust(len(STEPS), "-"), strict=False):
            counter[letter] += count
    return [count_letters(counter) for counter in letters]
