"""What stands in a cell, as text a rule can compare. Takes values as Excel keeps them; gives trimmed texts.

People type Latin letters that look like Russian ones, commas for points and spaces that cannot be seen; none of that
is an error of theirs.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _

# Latin letters that are read as Russian ones: for comparing only, never for keeping.
LOOK_ALIKE = str.maketrans("AaBCcEeHKkMOoPpTXxYy", "АаВСсЕеНКкМОоРрТХхУу")
DATE_FORMS = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y")
Parse = Callable[[str], Any]


class CellProblem(ValueError):
    """What is wrong with one cell, in words for the person who typed it (lazy text)."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class CellFinding:
    """`cell`: "C7", or "" where the whole sheet is meant; `message`: in words (lazy text)."""

    sheet: str
    cell: str
    message: Any


def as_text(value: Any) -> str:
    """A cell's value as it is seen: whole numbers without ".0", dates as 23.11.2026, one space between words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y}" if value.time() == time() else f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", str(value))).strip()


def fold_text(text: str) -> str:
    """What two spellings of one heading or word have in common: case, look-alike letters, ё, spaces and stops."""
    plain = as_text(text).translate(LOOK_ALIKE).casefold().replace("ё", "е")
    return re.sub(r"[\s.,:;*()№#«»\"'_-]+", "", plain)


def parse_text(text: str) -> str:
    """Any text."""
    return text


def parse_whole(least: int, most: int) -> Parse:
    """Reads a whole number within limits; raises CellProblem naming them."""
    def parse(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise CellProblem(_("нужно целое число от %(least)s до %(most)s, а стоит «%(text)s»",
                                least=least, most=most, text=text[:40]))
        return int(text)
    return parse


def parse_decimal(text: str) -> Decimal:
    """A number with a comma or a point. Raises CellProblem."""
    try:
        number = Decimal(text.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        raise CellProblem(_("нужно число, а стоит «%(text)s»", text=text[:40])) from None
    if not number.is_finite():
        raise CellProblem(_("нужно число, а стоит «%(text)s»", text=text[:40]))
    return number


def parse_date(text: str) -> date:
    """A calendar day: 23.11.2026 or 2026-11-23. Raises CellProblem."""
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise CellProblem(_("нужна дата, например 23.11.2026, а стоит «%(text)s»", text=text[:40]))


def parse_choice(choices: dict[str, Any]) -> Parse:
    """Reads one of some words, forgiving case and look-alike letters; gives what the word stands for."""
    folded = {fold_text(word): value for word, value in choices.items()}

    def parse(text: str) -> Any:
        try:
            return folded[fold_text(text)]
        except KeyError:
            raise CellProblem(_("можно: %(choices)s; а стоит «%(text)s»", choices=", ".join(choices),
                                text=text[:40])) from None
    return parse
