"""The list of exports. Takes functions marked `@export`; gives them by name to the page that asks and to the worker."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.writing import Book

LONGEST_ARGUMENT = 401
NO_PART_OF_A_NAME = re.compile(r"[^\w.-]+")


class UnknownExport(Refusal):
    code = "unknown_export"
    status = 404
    message = _("Такого файла этот сервер не составляет.")
    remedy = _("Откройте нужный раздел и попросите файл оттуда.")


@dataclass(frozen=True)
class Asked:
    """`territory`: of the person who asks, None for the country; `arguments`: texts of the address; `data`: the role's
    folder; `now_ms`: the moment the reading begins (Unix ms)."""

    territory: str | None
    arguments: Mapping[str, str]
    data: Path
    now_ms: int


Compose = Callable[[Session, Asked], Book]


@dataclass(frozen=True)
class ExportKind:
    """`compose` reads everything it needs while its session lasts; `file`: its name, with {arguments}."""

    name: str
    title: Any
    file: str
    arguments: tuple[str, ...]
    compose: Compose

    def pick_arguments(self, told: Mapping[str, str]) -> dict[str, str]:
        """Those it knows, of an address or a form; what was not told is empty."""
        return {name: told.get(name, "")[:LONGEST_ARGUMENT] for name in self.arguments}

    def name_file(self, arguments: Mapping[str, str]) -> str:
        """As it will lie in somebody's folder of downloads."""
        return self.file.format_map({name: NO_PART_OF_A_NAME.sub("", text) for name, text in arguments.items()})


_kinds: dict[str, ExportKind] = {}


def export(name: str, title: Any, file: str, arguments: tuple[str, ...] = ()) -> Callable[[Compose], Compose]:
    """Marks `compose(session, asked) -> Book`; `title`: a lazy text, for the list of one's files."""
    def mark(compose: Compose) -> Compose:
        _kinds[name] = ExportKind(name, title, file, arguments, compose)
        return compose
    return mark


def find_kind(name: str) -> ExportKind:
    """Raises UnknownExport."""
    if name not in _kinds:
        raise UnknownExport()
    return _kinds[name]
