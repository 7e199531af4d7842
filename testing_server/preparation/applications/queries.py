"""Reading applications. Takes a session; gives what each school of a territory applied for, none left out."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from testing_server.preparation.applications.rules import count_candidates, is_confirmed, list_waiting
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.queries import Sheet, list_sheets, read_sheet

APPLICATION = "application"


@dataclass(frozen=True)
class SchoolApplication:
    """`sheet`: None while the school has told nothing; `state`: waiting, running (sent) or ready (confirmed);
    `waits_for`: levels that have still to confirm."""

    school: School
    sheet: Sheet | None
    state: str
    waits_for: tuple[str, ...]
    candidates: int


def list_applications(session: Session, campaign: Campaign, schools: list[School], *,
                      told_only: bool = False) -> list[SchoolApplication]:
    """Of all the schools given, in their order; `told_only`: without those that have told nothing."""
    known = list_sheets(session, campaign.id, APPLICATION, [one.id for one in schools])
    return [_describe(campaign, school, known.get(school.id)) for school in schools
            if not told_only or school.id in known]


def read_application(session: Session, campaign: Campaign, school: School) -> SchoolApplication:
    """Of one school."""
    return _describe(campaign, school, read_sheet(session, campaign.id, APPLICATION, school.id))


def _describe(campaign: Campaign, school: School, sheet: Sheet | None) -> SchoolApplication:
    if sheet is None:
        return SchoolApplication(school, None, "waiting", (), 0)
    state = "ready" if is_confirmed(campaign, sheet.confirmed) else "running"
    return SchoolApplication(school, sheet, state, tuple(list_waiting(campaign, sheet.confirmed)),
                             count_candidates(sheet.content))
