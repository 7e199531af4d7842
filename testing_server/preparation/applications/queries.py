"""Reading applications. Takes a session; gives what each school of a territory applied for, none left out."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.foundation.storage.joining import join_by_hash
from testing_server.preparation.applications.rules import count_candidates, is_confirmed, list_waiting
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import (
    School, count_parts, count_schools, is_open_school, select_parts)
from testing_server.preparation.sheets.queries import Sheet, list_sheets, read_sheet, select_newest

APPLICATION = "application"


@dataclass(frozen=True)
class SchoolApplication:
    """`sheet`: None while the school has told nothing; `state`: waiting, running (sent) or ready (confirmed);
    `waits_for`: levels that have still to confirm."""

    school: School
    sheet: Sheet | None
    state: str
    waits_for: tuple[str, ...]

    @property
    def candidates(self) -> int:
        """Over all works."""
        return count_candidates(self.sheet.content) if self.sheet else 0


def list_applications(session: Session, campaign: Campaign, schools: list[School]) -> list[SchoolApplication]:
    """Of all the schools given, in their order."""
    known = list_sheets(session, campaign.id, APPLICATION, [one.id for one in schools])
    return [_describe(campaign, school, known.get(school.id)) for school in schools]


def read_application(session: Session, campaign: Campaign, school: School) -> SchoolApplication:
    """Of one school."""
    return _describe(campaign, school, read_sheet(session, campaign.id, APPLICATION, school.id))


def count_applications(session: Session, campaign: Campaign, territory: str | None = None) -> Counter[str]:
    """State -> open schools of a territory; none of them is read."""
    told = select_newest(campaign.id, APPLICATION).subquery()
    counts = Counter({"waiting": count_schools(session, territory)})
    for confirmed, schools in session.execute(
            select(told.c.confirmed, func.count()).where(is_open_school(told.c.school, territory))
            .group_by(told.c.confirmed)):
        counts[_judge(campaign, confirmed)] += schools
        counts["waiting"] -= schools
    return +counts


def count_applications_of_parts(session: Session, campaign: Campaign,
                                territory: str | None = None) -> dict[str, Counter[str]]:
    """Part of a territory -> state -> open schools; parts by name."""
    join_by_hash(session)
    places, told = select_parts(territory).subquery(), select_newest(campaign.id, APPLICATION).subquery()
    found = {part: Counter({"waiting": schools}) for part, schools in count_parts(session, territory).items()}
    # from the sheets to the places and not the other way: SQLite then walks both in one order
    for part, confirmed, schools in session.execute(
            select(places.c.part, told.c.confirmed, func.count())
            .select_from(told.outerjoin(places, places.c.id == told.c.school))
            .group_by(places.c.part, told.c.confirmed)):
        if part in found:
            found[part][_judge(campaign, confirmed)] += schools
            found[part]["waiting"] -= schools
    return found


def _judge(campaign: Campaign, confirmed: int) -> str:
    """The state of an application with so many steps behind it."""
    return "ready" if is_confirmed(campaign, confirmed) else "running"


def _describe(campaign: Campaign, school: School, sheet: Sheet | None) -> SchoolApplication:
    if sheet is None:
        return SchoolApplication(school, None, "waiting", ())
    behind = sheet.confirmed
    return SchoolApplication(school, sheet, _judge(campaign, behind), tuple(list_waiting(campaign, behind)))
