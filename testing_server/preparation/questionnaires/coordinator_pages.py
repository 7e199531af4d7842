"""The coordinator's page of a questionnaire: who has answered and who has not, and all answers in Excel."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.preparation.asking import (
    list_their_schools, matches, pick_page, read_asked_campaign)
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.exports.pages import Answer, answer_export
from testing_server.preparation.questionnaires.exporting import describe_states
from testing_server.preparation.questionnaires.queries import SchoolAnswers, find_form, list_answers
from testing_server.preparation.questionnaires.rules import QuestionForm, find_rules

pages = Blueprint("questionnaires", __name__)
ORDER = ("waiting", "running", "ready")


@pages.get("/coordinator/campaigns/<campaign>/questionnaires/<questionnaire>")
def show_answers(campaign: str, questionnaire: str) -> str:
    asked = read_asked_campaign(campaign)
    form, found = _list(asked, questionnaire)
    words, only = request.args.get("q", "")[:80], request.args.get("only", "")
    shown = sorted((one for one in found if matches(one.school, words) and only in ("", one.state)),
                   key=lambda one: ORDER.index(one.state))
    lines, total = pick_page(shown, request.args.get("page", ""))
    about: dict[str, Any] = {
        "campaign": asked, "questions": form, "rules": find_rules(asked, questionnaire), "lines": lines,
        "total": total, "words": words, "only": only, "states": describe_states(),
        "counts": {state: sum(one.state == state for one in found) for state in ORDER}}
    return render_template("preparation/questionnaires.html", **about)


@pages.get("/coordinator/campaigns/<campaign>/questionnaires/<questionnaire>.xlsx")
def fetch_answers(campaign: str, questionnaire: str) -> Answer:
    find_form(services().settings.data, read_asked_campaign(campaign), questionnaire)
    return answer_export("questionnaire", campaign=campaign, questionnaire=questionnaire)


def _list(campaign: Campaign, questionnaire: str) -> tuple[QuestionForm, list[SchoolAnswers]]:
    offered = services()
    form, schools = find_form(offered.settings.data, campaign, questionnaire), list_their_schools()
    with offered.storage.read() as session:
        return form, list_answers(session, campaign, questionnaire, form, schools)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(blueprint=pages, access={"show_answers": COORDINATOR, "fetch_answers": COORDINATOR})
