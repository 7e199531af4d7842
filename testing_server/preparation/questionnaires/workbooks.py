"""Questionnaires in Excel: the form of one school both ways, and the answers of a territory."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext as _

from testing_server.foundation.workbooks.cells import CellProblem
from testing_server.foundation.workbooks.reading import Column, Table, read_table
from testing_server.foundation.workbooks.writing import Sheet as Page
from testing_server.foundation.workbooks.writing import Book, SheetColumn, write_form
from testing_server.preparation.applications.workbooks import LOGIN, MUNICIPALITY, NAME, STATE, BadWorkbook
from testing_server.preparation.questionnaires.queries import SchoolAnswers
from testing_server.preparation.questionnaires.rules import (
    NO, YES, EmptyQuestionnaire, Question, QuestionForm, parse_answer, spell_answer)
from testing_server.preparation.registry.queries import School

TITLE = "Анкета"
CODE, QUESTION, ANSWER, HOW = "Код вопроса", "Вопрос", "Ответ", "Как отвечать"


def write_school_form(form: QuestionForm, school: School, answers: Mapping[str, Any]) -> bytes:
    """The form of one school with what is known already."""
    columns = (SheetColumn(CODE, 18), SheetColumn(QUESTION, 70), SheetColumn(ANSWER, 36), SheetColumn(HOW, 50))
    rows = [(one.id, one.text, spell_answer(one, answers.get(one.id)), describe_way(one)) for one in form.questions]
    above = (form.title, f"{school.name} ({school.login})")
    instruction = [form.title, *form.instruction,
                   gettext("Отвечайте на листе «%(sheet)s» в столбце «%(column)s». Код вопроса не меняйте.",
                           sheet=TITLE, column=ANSWER),
                   gettext("Ошибки будут названы по ячейкам; файл с ошибками не принимается целиком.")]
    return write_form(instruction, [Page(TITLE, columns, rows, above)])


def read_school_form(content: bytes, form: QuestionForm) -> dict[str, Any]:
    """Question id -> answer. Raises NotAWorkbook and its kin, BadWorkbook, EmptyQuestionnaire."""
    table = read_table(content, (Column("code", CODE), Column("answer", ANSWER, required=False)), TITLE)
    questions = {one.id: one for one in form.questions}
    cells: dict[str, tuple[str, str]] = {}
    for row in table.rows:
        code = row.values["code"]
        if code not in questions:
            table.add_finding(row.cells["code"], _("такого вопроса в этой анкете нет: «%(code)s»", code=code[:40]))
        elif code in cells:
            table.add_finding(row.cells["code"], _("вопрос «%(code)s» стоит дважды", code=code[:40]))
        else:
            cells[code] = row.values["answer"], row.cells["answer"]
    if not table.findings and not any(text for text, _cell in cells.values()):
        raise EmptyQuestionnaire()
    answers = {one.id: answer for one in form.questions if (answer := _read_answer(table, one, cells)) is not None}
    if table.findings:
        raise BadWorkbook(table.findings, table.more_findings)
    return answers


def describe_territory(form: QuestionForm, lines: Iterable[SchoolAnswers], states: Mapping[str, str]) -> Book:
    """A line for each school, those that have told nothing too; a column for each question."""
    columns = (SheetColumn(LOGIN, 14), SheetColumn(NAME, 40), SheetColumn(MUNICIPALITY, 24), SheetColumn(STATE, 20),
               *(SheetColumn(one.text, 24) for one in form.questions))
    rows = [(one.school.login, one.school.name, one.school.municipality, states[one.state],
             *(_show(question, one) for question in form.questions)) for one in lines]
    return Book((), [Page(TITLE, columns, rows, (form.title,))])


def describe_way(question: Question) -> str:
    """How a question is answered, in words."""
    ways = {"number": gettext("целое число от %(least)s до %(most)s", least=question.least, most=question.most),
            "text": gettext("текст"), "yes_no": f"{YES} / {NO}", "date": gettext("дата, например 14.04.2027"),
            "choice": gettext("одно из: %(options)s", options="; ".join(question.options)),
            "many": gettext("одно или несколько через точку с запятой: %(options)s",
                            options="; ".join(question.options))}
    return ways[question.kind] if question.required else gettext("%(way)s; можно не отвечать", way=ways[question.kind])


def _read_answer(table: Table, question: Question, cells: Mapping[str, tuple[str, str]]) -> Any:
    text, cell = cells.get(question.id, ("", ""))
    try:
        return parse_answer(question, text)
    except CellProblem as problem:
        words = problem.message if cell else _("вопроса «%(code)s» нет в файле: скачайте форму заново",
                                               code=question.id)
        table.add_finding(cell, words)
        return None


def _show(question: Question, one: SchoolAnswers) -> int | str:
    answer = one.sheet.content.get(question.id) if one.sheet else None
    return answer if question.kind == "number" and isinstance(answer, int) else spell_answer(question, answer)
