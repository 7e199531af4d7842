"""How far marking is in a territory: marked, waiting, third; by place, subject and expert. Takes a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.marking.review.records import AssignmentRecord, LotRecord
from testing_server.marking.review.settling import THIRD
from testing_server.marking.review.thirds import STANDING
from testing_server.preparation.registry.queries import select_places
from testing_server.preparation.registry.rules import TERRITORY_SEPARATOR

DESKS = ("taken", "undone")


@dataclass(frozen=True)
class Place:
    """Where a table is: an empty word is not chosen yet. The rows below are of the next level."""

    region: str = ""
    municipality: str = ""

    @property
    def level(self) -> str:
        """What its rows are: region, municipality or school."""
        return "school" if self.municipality else "municipality" if self.region else "region"

    @property
    def territory(self) -> str:
        """As an account's territory is written; empty for the country."""
        return TERRITORY_SEPARATOR.join(part for part in (self.region, self.municipality) if part)


@dataclass
class Counts:
    """Markings of one row: `thirds` are the third ones, done and not; `thirds_left` those not done."""

    marked: int = 0
    waiting: int = 0
    on_desks: int = 0
    referred: int = 0
    thirds: int = 0
    thirds_left: int = 0

    @property
    def all(self) -> int:
        """Everything there is to mark."""
        return self.marked + self.waiting + self.on_desks + self.referred

    def add(self, state: str, number: int, count: int) -> None:
        """One group of markings of the same state and round."""
        if state in STANDING:
            self.marked += count
        elif state in DESKS:
            self.on_desks += count
        elif state == "referred":
            self.referred += count
        else:
            self.waiting += count
        if number == THIRD:
            self.thirds += count
            self.thirds_left += 0 if state in STANDING else count


@dataclass(frozen=True)
class TerritoryProgress:
    """`places`: (key, name) → counts, those with most to do first; `subjects` likewise by name."""

    whole: Counts
    places: list[tuple[str, str, Counts]]
    subjects: list[tuple[str, Counts]]
    experts: list[tuple[str, str, Counts]]


def find_place(own: str | None, region: str, municipality: str) -> Place:
    """The place asked for, within the coordinator's own territory: above that nobody comes."""
    own_region, _, own_municipality = (own or "").partition(TERRITORY_SEPARATOR)
    region = own_region or region
    return Place(region, (own_municipality or municipality) if region else "")


def describe_territory(session: Session, own: str | None, place: Place, subject: str) -> TerritoryProgress:
    """Counts of a place, of one subject where named. `own`: the coordinator's territory; nothing outside is counted."""
    whole, places = Counts(), dict[tuple[str, str], Counts]()
    subjects, experts = dict[str, Counts](), dict[tuple[str, str], Counts]()
    for row in session.execute(_select_groups(own, place)):
        of_subject, key, name, expert, number, state, count = row
        subjects.setdefault(of_subject, Counts()).add(state, number, count)
        if subject and of_subject != subject:
            continue
        groups = [whole, places.setdefault((key, name), Counts())]
        if expert and state in (*STANDING, *DESKS):
            groups.append(experts.setdefault((expert, of_subject), Counts()))
        for group in groups:
            group.add(state, number, count)
    return TerritoryProgress(
        whole, [(*key, counts) for key, counts in sorted(places.items(), key=_order)],
        sorted(subjects.items()), [(*key, counts) for key, counts in sorted(experts.items())])


def _order(item: tuple[tuple[str, str], Counts]) -> tuple[int, str]:
    (_, name), counts = item
    return counts.marked - counts.all, name


def _select_groups(own: str | None, place: Place) -> Any:
    # both conditions: a place outside the own territory has no schools
    within = select_places(own).subquery()
    chosen = select_places(place.territory or None).subquery()
    key, name = {"region": (chosen.c.region, chosen.c.region),
                 "municipality": (chosen.c.municipality, chosen.c.municipality),
                 "school": (chosen.c.id, chosen.c.name)}[place.level]
    row = AssignmentRecord
    columns = (LotRecord.subject, key.label("place"), name.label("place_name"), row.expert, row.round, row.state)
    return (select(*columns, func.count()).select_from(row).join(LotRecord, LotRecord.id == row.lot)
            .join(chosen, chosen.c.id == row.school).join(within, within.c.id == row.school)
            .where(row.copy == "").group_by(*columns))
