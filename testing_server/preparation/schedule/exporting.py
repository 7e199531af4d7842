"""Schedules of a territory in Excel. Takes what was asked; gives the book, read at one moment."""
from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.workbooks.writing import Book
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.registry.queries import list_schools
from testing_server.preparation.registry.rules import narrow_territory
from testing_server.preparation.schedule.queries import list_schedules
from testing_server.preparation.schedule.rules import read_schedule_rules
from testing_server.preparation.schedule.workbooks import describe_territory


@export("schedules", _("Расписание"), "schedule-{campaign}.xlsx", ("campaign", "territory"))
def compose_schedules(session: Session, asked: Asked) -> Book:
    """Raises UnknownCampaign, NoSchedule."""
    campaign = find_campaign(asked.data, asked.arguments["campaign"])
    territory = narrow_territory(asked.territory, asked.arguments["territory"])
    read_schedule_rules(campaign)
    found = list_schedules(session, campaign, list_schools(session, territory))
    return describe_territory(campaign, found, territory or gettext("Все регионы"), describe_states())


def describe_states() -> dict[str, str]:
    """What the states mean here."""
    return {"attention": gettext("просит резервный день"), "waiting": gettext("не заполнено"),
            "running": gettext("не все работы"), "ready": gettext("заполнено")}
