"""The coordinator's page of a questionnaire: who has answered and who has not, and all answers in Excel."""
from __future__ import annotations

from flask import Blueprint, render_template

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.preparation.asking import read_asked_campaign
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.exports.pages import Answer, answer_export
from testing_server.preparation.questionnaires.exporting import describe_states
from testing_server.preparation.questionnaires.queries import (
    count_answers, count_answers_of_parts, find_form, list_answers)
from testing_server.preparation.questionnaires.rules import QuestionForm, find_rules
from testing_server.preparation.state_lists import Reading, list_states, read_view

pages = Blueprint("questionnaires", __name__)


@pages.get("/coordinator/campaigns/<campaign>/questionnaires/<questionnaire>")
def show_answers(campaign: str, questionnaire: str) -> str:
    asked = read_asked_campaign(campaign)
    form = find_form(services().settings.data, asked, questionnaire)
    found = list_states(read_view(), _read(asked, questionnaire, form))
    return render_template("preparation/questionnaires.html", campaign=asked, questions=form, list=found,
                           rules=find_rules(asked, questionnaire), states=describe_states())


@pages.get("/coordinator/campaigns/<campaign>/questionnaires/<questionnaire>.xlsx")
def fetch_answers(campaign: str, questionnaire: str) -> Answer:
    find_form(services().settings.data, read_asked_campaign(campaign), questionnaire)
    return answer_export("questionnaire", campaign=campaign, questionnaire=questionnaire)


def _read(campaign: Campaign, questionnaire: str, form: QuestionForm) -> Reading:
    return Reading(
        ("waiting", "running", "ready"),
        lambda session, schools: list_answers(session, campaign, questionnaire, form, schools),
        lambda session, territory: count_answers(session, campaign, questionnaire, form, territory),
        lambda session, territory: count_answers_of_parts(session, campaign, questionnaire, form, territory))


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(blueprint=pages, access={"show_answers": COORDINATOR, "fetch_answers": COORDINATOR})
