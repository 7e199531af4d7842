"""Applications in Excel: the form of one school, and the consolidated file of a territory, both ways.

The school's form has a line for each work; the consolidated file has a line for each school, those without an
application too, and a column for each work and form.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import CellFinding, CellProblem, parse_choice
from testing_server.foundation.workbooks.reading import Column, Table, TableRow, read_table
from testing_server.foundation.workbooks.writing import Sheet as Page
from testing_server.foundation.workbooks.writing import Book, SheetColumn, write_form
from testing_server.preparation.applications.rules import (
    MOST_CANDIDATES, EmptyApplication, Numbers, list_steps)
from testing_server.preparation.campaigns.contents import FORMS, Form, Work
from testing_server.preparation.campaigns.rules import Campaign, describe_deadline
from testing_server.preparation.registry.queries import School

TITLE, CONSOLIDATED = "Заявка", "Сводная заявка"
# Headings are what a form is recognised by: they stay Russian in every language of the pages.
WORK, GRADE, SUBJECT = "Код работы", "Класс", "Предмет"
FORM_HEADINGS: dict[Form, str] = {"paper": "На бумаге, участников", "computer": "На компьютере, участников"}
FORM_WORDS: dict[Form, str] = {"paper": "бумага", "computer": "компьютер"}
LOGIN, NAME, MUNICIPALITY, STATE, CONFIRM = "Логин ОО", "ОО", "Муниципалитет", "Состояние", "Подтвердить (да/нет)"
NOT_OFFERED = "—"
LEVEL_WORDS = {"municipal": _("муниципалитет"), "regional": _("регион"), "federal": _("федеральный уровень")}
YES_NO = {"да": True, "нет": False}


class BadWorkbook(Refusal):
    """A file with wrong cells; `findings` name each."""

    code = "bad_workbook"
    status = 422
    message = _("В файле есть ошибки, они перечислены по ячейкам.")
    safe = _("Из файла не взято ничего.")
    remedy = _("Исправьте эти ячейки в Excel и загрузите файл ещё раз.")

    def __init__(self, findings: Sequence[CellFinding], more: int = 0) -> None:
        super().__init__(details={"findings": len(findings) + more})
        self.findings, self.more = list(findings), more


@dataclass(frozen=True)
class ConsolidatedLine:
    """One school of a consolidated file: None where its cells are all empty."""

    school: School
    numbers: Numbers | None
    confirms: bool


def write_school_form(campaign: Campaign, school: School, numbers: Mapping[str, Mapping[str, int]] | None) -> bytes:
    """The form of one school with what is known already."""
    columns = (SheetColumn(WORK, 24), SheetColumn(GRADE, 12), SheetColumn(SUBJECT, 44),
               *(SheetColumn(FORM_HEADINGS[form], 22) for form in FORMS))
    rows = [(work.id, work.grade, work.subject, *(_show_number(work, form, numbers) for form in FORMS))
            for work in campaign.contents.works]
    above = (gettext("Заявка на участие: %(title)s", title=campaign.title), f"{school.name} ({school.login})")
    return write_form(_instruct_school(campaign, school), [Page(TITLE, columns, rows, above)])


def read_school_form(content: bytes, campaign: Campaign) -> Numbers:
    """Raises NotAWorkbook and its kin, BadWorkbook, EmptyApplication."""
    works = {work.id: work for work in campaign.contents.works}
    columns = (Column("work", WORK), *(Column(form, FORM_HEADINGS[form], parse_number, required=False, empty=None)
                                       for form in FORMS))
    table = read_table(content, columns, TITLE)
    _require_columns(table, columns)
    numbers, said = _collect(table, works)
    _refuse_findings(table)
    if not said:
        raise EmptyApplication()
    return numbers


def parse_number(text: str) -> int | None:
    """How many candidates; a dash says that the work is not offered so. Raises CellProblem."""
    if text in (NOT_OFFERED, "-", "–"):
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= MOST_CANDIDATES):
        raise CellProblem(_("нужно целое число от 0 до %(most)s, а стоит «%(text)s»", most=MOST_CANDIDATES,
                            text=text[:40]))
    return int(text)


def describe_consolidated(campaign: Campaign, lines: Iterable[tuple[School, Mapping[str, Any] | None, str]],
                          place: str) -> Book:
    """Every school of a territory, those without an application too. `lines`: (school, numbers, state in words)."""
    offered = list(_list_offered(campaign))
    columns = (SheetColumn(LOGIN, 14), SheetColumn(NAME, 40), SheetColumn(MUNICIPALITY, 24), SheetColumn(STATE, 24),
               SheetColumn(CONFIRM, 14, tuple(YES_NO)), *(SheetColumn(one[0], 14) for one in offered))
    rows = [(school.login, school.name, school.municipality, state, "",
             *((numbers.get(work.id, {}).get(form, 0) if numbers is not None else None)
               for _heading, work, form in offered))
            for school, numbers, state in lines]
    above = (gettext("Сводная заявка: %(title)s", title=campaign.title), place)
    return Book(_instruct_coordinator(campaign), [Page(CONSOLIDATED, columns, rows, above)])


def read_consolidated(content: bytes, campaign: Campaign, schools: Iterable[School]) -> list[ConsolidatedLine]:
    """What a coordinator sends back; schools that are not in the file stay as they are.

    Raises NotAWorkbook and its kin, BadWorkbook, also for a school of another territory.
    """
    offered = list(_list_offered(campaign))
    numbered = [Column(f"{work.id}|{form}", heading, parse_number, required=False, empty=None)
                for heading, work, form in offered]
    columns = (Column("login", LOGIN), Column("confirm", CONFIRM, parse_choice(YES_NO), required=False, empty=False),
               *numbered)
    table = read_table(content, columns, CONSOLIDATED)
    _require_columns(table, columns)
    known, lines, seen = {one.login: one for one in schools}, [], set[str]()
    for row in table.rows:
        login = row.values["login"].lower()
        if login not in known:
            table.add_finding(row.cells["login"], _("школы «%(login)s» на вашей территории нет", login=login[:40]))
        elif login in seen:
            table.add_finding(row.cells["login"], _("школа «%(login)s» стоит дважды", login=login[:40]))
        else:
            seen.add(login)
            lines.append(ConsolidatedLine(known[login], _pick_numbers(row), row.values["confirm"]))
    _refuse_findings(table)
    return lines


def _pick_numbers(row: TableRow) -> Numbers | None:
    numbers: Numbers = {}
    said = False
    for key, count in row.values.items():
        work, separator, form = key.partition("|")
        said = said or bool(separator) and count is not None
        if separator and count:
            numbers.setdefault(work, {})[form] = count  # type: ignore[index]
    return numbers if said else None


def _collect(table: Table, works: Mapping[str, Work]) -> tuple[Numbers, bool]:
    """The numbers, and whether anybody typed one (a nought counts)."""
    numbers: Numbers = {}
    said, seen = False, set[str]()
    for row in table.rows:
        work = works.get(row.values["work"])
        if work is None or work.id in seen:
            told = row.values["work"][:40]
            table.add_finding(row.cells["work"], _("такой работы в кампании нет: «%(work)s»", work=told)
                              if work is None else _("работа «%(work)s» стоит дважды", work=told))
            continue
        seen.add(work.id)
        for form in FORMS:
            count = row.values[form]
            said = said or count is not None
            if count and form not in work.forms:
                table.add_finding(row.cells[form], _("эта работа в такой форме не проводится"))
            elif count:
                numbers.setdefault(work.id, {})[form] = count
    return numbers, said


def _require_columns(table: Table, columns: Sequence[Column]) -> None:
    """Another form, or a column taken out, which would wipe a work for everybody."""
    missing = [one.heading for one in columns if table.rows and not table.rows[0].cells.get(one.key)]
    for heading in missing:
        table.add_finding("", _("нет столбца «%(heading)s»", heading=heading))


def _refuse_findings(table: Table) -> None:
    if table.findings:
        raise BadWorkbook(table.findings, table.more_findings)


def _list_offered(campaign: Campaign) -> Iterable[tuple[str, Work, Form]]:
    for work in campaign.contents.works:
        for form in work.forms:
            yield f"{work.grade} · {work.subject} · {FORM_WORDS[form]}", work, form


def _show_number(work: Work, form: Form, numbers: Mapping[str, Mapping[str, int]] | None) -> int | str | None:
    if form not in work.forms:
        return NOT_OFFERED
    return None if numbers is None else numbers.get(work.id, {}).get(form, 0)


def _instruct_school(campaign: Campaign, school: School) -> list[str]:
    until = describe_deadline(list_steps(campaign)[0].until, school.zone)
    return [
        gettext("Как заполнить заявку"),
        gettext("1. Перейдите на лист «%(sheet)s».", sheet=TITLE),
        gettext("2. В строке каждой работы укажите, сколько участников пишет её на бумаге и сколько на компьютере. "
                "Прочерк стоит там, где такой формы у работы нет."),
        gettext("3. Если школа в работе не участвует, поставьте 0 или оставьте ячейку пустой."),
        gettext("4. Столбцы и коды работ не меняйте: по ним форма читается."),
        gettext("5. Сохраните файл как «Книга Excel (.xlsx)» и загрузите на странице заявки до %(until)s.",
                until=until),
        gettext("Ошибки будут названы по ячейкам; файл с ошибками не принимается целиком.")]


def _instruct_coordinator(campaign: Campaign) -> list[str]:
    steps = "; ".join(f"{LEVEL_WORDS[one.who]} {describe_deadline(one.until)}" for one in list_steps(campaign)[1:])
    return [
        gettext("Как работать со сводной заявкой"),
        gettext("1. На листе «%(sheet)s» — все школы территории; у школ без заявки числа пустые.", sheet=CONSOLIDATED),
        gettext("2. Чтобы подтвердить заявку школы, поставьте «да» в столбце «%(column)s».", column=CONFIRM),
        gettext("3. Чтобы изменить заявку, исправьте числа. Пустая строка школы без заявки остаётся без заявки."),
        gettext("4. Строки можно удалять: школы, которых в файле нет, не меняются. Столбцы удалять нельзя."),
        gettext("5. Загрузите файл на странице заявок. Сроки: %(steps)s.", steps=steps),
        gettext("Если хотя бы в одной ячейке ошибка, не изменится ни одна школа.")]
