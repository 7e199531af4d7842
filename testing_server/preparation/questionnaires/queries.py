"""Reading forms and answers. Takes the hub's data folder or a session; gives forms, and each school's answers."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.foundation.storage.joining import join_by_hash
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.questionnaires.rules import (
    Answered, QuestionForm, UnknownQuestionnaire, count_answered, find_rules, read_form)
from testing_server.preparation.registry.queries import (
    School, count_parts, count_schools, is_open_school, select_parts)
from testing_server.preparation.sheets.queries import Sheet, list_sheets, read_shapes, read_sheet, select_newest

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
                 schools: list[School]) -> list[SchoolAnswers]:
    """Of all the schools given, in their order."""
    known = list_sheets(session, campaign.id, name_kind(questionnaire), [one.id for one in schools])
    return [describe_answers(form, one, known.get(one.id)) for one in schools]


def read_answers(session: Session, campaign: Campaign, questionnaire: str, form: QuestionForm,
                 school: School) -> SchoolAnswers:
    """Of one school."""
    return describe_answers(form, school, read_sheet(session, campaign.id, name_kind(questionnaire), school.id))


def describe_answers(form: QuestionForm, school: School, sheet: Sheet | None) -> SchoolAnswers:
    """How far one school is."""
    answered = count_answered(form, sheet.content if sheet else {})
    return SchoolAnswers(school, sheet, _judge(form, sheet.content if sheet else None), answered)


def count_answers(session: Session, campaign: Campaign, questionnaire: str, form: QuestionForm,
                  territory: str | None = None) -> Counter[str]:
    """State -> open schools of a territory; none of them is read."""
    kind = name_kind(questionnaire)
    told = select_newest(campaign.id, kind).subquery()
    rows = session.execute(
        select(told.c.shape, func.min(told.c.school), func.count())
        .where(is_open_school(told.c.school, territory)).group_by(told.c.shape)).all()
    known = read_shapes(session, campaign.id, kind, {shape: school for shape, school, _schools in rows})
    counts = Counter({"waiting": count_schools(session, territory) - sum(row[2] for row in rows)})
    for shape, _school, schools in rows:
        counts[_judge(form, known.get(shape, {}))] += schools
    return +counts


def count_answers_of_parts(session: Session, campaign: Campaign, questionnaire: str, form: QuestionForm,
                           territory: str | None = None) -> dict[str, Counter[str]]:
    """Part of a territory -> state -> open schools; parts by name."""
    join_by_hash(session)
    kind = name_kind(questionnaire)
    places, told = select_parts(territory).subquery(), select_newest(campaign.id, kind).subquery()
    rows = session.execute(
        select(places.c.part, told.c.shape, func.min(told.c.school), func.count())
        .select_from(told.outerjoin(places, places.c.id == told.c.school))
        .group_by(places.c.part, told.c.shape)).all()
    known = read_shapes(session, campaign.id, kind, {shape: school for _part, shape, school, _schools in rows})
    found = {part: Counter({"waiting": schools}) for part, schools in count_parts(session, territory).items()}
    for part, shape, _school, schools in rows:
        if part in found:
            found[part][_judge(form, known.get(shape, {}))] += schools
            found[part]["waiting"] -= schools
    return found


def _judge(form: QuestionForm, content: Mapping[str, object] | None) -> str:
    """waiting while nothing was told, running while required questions are open, or ready."""
    if content is None:
        return "waiting"
    return "ready" if {one.id for one in form.questions if one.required} <= set(content) else "running"
