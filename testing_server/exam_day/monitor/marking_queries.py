"""Reading how far marking is, as it was announced: by school for the board, by subject and expert below one place.

Takes a session, the coordinator's territory and a campaign. Gives counts, added up by the database.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.board_queries import LINES_AGAIN_MS
from testing_server.foundation.progress.rules import Step
from testing_server.foundation.progress.tallies import Tally, select_rows, select_sums
from testing_server.preparation.registry.queries import select_places

MOST_PLACES, MOST_EXPERTS = 50, 500


@dataclass(frozen=True)
class MarkingProgress:
    """`subjects`: by name; `schools`: (id, name, municipality, counts) of the MOST_PLACES with most left; `experts`:
    (login, subject, counts) of MOST_EXPERTS who have marked something, `more_experts` of them are left out."""

    whole: Tally
    subjects: list[tuple[str, Tally]]
    schools: list[tuple[str, str, str, Tally]]
    experts: list[tuple[str, str, Tally]]
    more_experts: int


def list_tallies(session: Session, territory: str | None, campaign: str,
                 after_ms: int | None = None) -> list[tuple[str, int, int, int]]:
    """(school, marked, waiting, third ones waiting); `after_ms`: only what changed after it, and a little before."""
    since = None if after_ms is None else after_ms - LINES_AGAIN_MS
    places, sums = select_places(territory).subquery(), select_sums(campaign, Step.MARKING, since).subquery()
    query = select(sums.c.school, sums.c.done, sums.c.left, sums.c.thirds_left).join(
        places, places.c.id == sums.c.school)
    return [(school, int(done), int(left), int(thirds)) for school, done, left, thirds in session.execute(query)]


def describe_marking(session: Session, territory: str | None, campaign: str, chosen: str = "",
                     school: str = "") -> MarkingProgress:
    """Of a part of the territory ("region" or "region/municipality"), or of one school; nothing outside is counted."""
    places, told = _select_part(territory, chosen).subquery(), select_rows(campaign, Step.MARKING).subquery()
    sums = [func.sum(column) for column in (told.c.done, told.c.left, told.c.thirds, told.c.thirds_left)]

    def add_up(*keys: Any) -> Any:
        query = select(*keys, *sums).join(places, places.c.id == told.c.school).group_by(*keys)
        return query.where(told.c.school == school) if school else query

    subjects = _read(session, add_up(told.c.topic).order_by(told.c.topic), 1)
    schools = _read(session, add_up(places.c.id, places.c.name, places.c.municipality).order_by(
        sums[1].desc(), places.c.name).limit(MOST_PLACES), 3)
    experts = _read(session, add_up(told.c.who, told.c.topic).where(told.c.who != "", told.c.done > 0).order_by(
        told.c.who, told.c.topic), 2)
    return MarkingProgress(sum((one[-1] for one in subjects), Tally()), subjects, schools, experts[:MOST_EXPERTS],
                           max(0, len(experts) - MOST_EXPERTS))


def _select_part(territory: str | None, chosen: str) -> Any:
    """A part of the own territory; one that lies outside has no schools."""
    own = select_places(territory)
    if not chosen:
        return own
    part = select_places(chosen)
    return part.where(part.selected_columns.id.in_(select(own.subquery().c.id)))


def _read(session: Session, query: Any, keys: int) -> list[Any]:
    return [(*row[:keys], Tally(*map(int, row[keys:]))) for row in session.execute(query)]
