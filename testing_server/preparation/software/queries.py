"""Reading what is offered, and what lies in the data folder and could be. Takes a session or a folder."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.software.records import OfferedFileRecord

FOLDER = "software"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,119}")


class UnknownFile(Refusal):
    code = "unknown_file"
    status = 404
    message = _("Такого файла на этом сервере нет.")
    remedy = _("Администратор кладёт файлы в папку software рядом с данными сервера; имя — латинские буквы, цифры, "
               "точка, дефис.")


class FileChanged(Refusal):
    code = "file_changed"
    status = 409
    message = _("Файл на сервере уже не тот, что был выложен.")
    remedy = _("Позвоните координатору: файл надо выложить заново.")


@dataclass(frozen=True)
class LyingFile:
    """A file an administrator laid into the folder."""

    name: str
    path: Path
    size_bytes: int


@dataclass(frozen=True)
class OfferedFile:
    """One line of the table."""

    campaign: str
    name: str
    kind: str
    size_bytes: int
    sha256: str
    by: str
    offered_at_ms: int
    due_ms: int | None
    late_reason: str


def list_lying(data: Path) -> list[LyingFile]:
    """Files that could be offered, by name."""
    folder = data / FOLDER
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [LyingFile(path.name, path.absolute(), path.stat().st_size) for path in found
            if NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()]


def find_lying(data: Path, name: str) -> LyingFile:
    """Raises UnknownFile."""
    for one in list_lying(data):
        if one.name == name:
            return one
    raise UnknownFile()


def list_offered(session: Session) -> list[OfferedFile]:
    """Of all campaigns, the newest first."""
    rows = session.scalars(select(OfferedFileRecord).order_by(
        OfferedFileRecord.offered_at_ms.desc(), OfferedFileRecord.name))
    return [_describe(row) for row in rows]


def find_offered(session: Session, data: Path, campaign: str, name: str) -> LyingFile:
    """The file to send. Raises UnknownFile, FileChanged."""
    row = session.get(OfferedFileRecord, (campaign, name))
    if row is None:
        raise UnknownFile()
    lying = find_lying(data, name)
    if lying.size_bytes != row.size_bytes:
        raise FileChanged()
    return lying


def list_zones(session: Session) -> list[str]:
    """Time zones of this hub's schools."""
    return sorted(session.scalars(select(SchoolRecord.zone).distinct()))


def _describe(row: OfferedFileRecord) -> OfferedFile:
    return OfferedFile(row.campaign, row.name, row.kind, row.size_bytes, row.sha256, row.by, row.offered_at_ms,
                       row.due_ms, row.late_reason)
