"""The school's page of a questionnaire: on screen, or by an Excel form."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.applications.workbooks import BadWorkbook
from testing_server.preparation.asking import (
    UPLOAD_BYTES, read_asked_campaign, read_author, read_file, read_my_school, read_seen, send_workbook, write)
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.questionnaires.actions import answer_questionnaire
from testing_server.preparation.questionnaires.queries import describe_answers, find_form, name_kind
from testing_server.preparation.questionnaires.rules import (
    SEPARATOR, BadAnswers, QuestionForm, QuestionnaireClosed, check_answers, check_open, find_rules, spell_answer)
from testing_server.preparation.questionnaires.workbooks import describe_way, read_school_form, write_school_form
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.queries import read_history, read_sheet

pages = Blueprint("questionnaire", __name__)
Answer = str | tuple[str, int] | BaseResponse


@pages.get("/school/campaigns/<campaign>/questionnaires/<questionnaire>")
def show_questionnaire(campaign: str, questionnaire: str) -> Answer:
    return _show(read_asked_campaign(campaign), questionnaire)


@pages.post("/school/campaigns/<campaign>/questionnaires/<questionnaire>")
def fill_in(campaign: str, questionnaire: str) -> Answer:
    """What was typed on the screen; a refusal keeps it there."""
    asked = read_asked_campaign(campaign)
    form = _find(asked, questionnaire)
    typed = {one.id: f"{SEPARATOR} ".join(request.form.getlist(one.id)) for one in form.questions}
    try:
        _save(asked, questionnaire, check_answers(form, typed), read_seen())
    except Refusal as refusal:
        return _show(asked, questionnaire, refusal, typed)
    return redirect(url_for("questionnaire.show_questionnaire", campaign=asked.id, questionnaire=questionnaire))


@pages.post("/school/campaigns/<campaign>/questionnaires/<questionnaire>/file")
def upload_file(campaign: str, questionnaire: str) -> Answer:
    asked = read_asked_campaign(campaign)
    form = _find(asked, questionnaire)
    try:
        _save(asked, questionnaire, read_school_form(read_file(), form), None)
    except Refusal as refusal:
        return _show(asked, questionnaire, refusal)
    return redirect(url_for("questionnaire.show_questionnaire", campaign=asked.id, questionnaire=questionnaire))


@pages.get("/school/campaigns/<campaign>/questionnaires/<questionnaire>.xlsx")
def fetch_form(campaign: str, questionnaire: str) -> Response:
    asked, school = read_asked_campaign(campaign), read_my_school()
    form = _find(asked, questionnaire)
    with services().storage.read() as session:
        sheet = read_sheet(session, asked.id, name_kind(questionnaire), school.id)
    return send_workbook(write_school_form(form, school, sheet.content if sheet else {}),
                         f"{questionnaire}-{asked.id}-{school.login}.xlsx")


def _find(campaign: Campaign, questionnaire: str) -> QuestionForm:
    return find_form(services().settings.data, campaign, questionnaire)


def _save(campaign: Campaign, questionnaire: str, answers: dict[str, Any], seen: int | None) -> None:
    write(answer_questionnaire, campaign=campaign, questionnaire=questionnaire, school=read_my_school(),
          answers=answers, author=read_author(), seen=seen)
    flash(gettext("Ответы сохранены."))


def _show(campaign: Campaign, questionnaire: str, refusal: Refusal | None = None,
          typed: dict[str, str] | None = None) -> tuple[str, int]:
    school, form, rules = read_my_school(), _find(campaign, questionnaire), find_rules(campaign, questionnaire)
    with services().storage.read() as session:
        history = read_history(session, campaign.id, name_kind(questionnaire), school.id)
    told = history[0].content if history else {}
    about: dict[str, Any] = {
        "campaign": campaign, "school": school, "questions": form, "rules": rules, "refusal": refusal,
        "history": history, "is_open": _is_open(campaign, questionnaire, school),
        "answers": describe_answers(form, school, history[0] if history else None),
        "values": typed if typed is not None else {one.id: spell_answer(one, told.get(one.id))
                                                   for one in form.questions},
        "seen": read_seen() if typed else (history[0].version if history else 0), "describe_way": describe_way,
        "findings": refusal.findings if isinstance(refusal, BadWorkbook) else [], "separator": SEPARATOR,
        "problems": refusal.problems if isinstance(refusal, BadAnswers) else {}}
    return render_template("preparation/questionnaire.html", **about), refusal.status if refusal else 200


def _is_open(campaign: Campaign, questionnaire: str, school: School) -> bool:
    try:
        check_open(find_rules(campaign, questionnaire), school.zone, services().clock.now_ms())
    except QuestionnaireClosed:
        return False
    return True


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages, body_limits={"upload_file": UPLOAD_BYTES},
    access={name: ORGANIZER for name in ("show_questionnaire", "fill_in", "upload_file", "fetch_form")})
