"""What a questionnaire asks and which answers fit. Pure: forms and typed texts are arguments."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from flask_babel import lazy_gettext as _
from msgspec import Meta

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import CellProblem, fold_text, parse_date
from testing_server.preparation.campaigns.contents import Identifier, QuestionnaireRules, Shape, Text
from testing_server.preparation.campaigns.rules import Campaign, compute_deadline, describe_deadline

LONGEST_ANSWER = 2000
YES, NO = "да", "нет"
SEPARATOR = ";"


class UnknownQuestionnaire(Refusal):
    code = "unknown_questionnaire"
    status = 404
    message = _("Такой анкеты в этой кампании нет.")


class BadQuestionnaire(Refusal):
    """Data of a form that must not be used; the text says why."""

    code = "bad_questionnaire"
    status = 422


class QuestionnaireClosed(Refusal):
    code = "questionnaire_closed"
    status = 409
    message = _("Анкета сейчас не принимается.")
    safe = _("Прежние ответы целы; присланное не записано.")
    remedy = _("Если ответы нужно изменить, обратитесь к координатору.")


class EmptyQuestionnaire(Refusal):
    code = "empty_questionnaire"
    status = 422
    message = _("Анкета пустая: нет ни одного ответа.")
    remedy = _("Похоже, загружена незаполненная форма. Заполните её и загрузите снова.")


class BadAnswers(Refusal):
    """`problems`: question id -> what is wrong (lazy text)."""

    code = "bad_answers"
    status = 422
    message = _("В ответах есть ошибки, они отмечены у вопросов.")
    safe = _("Ничего не сохранено, введённое осталось на странице.")
    remedy = _("Исправьте отмеченное и отправьте ещё раз.")

    def __init__(self, problems: dict[str, Any]) -> None:
        super().__init__()
        self.problems = problems


class Question(Shape, frozen=True):
    """`kind`: how it is answered; `least`, `most`: of a number; `options`: of a choice, in order."""

    id: Identifier
    text: Text
    kind: Literal["number", "text", "choice", "many", "yes_no", "date"]
    required: bool = True
    hint: str = ""
    least: int = 0
    most: Annotated[int, Meta(ge=0)] = 1_000_000
    options: tuple[Text, ...] = ()


class QuestionForm(Shape, frozen=True):
    """A form: its instruction line by line, and its questions."""

    id: Identifier
    title: Text
    instruction: tuple[Text, ...]
    questions: Annotated[tuple[Question, ...], Meta(min_length=1)]


@dataclass(frozen=True)
class Answered:
    """How much of a form is answered."""

    done: int
    whole: int


def read_form(content: bytes, name: str) -> QuestionForm:
    """A form from its JSON. Raises BadQuestionnaire naming file, place and reason."""
    try:
        form = msgspec.json.decode(content, type=QuestionForm)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadQuestionnaire(f"{name}: {error}") from error
    ids = [one.id for one in form.questions]
    for number, one in enumerate(form.questions):
        place = f"{name}: $.questions[{number}]"
        if ids.count(one.id) > 1:
            raise BadQuestionnaire(f"{place}.id: {one.id!r} comes twice")
        if (one.kind in ("choice", "many")) != bool(one.options):
            raise BadQuestionnaire(f"{place}.options: a choice has options, nothing else has")
        if one.least > one.most:
            raise BadQuestionnaire(f"{place}.least: above most")
        if any(SEPARATOR in option for option in one.options):
            raise BadQuestionnaire(f"{place}.options: no {SEPARATOR!r} inside an option")
    return form


def find_rules(campaign: Campaign, questionnaire: str) -> QuestionnaireRules:
    """Raises UnknownQuestionnaire."""
    for one in campaign.contents.questionnaires:
        if one.id == questionnaire:
            return one
    raise UnknownQuestionnaire(details={"questionnaire": questionnaire[:80]})


def check_open(rules: QuestionnaireRules, zone: str, now_ms: int) -> None:
    """Raises QuestionnaireClosed before its first day and after its last moment."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()
    if rules.opens is not None and today < rules.opens:
        raise QuestionnaireClosed(_("Анкета откроется %(day)s.", day=f"{rules.opens:%d.%m.%Y}"))
    if rules.until is not None and now_ms >= compute_deadline(rules.until, zone):
        raise QuestionnaireClosed(_("Приём анкет закрыт: срок был %(until)s.",
                                    until=describe_deadline(rules.until, zone)))


def check_answers(form: QuestionForm, typed: Mapping[str, str]) -> dict[str, Any]:
    """Question id -> number, text, list of options, true or false, or a day. Raises EmptyQuestionnaire, BadAnswers."""
    problems: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for question in form.questions:
        text = typed.get(question.id, "").strip()
        try:
            answer = parse_answer(question, text)
        except CellProblem as problem:
            problems[question.id] = problem.message
        else:
            answers |= {} if answer is None else {question.id: answer}
    if not any(text.strip() for text in typed.values()):
        raise EmptyQuestionnaire()
    if problems:
        raise BadAnswers(problems)
    return answers


def parse_answer(question: Question, text: str) -> Any:
    """One answer, None where nothing is said. Raises CellProblem."""
    if not text:
        if question.required:
            raise CellProblem(_("на этот вопрос нужен ответ"))
        return None
    if len(text) > LONGEST_ANSWER:
        raise CellProblem(_("ответ длиннее %(most)s знаков", most=LONGEST_ANSWER))
    return PARSERS[question.kind](question, text)


def spell_answer(question: Question, answer: Any) -> str:
    """As it stands in a field or a cell."""
    if answer is None:
        return ""
    if question.kind == "many":
        return f"{SEPARATOR} ".join(answer)
    if question.kind == "yes_no":
        return YES if answer else NO
    if question.kind == "date":
        return f"{datetime.fromisoformat(answer):%d.%m.%Y}"
    return str(answer)


def count_answered(form: QuestionForm, answers: Mapping[str, Any]) -> Answered:
    """Of all its questions."""
    return Answered(sum(one.id in answers for one in form.questions), len(form.questions))


def _parse_number(question: Question, text: str) -> int:
    plain = text.replace(" ", "").replace(" ", "")
    digits = plain.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10) or not \
            question.least <= int(plain) <= question.most:
        raise CellProblem(_("нужно целое число от %(least)s до %(most)s, а стоит «%(text)s»", least=question.least,
                            most=question.most, text=text[:40]))
    return int(plain)


def _parse_choice(question: Question, text: str) -> str:
    known = {fold_text(option): option for option in question.options}
    if fold_text(text) not in known:
        raise CellProblem(_("можно: %(choices)s; а стоит «%(text)s»", choices=", ".join(question.options),
                            text=text[:40]))
    return known[fold_text(text)]


def _parse_many(question: Question, text: str) -> list[str]:
    chosen = {_parse_choice(question, one) for one in text.split(SEPARATOR) if one.strip()}
    return [option for option in question.options if option in chosen]


def _parse_yes_no(question: Question, text: str) -> bool:
    words = {fold_text(YES): True, fold_text(NO): False}
    if fold_text(text) not in words:
        raise CellProblem(_("нужно «да» или «нет», а стоит «%(text)s»", text=text[:40]))
    return words[fold_text(text)]


PARSERS: dict[str, Any] = {
    "number": _parse_number, "text": lambda _question, text: text, "choice": _parse_choice, "many": _parse_many,
    "yes_no": _parse_yes_no, "date": lambda _question, text: parse_date(text).isoformat()}
