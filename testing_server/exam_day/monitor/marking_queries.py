"""Reading how far marking is, as it was announced: by school for the board, by subject and expert below one place.

Takes a session, the coordinator's territory and a campaign. Gives counts.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.board_queries import LINES_AGAIN_MS
from testing_server.foundation.progress.rules import Step
from testing_server.foundation.progress.tallies import Tally, select_rows, select_sums
from testing_server.preparation.registry.queries import select_places

MOST_PLACES = 50


@dataclass(frozen=True)
class MarkingProgress:
    """`schools`: (id, name, municipality, counts) of those with most left; `subjects`: by name; `experts`: (login,
    subject, counts) of who has marked something."""

    whole: Tally
    subjects: list[tuple[str, Tally]]
    schools: list[tuple[str, str, str, Tally]]
    experts: list[tuple[str, str, Tally]]


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
    own, part = select_places(territory).subquery(), select_places(chosen or None).subquery()
    told = select_rows(campaign, Step.MARKING).subquery()
    query = (select(told, part.c.name, part.c.municipality).join(own, own.c.id == told.c.school)
             .join(part, part.c.id == told.c.school))
    if school:
        query = query.where(told.c.school == school)
    return _sum_up(session.execute(query))


def _sum_up(rows: Iterable[Any]) -> MarkingProgress:
    subjects, schools = dict[str, Tally](), dict[tuple[str, str, str], Tally]()
    experts = dict[tuple[str, str], Tally]()
    for row in rows:
        tally = Tally(row.done, row.left, row.thirds, row.thirds_left)
        place = (row.school, row.name, row.municipality)
        subjects[row.topic] = subjects.get(row.topic, Tally()) + tally
        schools[place] = schools.get(place, Tally()) + tally
        if row.who and row.done:
            experts[row.who, row.topic] = experts.get((row.who, row.topic), Tally()) + tally
    behind = sorted(schools.items(), key=lambda one: (-one[1].left, one[0][1]))[:MOST_PLACES]
    return MarkingProgress(
        sum(subjects.values(), Tally()), sorted(subjects.items()), [(*place, tally) for place, tally in behind],
        [(*who, tally) for who, tally in sorted(experts.items())])
