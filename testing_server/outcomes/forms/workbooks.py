"""Result forms in Excel, both ways, and the criteria file of a work marked by downloaded criteria.

Takes shapes, candidates and bytes. Gives workbooks whose first sheet is the instruction, and typed rows by cell.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext as _
from openpyxl.utils import get_column_letter

from testing_server.foundation.workbooks.cells import fold_text
from testing_server.foundation.workbooks.reading import SheetMissing, list_sheets, read_lines
from testing_server.foundation.workbooks.writing import INSTRUCTION, Sheet, SheetColumn, write_form
from testing_server.outcomes.forms.rules import (
    CODE_DIGITS, NOT_ATTEMPTED, FormColumn, FormRow, FormShape, OtherForm, TypedRow, read_digits, show_number)
from testing_server.preparation.registry.queries import School

TITLE, CRITERIA = "Протокол", "Критерии"
CODE, VARIANT = "Код участника", "Вариант"
FORM_OF = "Форма сбора результатов:"
HEADING_WITHIN = 30
# "3.К1 (2б)", "3 К1", "9.1 (1б)", "3к1": what stands before the brackets, К in either alphabet
TASK = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)(?:[\s.,]*[кk]\s*([0-9]{1,2}))?\s*(?:\(.*\))?", re.IGNORECASE)


@dataclass(frozen=True)
class FormHead:
    """What is said above the table. `work`: its id, by which the form is known again; `until`: in words, or ""."""

    campaign: str
    work: str
    title: str
    school: School
    until: str = ""

    @property
    def name(self) -> str:
        """The line a form is recognised by."""
        return f"{FORM_OF} {self.campaign} / {self.work} / {self.school.login}"


def write_result_form(head: FormHead, shape: FormShape, rows: Sequence[FormRow]) -> bytes:
    """`rows`: candidates in the order of the list; without points where only the code, or the variant, is known."""
    columns = (SheetColumn(CODE, 16), SheetColumn(VARIANT, 12),
               *(SheetColumn(one.heading, 11) for one in shape.columns))
    lines = [(row.code, row.variant, *(_show(row.points.get(one.id, "")) for one in shape.columns)) for row in rows]
    above = (head.title, f"{head.school.name} ({head.school.login})", head.name)
    return write_form(_instruct(head, shape), [Sheet(TITLE, columns, lines, above)])


def read_result_form(content: bytes, head: FormHead, shape: FormShape) -> tuple[str, list[TypedRow]]:
    """(sheet, every line that says something). Raises NotAWorkbook and its kin, OtherForm."""
    sheet = _find_sheet(list_sheets(content))
    lines = read_lines(content, sheet)
    _check_name(lines, head)
    number, places = _find_heading(lines, shape)
    typed = []
    for offset, cells in enumerate(lines[number:], number + 1):
        row = _read_row(cells, offset, places, shape)
        if row is not None:
            typed.append(row)
    return sheet, typed


def write_criteria(head: FormHead, shape: FormShape) -> bytes:
    """Criteria of one school's work; the school's login stands on both sheets, so that no form is mistaken."""
    stamp = gettext("Логин ОО: %(login)s", login=head.school.login)
    columns = (SheetColumn(gettext("Столбец формы"), 16), SheetColumn(gettext("Что оценивается"), 50),
               SheetColumn(gettext("Баллы"), 10), SheetColumn(gettext("За что ставятся"), 90))
    instruction = [
        gettext("Критерии оценивания: %(title)s", title=head.title), stamp, f"{head.school.name}",
        gettext("1. Оцените работы этой школы по листу «%(sheet)s».", sheet=CRITERIA),
        gettext("2. Баллы внесите в форму сбора результатов этой же школы: логин ОО в форме должен быть тем же."),
        gettext("3. Загрузите форму на странице, где скачаны критерии.")]
    above = (head.title, stamp)
    return write_form(instruction, [Sheet(CRITERIA, columns, _list_levels(shape.columns), above)])


def _list_levels(columns: Iterable[FormColumn]) -> Iterable[tuple[str, str, str, str]]:
    for one in columns:
        levels = one.levels or ((show_number(one.most), gettext("верный ответ")), ("0", gettext("ответ неверный")))
        for points, text in levels:
            yield one.id, one.title, points, text


def _find_sheet(titles: Sequence[str]) -> str:
    known = next((one for one in titles if fold_text(one) == fold_text(TITLE)), None)
    others = [one for one in titles if one != INSTRUCTION]
    if known is None and not others:
        raise SheetMissing()
    return known or others[0]


def _check_name(lines: Sequence[Sequence[str]], head: FormHead) -> None:
    """A form says whose it is; one that says nothing is taken by its columns."""
    for cells in lines[:HEADING_WITHIN]:
        said = next((one for one in cells if one.startswith(FORM_OF)), "")
        if said and fold_text(said) != fold_text(head.name):
            raise OtherForm(_("Это форма другой работы или другой школы: «%(said)s».",
                              said=said.removeprefix(FORM_OF).strip()[:120]))


def _find_heading(lines: Sequence[Sequence[str]], shape: FormShape) -> tuple[int, dict[str, int]]:
    """(number of the heading line from 1, column → place from 0)."""
    wanted = [one.id for one in shape.columns]
    nearest: dict[str, int] = {}
    for number, cells in enumerate(lines[:HEADING_WITHIN], 1):
        places = _place_columns(cells, wanted)
        if {"code", "variant", *wanted} <= set(places):
            return number, places
        nearest = max(nearest, places, key=len)
    missing = [name for key, name in (("code", CODE), ("variant", VARIANT), *((one, one) for one in wanted))
               if key not in nearest]
    if len(missing) == len(wanted) + 2:
        raise SheetMissing()
    raise OtherForm(_("В файле нет столбцов: %(missing)s. Похоже, это форма другой работы.",
                      missing=", ".join(missing[:12])), details={"missing": missing[:20]})


def _place_columns(cells: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, text in enumerate(cells):
        key = _name_column(text)
        if key in ("code", "variant") or key in wanted:
            places.setdefault(key, place)
    return places


def _name_column(text: str) -> str:
    folded = fold_text(text)
    if folded == fold_text(CODE):
        return "code"
    if folded == fold_text(VARIANT):
        return "variant"
    found = TASK.fullmatch(text.strip())
    if found is None:
        return ""
    task, criterion = found.groups()
    return f"{task}.К{int(criterion)}" if criterion else task


def _read_row(cells: Sequence[str], number: int, places: Mapping[str, int], shape: FormShape) -> TypedRow | None:
    texts = {key: cells[place] if place < len(cells) else "" for key, place in places.items()}
    if not any(texts.values()):
        return None
    names = {key: f"{get_column_letter(place + 1)}{number}" for key, place in places.items()}
    return TypedRow(read_digits(texts["code"], CODE_DIGITS), texts["variant"],
                    {one.id: texts[one.id] for one in shape.columns}, names)


def _show(points: str) -> object:
    if points in ("", NOT_ATTEMPTED):
        return points or None
    return float(points) if "." in points else int(points)


def _instruct(head: FormHead, shape: FormShape) -> list[str]:
    lines = [
        gettext("Как заполнить форму сбора результатов"),
        gettext("Работа: %(title)s. Школа: %(school)s, логин ОО %(login)s.", title=head.title, school=head.school.name,
                login=head.school.login),
        gettext("1. Перейдите на лист «%(sheet)s». Одна строка — один участник.", sheet=TITLE),
        gettext("2. Код и вариант уже стоят там, где они известны. Номер варианта бумажной работы впишите с её листа."),
        gettext("3. Поставьте балл в каждый столбец задания или критерия. Наибольший балл указан в скобках. "
                "Дробную часть можно отделять запятой или точкой."),
        gettext("4. «Х» — участник к заданию не приступал: ставится во все критерии этого задания. Ноль — приступал, "
                "но баллов не получил. Русская и латинская буквы годятся обе."),
        gettext("5. Строки участников, которых не было, оставьте без баллов."),
        gettext("6. Фамилий и имён в форме быть не должно: они остаются в бумажном протоколе школы."),
        gettext("7. Сохраните файл как «Книга Excel (.xlsx)» и загрузите на той же странице.")]
    if any(one.zeroes for one in shape.columns):
        columns = ", ".join(one.id for one in shape.columns if one.zeroes)
        lines.append(gettext("Если в столбце %(columns)s стоит 0, за всё это задание засчитывается 0.",
                             columns=columns))
    if head.until:
        lines.append(gettext("Форму принимают до %(until)s.", until=head.until))
    return [*lines, gettext("Ошибки будут названы по ячейкам; файл с ошибкой не принимается целиком.")]
