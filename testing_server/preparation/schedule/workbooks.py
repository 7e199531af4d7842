"""Schedules in Excel: the form of one school both ways, and the list of a territory.

The form has a line for each work and form the school applied for, with up to three days and one reserve day.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask_babel import gettext, lazy_gettext as _

from testing_server.foundation.workbooks.cells import CellProblem, parse_choice, parse_date
from testing_server.foundation.workbooks.reading import Column, Table, TableRow, read_table
from testing_server.foundation.workbooks.writing import Sheet as Page
from testing_server.foundation.workbooks.writing import Book, SheetColumn, write_form
from testing_server.preparation.applications.workbooks import (
    FORM_WORDS, GRADE, LOGIN, MUNICIPALITY, NAME, STATE, SUBJECT, WORK, BadWorkbook)
from testing_server.preparation.campaigns.contents import Form, Work
from testing_server.preparation.campaigns.rules import Campaign, describe_deadline
from testing_server.preparation.schedule.actions import Wish
from testing_server.preparation.schedule.queries import SchoolSchedule
from testing_server.preparation.schedule.rules import MOST_DAYS, Days, EmptySchedule, check_day, read_schedule_rules

TITLE = "Расписание"
FORM, PERIOD, RECOMMENDED = "Форма", "Период", "Рекомендуется"
DAYS = tuple(f"День {number}" for number in range(1, MOST_DAYS + 1))
RESERVE, REASON = "Резервный день", "Причина резервного дня"
FORMS_BY_WORD = {word: form for form, word in FORM_WORDS.items()}


def write_school_form(campaign: Campaign, schedule: SchoolSchedule) -> bytes:
    """The form of one school with what is known already."""
    columns = (SheetColumn(WORK, 24), SheetColumn(GRADE, 10), SheetColumn(SUBJECT, 36), SheetColumn(FORM, 12),
               SheetColumn(PERIOD, 24), SheetColumn(RECOMMENDED, 24), *(SheetColumn(day, 14) for day in DAYS),
               SheetColumn(RESERVE, 16), SheetColumn(REASON, 40))
    rows = [_write_line(schedule, work, form) for work, form in schedule.places]
    above = (gettext("Расписание: %(title)s", title=campaign.title),
             f"{schedule.school.name} ({schedule.school.login})")
    return write_form(_instruct(campaign, schedule.school.zone), [Page(TITLE, columns, rows, above)])


def read_school_form(content: bytes, schedule: SchoolSchedule) -> tuple[Days, tuple[Wish, ...]]:
    """Raises NotAWorkbook and its kin, BadWorkbook, EmptySchedule."""
    columns = (Column("work", WORK), Column("form", FORM, parse_choice(FORMS_BY_WORD)),
               *(Column(day, day, required=False) for day in DAYS),
               Column("reserve", RESERVE, parse_date, required=False, empty=None),
               Column("reason", REASON, required=False))
    table = read_table(content, columns, TITLE)
    offered = {(work.id, form): work for work, form in schedule.places}
    days: Days = {}
    wishes: list[Wish] = []
    for row in table.rows:
        place = (row.values["work"], row.values["form"])
        if place not in offered:
            table.add_finding(row.cells["work"], _("школа не заявляла эту работу в такой форме: «%(work)s»",
                                                   work=place[0][:40]))
        elif days.get(place[0], {}).get(place[1]) is not None:
            table.add_finding(row.cells["work"], _("работа «%(work)s» стоит дважды", work=place[0][:40]))
        else:
            days.setdefault(place[0], {})[place[1]] = _read_days(table, row, offered[place], place[1])
            wishes += _read_wish(table, row)
    if table.findings:
        raise BadWorkbook(table.findings, table.more_findings)
    return _drop_empty(days, wishes), tuple(wishes)


def describe_territory(campaign: Campaign, schedules: Iterable[SchoolSchedule], place: str,
                       describe: Mapping[str, str]) -> Book:
    """Every day of every school, and a line for each school that has named none."""
    columns = (SheetColumn(LOGIN, 14), SheetColumn(NAME, 40), SheetColumn(MUNICIPALITY, 24), SheetColumn(STATE, 24),
               SheetColumn(GRADE, 10), SheetColumn(SUBJECT, 36), SheetColumn(FORM, 12), SheetColumn("День", 14),
               SheetColumn(RESERVE, 16))
    works = {work.id: work for work in campaign.contents.works}
    rows = [row for one in schedules for row in _list_rows(one, works, describe[one.state])]
    return Book((), [Page(TITLE, columns, rows, (gettext("Расписание: %(title)s", title=campaign.title), place))])


def _list_rows(one: SchoolSchedule, works: Mapping[str, Work], state: str) -> list[Sequence[str | None]]:
    school = (one.school.login, one.school.name, one.school.municipality, state)
    days: list[Sequence[str | None]] = [
        (*school, works[day.work].grade, works[day.work].subject, FORM_WORDS[day.form],  # type: ignore[index]
         _show(day.day), "да" if day.is_reserve else "") for day in one.days if day.work in works]
    return days or [(*school, None, None, None, None, None)]


def _write_line(schedule: SchoolSchedule, work: Work, form: Form) -> tuple[str | None, ...]:
    period, told = work.periods[form], schedule.sheet.content if schedule.sheet else {}
    days = [_show(day) for day in told.get(work.id, {}).get(form, [])]
    asked = next((one for one in schedule.reserve
                  if (one.work, one.form) == (work.id, form) and one.state != "refused"), None)
    return (work.id, work.grade, work.subject, FORM_WORDS[form], f"{period.first:%d.%m.%Y} – {period.last:%d.%m.%Y}",
            ", ".join(f"{day:%d.%m.%Y}" for day in work.recommended.get(form, ())),
            *(days + [""] * MOST_DAYS)[:MOST_DAYS], _show(asked.day) if asked else "", asked.reason if asked else "")


def _read_days(table: Table, row: TableRow, work: Work, form: Form) -> list[str]:
    found: set[str] = set()
    for key in DAYS:
        text = row.values[key]
        if not text:
            continue
        try:
            found.add(check_day(work, form, text).isoformat())
        except CellProblem as problem:
            table.add_finding(row.cells[key], problem.message)
    return sorted(found)


def _read_wish(table: Table, row: TableRow) -> list[Wish]:
    day, reason = row.values["reserve"], row.values["reason"]
    if day is None:
        return []
    if not reason:
        table.add_finding(row.cells["reason"] or row.cells["reserve"], _("у резервного дня не указана причина"))
    return [Wish(row.values["work"], row.values["form"], day, reason)]


def _drop_empty(days: Days, wishes: list[Wish]) -> Days:
    kept: Days = {work: {form: some for form, some in forms.items() if some} for work, forms in days.items()}
    kept = {work: forms for work, forms in kept.items() if forms}
    if not kept and not wishes:
        raise EmptySchedule()
    return kept


def _show(day: str) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}"


def _instruct(campaign: Campaign, zone: str) -> list[str]:
    rules = read_schedule_rules(campaign)
    lines = [
        gettext("Как заполнить расписание"),
        gettext("1. На листе «%(sheet)s» — работы, которые школа заявила, отдельно на бумаге и на компьютере.",
                sheet=TITLE),
        gettext("2. В столбцах «День 1»–«День 3» поставьте даты внутри периода, например 14.04.2027. Рекомендуемые "
                "даты показаны рядом, но подходит любой день периода."),
        gettext("3. Код работы и форму не меняйте: по ним файл читается."),
        gettext("4. Сохраните файл как «Книга Excel (.xlsx)» и загрузите до %(until)s.",
                until=describe_deadline(rules.until, zone))]
    if rules.reserve is not None:
        lines.append(gettext("5. Если работу нельзя провести в период, укажите резервный день вне периода и причину: "
                             "решение принимает координатор."))
    return [*lines, gettext("Ошибки будут названы по ячейкам; файл с ошибками не принимается целиком.")]
