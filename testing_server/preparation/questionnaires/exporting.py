"""Answers of a territory to one questionnaire in Excel. Takes what was asked; gives the book, read at one moment."""
from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.workbooks.writing import Book
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.questionnaires.queries import find_form, list_answers
from testing_server.preparation.questionnaires.workbooks import describe_territory
from testing_server.preparation.registry.queries import list_schools
from testing_server.preparation.registry.rules import narrow_territory


@export("questionnaire", _("Анкеты"), "{questionnaire}-{campaign}.xlsx", ("campaign", "questionnaire", "territory"))
def compose_answers(session: Session, asked: Asked) -> Book:
    """Raises UnknownCampaign, UnknownQuestionnaire, BadQuestionnaire."""
    campaign, questionnaire = find_campaign(asked.data, asked.arguments["campaign"]), asked.arguments["questionnaire"]
    form = find_form(asked.data, campaign, questionnaire)
    schools = list_schools(session, narrow_territory(asked.territory, asked.arguments["territory"]))
    return describe_territory(form, list_answers(session, campaign, questionnaire, form, schools), describe_states())


def describe_states() -> dict[str, str]:
    """What the states mean here."""
    return {"waiting": gettext("не заполнена"), "running": gettext("не на всё отвечено"), "ready": gettext("заполнена")}
