"""A list of names as people type it. Pure: takes text; gives code -> name, and the text again."""
from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

LINE = re.compile(r"(\d{5})[\s;,]+(\S.*)")
LONGEST_NAME = 120


class NamesUnreadable(Refusal):
    """Names the line by its number only: what stands in it must not come to a log."""

    code = "names_unreadable"
    status = 422
    message = _("Строка не похожа на «код фамилия имя», код чужой или повторяется.")
    safe = _("Прежний список цел.")
    remedy = _("Проверьте строку %(line)s: сначала пять цифр кода, потом имя.", line="?")

    def __init__(self, line: int) -> None:
        super().__init__(details={"line": line})
        self.remedy = _("Проверьте строку %(line)s: сначала пять цифр кода, потом имя.", line=line)


def read_names(text: str, codes: Collection[str]) -> dict[str, str]:
    """One line a candidate, empty lines are passed over. Raises NamesUnreadable."""
    names: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = LINE.fullmatch(line.strip())
        if found is None or found[1] not in codes or found[1] in names:
            raise NamesUnreadable(number)
        names[found[1]] = " ".join(found[2].split())[:LONGEST_NAME]
    return names


def write_names(names: Mapping[str, str]) -> str:
    """As it was typed, by code."""
    return "\n".join(f"{code} {names[code]}" for code in sorted(names))
