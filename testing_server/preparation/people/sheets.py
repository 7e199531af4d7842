"""Files of this folder: credentials as a workbook or JSON, the trace, experts' lists, numbers. Gives bytes."""
from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.access import Level
from testing_server.foundation.workbooks.writing import Book, Sheet, SheetColumn, write_form
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.people.rules import LEVEL_NAMES
from testing_server.preparation.people.trace import Trace, list_trace

FORMAT = "people-credentials/1"
CREDENTIALS_INSTRUCTION = (
    "Учётные данные: передайте каждому его строку лично или закрытым каналом",
    "1. В листе «Пароли» у каждого своя строка: логин и одноразовый пароль. Не пересылайте лист целиком всем.",
    "2. При первом входе сервер попросит сменить пароль; координатора — ещё и привязать телефон.",
    "3. Кто уже вошёл и сменил пароль, в файле без пароля: его пароль знает только он.",
    "4. Файл действует четырнадцать дней. Когда строки розданы, уничтожьте его на странице, где скачали, и у себя.",
)
MOSCOW = ZoneInfo("Europe/Moscow")


def write_credentials_book(hub: str, lines: Iterable[Trace], passwords: dict[str, str]) -> bytes:
    """`passwords`: login → one-time password; `hub`: the address where people sign in."""
    columns = [SheetColumn("Кому", 60), SheetColumn("Уровень", 30), SheetColumn("Где", 44), SheetColumn("Логин", 34),
               SheetColumn("Одноразовый пароль", 24), SheetColumn("Адрес входа", 40)]
    rows = [[one.title, str(LEVEL_NAMES[Level(one.level)]), one.territory, one.login, passwords.get(one.login, ""), hub]
            for one in lines]
    return write_form(CREDENTIALS_INSTRUCTION, [Sheet("Пароли", columns, rows)])


def write_credentials_json(hub: str, lines: Iterable[Trace], passwords: dict[str, str]) -> bytes:
    """{format, hub, accounts: [{login, password, level, territory, title}]}, for programs."""
    accounts = [{"login": one.login, "password": passwords[one.login], "level": one.level, "territory": one.territory,
                 "title": one.title} for one in lines if one.login in passwords]
    told = {"format": FORMAT, "hub": hub, "accounts": accounts}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


@export("trace", _("След учётных данных"), "trace.xlsx")
def compose_trace(session: Session, asked: Asked) -> Book:
    """Who issued what to whom, fetched when, used when; without passwords."""
    columns = [SheetColumn(heading, width) for heading, width in (
        ("Кому", 60), ("Уровень", 30), ("Где", 44), ("Логин", 34), ("Выдал", 30), ("Выдано (МСК)", 18),
        ("Получил файл", 30), ("Получено (МСК)", 18), ("Использовано (МСК)", 18), ("Заменено (МСК)", 18))]
    rows = [[one.title, str(LEVEL_NAMES[Level(one.level)]), one.territory, one.login, one.issued_by,
             _show(one.issued_at_ms), one.fetched_by or "", _show(one.fetched_at_ms), _show(one.used_at_ms),
             _show(one.replaced_at_ms)] for one in list_trace(session, asked.territory)]
    return Book((), [Sheet("След", columns, rows)])


def _show(at_ms: int | None) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(MOSCOW):%d.%m.%Y %H:%M}" if at_ms else ""
