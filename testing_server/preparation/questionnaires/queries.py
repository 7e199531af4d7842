"""Reading forms and answers. Takes the hub's data folder or a session; gives forms, and each school's answers."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.questionnaires.rules import (
    Answered, QuestionForm, UnknownQuestionnaire, count_answered, find_rules, read_form)
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.queries import Sheet, list_sheets

SHIPPED = Path(__file__).parent / "data"
FOLDER = "questionnaires"


@dataclass(frozen=True)
class SchoolAnswers:
    """`sheet`: None while the school has told nothing; `state`: waiting, running (some questions open) or ready."""

    school: School
    sheet: Sheet | None
    state: str
    answered: Answered


def name_kind(questionnaire: str) -> str:
    """The kind of its sheets."""
    return f"questionnaire:{questionnaire}"


def find_form(data: Path, campaign: Campaign, questionnaire: str) -> QuestionForm:
    """The hub's own form in data/questionnaires comes before a shipped one.

    Raises UnknownQuestionnaire, BadQuestionnaire.
    """
    name = f"{find_rules(campaign, questionnaire).form}.json"
    for folder in (data / FOLDER, SHIPPED):
        if (folder / name).is_file():
            return read_form((folder / name).read_bytes(), name)
    raise UnknownQuestionnaire(details={"form": name})


def list_answers(session: Session, campaign: Campaign, questionnaire: str, form: QuestionForm,
                 schools: list[School], *, told_only: bool = False) -> list[SchoolAnswers]:
    """Of all the schools given, in their order; `told_only`: without those that have told nothing."""
    known = list_sheets(session, campaign.id, name_kind(questionnaire), [one.id for one in schools])
    return [describe_answers(form, one, known.get(one.id)) for one in schools if not told_only or one.id in known]


def describe_answers(form: QuestionForm, school: School, sheet: Sheet | None) -> SchoolAnswers:
    """How far one school is."""
    answered = count_answered(form, sheet.content if sheet else {})
    required = {one.id for one in form.questions if one.required}
    if sheet is None:
        return SchoolAnswers(school, None, "waiting", answered)
    return SchoolAnswers(school, sheet, "ready" if required <= set(sheet.content) else "running", answered)
