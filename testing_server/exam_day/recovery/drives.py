"""Where a copy of the server may go: drives that are plugged in, and whether a folder is any good for one.

Takes the data folder and what was chosen. Gives drives and refusals in words; the system is asked in `list_mounts`
alone.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil
from flask_babel import lazy_gettext as _

from testing_server.exam_day.recovery.backups import ON_STICK, find_existing
from testing_server.foundation.refusals import Refusal

# where Linux desktops and people mount what is plugged in
PLUGGED_IN = ("/media", "/run/media", "/mnt")
Ask = Callable[[Path], int]


@dataclass(frozen=True)
class Drive:
    """`path`: its root; sizes in bytes."""

    path: str
    free: int
    whole: int


class BadFolder(Refusal):
    code = "bad_folder"
    status = 422
    message = _("Такой папки для копии нет.")
    remedy = _("Выберите носитель из списка или введите полный путь к папке на нём.")


class FolderClosed(Refusal):
    code = "folder_closed"
    status = 422
    message = _("В эту папку нельзя записывать.")
    remedy = _("Снимите защиту от записи с флешки или выберите другой носитель.")


class InsideData(Refusal):
    code = "inside_data"
    status = 422
    message = _("Эта папка лежит внутри данных самого сервера.")
    remedy = _("Выберите флешку или папку на другом диске.")


class SameDisk(Refusal):
    """Allowed when somebody has read this."""

    code = "same_disk"
    status = 409
    message = _("Эта папка на том же диске, что и данные сервера: если диск сломается, пропадут и данные, и копия.")
    safe = _("Копия не начата.")
    remedy = _("Вставьте флешку. Если её нет, отметьте, что копия нужна и такая.")


def list_mounts() -> list[str]:
    """The one door to the system: roots of drives that are plugged in. Drive letters where it has such."""
    mounts = [one.mountpoint for one in psutil.disk_partitions(all=False)]
    if sys.platform == "win32":
        return sorted(mounts)
    return sorted(one for one in mounts if one.startswith(tuple(f"{root}/" for root in PLUGGED_IN)) or one == "/mnt")


def list_drives(data: Path, mounts: Iterable[str] | None = None) -> list[Drive]:
    """Drives other than the server's own that tell their size. An empty card reader tells none."""
    found = []
    for mount in list_mounts() if mounts is None else mounts:
        try:
            if os.stat(mount).st_dev != os.stat(data).st_dev:
                usage = psutil.disk_usage(mount)
                found.append(Drive(mount, usage.free, usage.total))
        except OSError:
            continue
    return found


def choose_folder(data: Path, text: str) -> Path:
    """The folder a copy goes to: a drive's own one, or the typed one. Raises BadFolder, InsideData, FolderClosed."""
    path = Path(text.strip())
    if not text.strip() or "\0" in text or not path.is_absolute() or not path.is_dir():
        raise BadFolder()
    if path.resolve().is_relative_to(data.resolve()):
        raise InsideData()
    # only one folder of ours at the root of a stick
    target = path / ON_STICK if os.path.ismount(path) else path
    if not os.access(find_existing(target), os.W_OK):
        raise FolderClosed()
    return target


def is_same_disk(data: Path, target: Path, ask: Ask = lambda path: path.stat().st_dev) -> bool:
    """Whether one broken disk would take both."""
    return ask(data) == ask(find_existing(target))
