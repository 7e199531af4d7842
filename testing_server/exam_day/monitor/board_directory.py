"""The schools of a territory as the board draws them, read again only after the registry changed.

Takes the services and a session. Gives columns: forty thousand names hardly ever change, their steps always do.
"""
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.board_queries import Place
from testing_server.foundation.services import Services
from testing_server.preparation.registry.queries import School, list_schools, read_version

NAME = "board_directories"
# of the country and of regions that are looked at; the eldest goes
KEPT = 16
Version = tuple[int | None, ...]


@dataclass(frozen=True)
class Directory:
    """Columns, by region, municipality and name. `numbers`: index into `places` of each school."""

    places: list[Place]
    numbers: list[int]
    ids: list[str]
    logins: list[str]
    names: list[str]


def read_directory(offered: Services, session: Session, territory: str | None) -> Directory:
    """As the registry stands in this session."""
    kept: dict[str | None, tuple[Version, Directory]] = offered.vault.setdefault(NAME, {})
    version = read_version(session)
    found = kept.pop(territory, None)
    if found is None or found[0] != version:
        found = version, make_directory(list_schools(session, territory))
    kept[territory] = found
    if len(kept) > KEPT:
        kept.pop(next(iter(kept)), None)
    return found[1]


def make_directory(schools: Iterable[School]) -> Directory:
    """Rows become columns; a region and municipality is named once."""
    places: dict[Place, int] = {}
    made = Directory([], [], [], [], [])
    for one in schools:
        made.numbers.append(places.setdefault((one.region, one.municipality), len(places)))
        made.ids.append(one.id)
        made.logins.append(one.login)
        made.names.append(one.name)
    made.places.extend(places)
    return made
