"""What a line of an uploaded list means beside the registry. Pure: takes a line and what is known; gives its kind."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import TERRITORY_SEPARATOR
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import CellProblem, parse_choice
from testing_server.foundation.workbooks.reading import Column
from testing_server.preparation.registry.rules import BadSchoolLogin, covers, read_school_login
from testing_server.preparation.registry.zones import parse_zone

SHEET = "Школы"
FIELDS = ("name", "municipality", "region", "zone")


class RevisionMissing(Refusal):
    code = "revision_missing"
    status = 404
    message = _("Такой выверки нет или она не из вашей территории.")


class NotReady(Refusal):
    code = "revision_not_ready"
    status = 409
    message = _("Эту выверку сейчас нельзя применить: она ещё читается, в ней есть ошибки или она уже применена.")
    remedy = _("Обновите страницу. Ошибки исправьте в файле и загрузите его снова.")


class RegistryChanged(Refusal):
    code = "registry_changed"
    status = 409
    message = _("Пока вы смотрели, реестр изменил кто-то другой: файл сравнивали уже не с тем, что есть.")
    remedy = _("Загрузите тот же файл ещё раз: он будет сравнён с реестром, какой он сейчас.")


class CannotUndo(Refusal):
    code = "revision_not_undone"
    status = 409
    message = _("Эту выверку отменить нельзя.")
    remedy = _("Исправьте школы новой выверкой.")


@dataclass(frozen=True)
class Line:
    """One line of the file. `number`: in Excel; `cells`: column → "C7"; `closed`: crossed out."""

    number: int
    login: str
    name: str
    municipality: str
    region: str
    zone: str
    closed: bool
    cells: dict[str, str]


@dataclass(frozen=True)
class Known:
    """What the registry says of a login."""

    school: str
    name: str
    municipality: str
    region: str
    zone: str
    is_closed: bool


class LineProblem(Exception):
    """`column`: whose cell is wrong; `message`: in words."""

    def __init__(self, column: str, message: Any) -> None:
        super().__init__(column)
        self.column, self.message = column, message


def judge_line(line: Line, known: Known | None, territory: str | None) -> str:
    """new, changed, closed, reopened or same. Raises LineProblem. `territory`: of whoever uploads."""
    if known is not None and not covers(territory, known):
        raise LineProblem("login", _("логин %(login)s занят школой другой территории", login=line.login))
    if not covers(territory, line):
        raise LineProblem("municipality", _("школа не из вашей территории: %(region)s, %(municipality)s",
                                            region=line.region, municipality=line.municipality))
    if known is None:
        if line.closed:
            raise LineProblem("closed", _("исключать нечего: школы %(login)s в реестре нет", login=line.login))
        return "new"
    if line.closed or known.is_closed:
        return ("same" if known.is_closed else "closed") if line.closed else "reopened"
    return "same" if all(getattr(line, name) == getattr(known, name) for name in FIELDS) else "changed"


def parse_login(text: str) -> str:
    """Raises CellProblem."""
    try:
        return read_school_login(text)
    except BadSchoolLogin as refusal:
        raise CellProblem(_("логин школы — от двух до пяти латинских букв и от трёх цифр, как sch330001; "
                            "а стоит «%(text)s»", text=text[:40])) from refusal


def parse_words(longest: int, is_region: bool = False) -> Callable[[str], str]:
    """A text that a column of the registry can hold."""
    def parse(text: str) -> str:
        if len(text) > longest:
            raise CellProblem(_("длиннее %(longest)s знаков", longest=longest))
        if is_region and TERRITORY_SEPARATOR in text:
            raise CellProblem(_("в названии региона не может быть косой черты"))
        return text
    return parse


COLUMNS = (
    Column("login", "Логин", parse_login, width=14),
    Column("name", "Название школы", parse_words(300), width=60),
    Column("municipality", "Муниципалитет", parse_words(200), width=32),
    Column("region", "Регион", parse_words(200, is_region=True), width=32),
    Column("zone", "Часовой пояс", parse_zone, width=24),
    Column("closed", "Исключить (X)", parse_choice({"X": True, "да": True, "нет": False}), required=False, empty=False,
           width=16),
)
