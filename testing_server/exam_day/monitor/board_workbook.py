"""The board as a workbook. Takes what was asked: a territory, a campaign, a filter; gives the book."""
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.board_queries import BoardSum, SchoolLine, list_school_lines, sum_territory
from testing_server.exam_day.monitor.board_rules import choose_lines, read_filter
from testing_server.exam_day.monitor.words import STATE_WORDS, STEP_NAMES
from testing_server.foundation.progress.rules import STEPS, read_line
from testing_server.foundation.workbooks.writing import Book, Sheet, SheetColumn
from testing_server.preparation.campaigns.rules import MOSCOW
from testing_server.preparation.exports import Asked, export

WORKBOOK = "board"


@export(WORKBOOK, lazy_gettext("Доска"), "board-{campaign}.xlsx", ("campaign", "find", "step", "state", "territory"))
def compose_board(session: Session, asked: Asked) -> Book:
    """First what the file is, then the schools that are chosen, then sums of municipalities and regions."""
    territory, campaign = asked.territory, asked.arguments["campaign"]
    schools = choose_lines(list_school_lines(session, territory, campaign), read_filter(asked.arguments))
    municipalities = sum_territory(session, territory, campaign, by_municipality=True)
    regions = sum_territory(session, territory, campaign, by_municipality=False)
    sheets = [_list_schools(schools), _list_sums(_("Муниципалитеты"), municipalities),
              _list_sums(_("Регионы"), regions)]
    return Book([
        _("Доска кампании %(campaign)s", campaign=campaign), _("Школы: те, что отобраны на доске."),
        _("В строках территорий: у скольких школ этап готов, через косую черту — сколько школ всего.")], sheets)


def _list_schools(schools: Iterable[SchoolLine]) -> Sheet:
    columns = [SheetColumn(_("Регион"), 26), SheetColumn(_("Муниципалитет"), 28), SheetColumn(_("Логин"), 14),
               SheetColumn(_("Школа"), 50), *_step_columns(), SheetColumn(_("Последняя связь (МСК)"), 18)]
    return Sheet(_("Школы"), columns, [_describe_school(one) for one in schools])


def _describe_school(one: SchoolLine) -> Sequence[Any]:
    said = read_line(one.line)
    words = [str(STATE_WORDS[said[step]]) if step in said else "" for step in STEPS]
    return [one.region, one.municipality, one.login, one.name, *words, _show_moment(one.contact_at_ms)]


def _list_sums(title: str, sums: Iterable[BoardSum]) -> Sheet:
    rows = [[*one.place, one.schools, *(f"{cell.done}/{cell.whole}" for cell in one.cells)] for one in sums]
    return Sheet(title, [SheetColumn(_("Регион"), 26), SheetColumn(_("Муниципалитет"), 28), SheetColumn(
        _("Школ"), 8), *_step_columns()], rows)


def _step_columns() -> list[SheetColumn]:
    return [SheetColumn(str(STEP_NAMES[step]), 13) for step in STEPS]


def _show_moment(at_ms: int | None) -> str:
    return "" if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(MOSCOW)):%d.%m.%Y %H:%M}"
