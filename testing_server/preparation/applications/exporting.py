"""The consolidated file of a territory. Takes what was asked; gives the book, read at one moment."""
from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.workbooks.writing import Book
from testing_server.preparation.applications.queries import SchoolApplication, list_applications
from testing_server.preparation.applications.rules import list_steps
from testing_server.preparation.applications.workbooks import LEVEL_WORDS, describe_consolidated
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.registry.queries import list_schools
from testing_server.preparation.registry.rules import narrow_territory


@export("applications", _("Сводная заявка"), "applications-{campaign}.xlsx", ("campaign", "territory"))
def compose_applications(session: Session, asked: Asked) -> Book:
    """Raises UnknownCampaign, NoApplications."""
    campaign = find_campaign(asked.data, asked.arguments["campaign"])
    territory = narrow_territory(asked.territory, asked.arguments["territory"])
    list_steps(campaign)
    found = list_applications(session, campaign, list_schools(session, territory))
    lines = [(one.school, one.sheet.content if one.sheet else None, describe_state(one)) for one in found]
    return describe_consolidated(campaign, lines, territory or gettext("Все регионы"))


def describe_state(one: SchoolApplication) -> str:
    """In words: not sent, sent and whom it waits for, confirmed."""
    if one.sheet is None:
        return gettext("не заполнена")
    if one.waits_for:
        return gettext("ждёт: %(level)s", level=LEVEL_WORDS[one.waits_for[0]])
    return gettext("подтверждена")
