"""A coordinator's list of schools and the states they are in, as the pages of applications, schedules and
questionnaires show it: the schools themselves, or of a territory that is too large for a list the counts of its parts.

Takes the address and a stage's three ways of reading. Gives a view and its list; of a large territory no school is
read unless it is sought.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import request
from flask_login import current_user
from sqlalchemy.orm import Session

from testing_server.foundation.services import services
from testing_server.preparation.asking import SCHOOLS_OF_A_PAGE, matches, pick_page
from testing_server.preparation.registry.queries import School, count_schools, list_schools, search_schools
from testing_server.preparation.registry.rules import TERRITORY_SEPARATOR, narrow_territory

# the largest region has fewer
MOST_LISTED = 2_500
MOST_FOUND = SCHOOLS_OF_A_PAGE
LONGEST_TERRITORY = 401


@dataclass(frozen=True)
class View:
    """What is looked at. `territory`: the own one or the part of it that was opened; `words`: sought; `only`: a state,
    "" for all; `is_part`: whether one can go up again."""

    territory: str | None
    words: str
    only: str
    is_part: bool

    @property
    def address(self) -> dict[str, Any]:
        """What an address has to say to come back to this part."""
        return {"territory": self.territory or ""} if self.is_part else {}

    def name_part(self, part: str) -> str:
        """The territory of a part of this one (registry.queries.select_parts)."""
        return f"{self.territory}{TERRITORY_SEPARATOR}{part}" if self.territory else part


class Listed(Protocol):
    """A school and how far it is."""

    @property
    def school(self) -> School: ...

    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Reading:
    """A stage's ways of reading. `order`: its states, what needs a person first; `read`: of schools;
    `count`, `count_parts`: of a territory, by SQL alone; `step`: schools of a page."""

    order: Sequence[str]
    read: Callable[[Session, list[School]], Sequence[Any]]
    count: Callable[[Session, str | None], Counter[str]]
    count_parts: Callable[[Session, str | None], dict[str, Counter[str]]]
    step: int = SCHOOLS_OF_A_PAGE


@dataclass(frozen=True)
class StateList:
    """`lines`: the page of those shown, of `total`; `found`: all that were read; `parts`: part -> state -> schools;
    `is_cut`: more were found than are read."""

    view: View
    by_parts: bool
    counts: dict[str, int]
    parts: dict[str, Counter[str]]
    found: Sequence[Any]
    lines: Sequence[Any]
    total: int
    step: int
    is_cut: bool


def read_view() -> View:
    """Of the address; a territory that is not the coordinator's own is passed over."""
    own, asked = current_user.territory or None, request.args
    territory = narrow_territory(own, asked.get("territory", "")[:LONGEST_TERRITORY])
    return View(territory, asked.get("q", "")[:80], asked.get("only", "")[:20], territory != own)


def is_shown_by_parts(session: Session, territory: str | None) -> bool:
    """Whether a territory has more schools than a list shows; a municipality has no parts."""
    has_parts = TERRITORY_SEPARATOR not in (territory or "")
    return has_parts and count_schools(session, territory) > MOST_LISTED


def list_states(view: View, reading: Reading) -> StateList:
    """What the page shows, read at one moment."""
    parts: dict[str, Counter[str]] = {}
    with services().storage.read() as session:
        by_parts = is_shown_by_parts(session, view.territory)
        schools = _choose_schools(session, view, by_parts)
        found = reading.read(session, schools[:MOST_FOUND] if by_parts else schools)
        if not by_parts:
            counts = Counter(one.state for one in found)
        elif view.words.strip():
            counts = reading.count(session, view.territory)
        else:
            parts = reading.count_parts(session, view.territory)
            counts = sum(parts.values(), Counter())
    shown = [one for one in found if matches(one.school, view.words) and view.only in ("", one.state)]
    shown.sort(key=lambda one: reading.order.index(one.state))
    lines, total = pick_page(shown, request.args.get("page", ""), reading.step)
    return StateList(view, by_parts, {state: counts[state] for state in reading.order},
                     {part: of_part for part, of_part in parts.items() if not view.only or of_part[view.only]},
                     found, lines, total, reading.step, by_parts and len(schools) > MOST_FOUND)


def _choose_schools(session: Session, view: View, by_parts: bool) -> list[School]:
    """All of a territory that is listed; of one shown by parts those that are sought."""
    if by_parts and not view.words.strip():
        return []
    if by_parts:
        return search_schools(session, view.words, MOST_FOUND + 1, view.territory)
    return list_schools(session, view.territory)
