"""Browsers of this machine that have a kiosk mode and are new enough for the pages.

Takes the door to the system; gives a path and a version, or the reason why there is none. Chromium 109 is the last
that runs on Windows 7 and 8; Yandex Browser counts by years, and its 23.3 is the first on a newer Chromium than that.
"""

from __future__ import annotations

import ntpath
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk_client.refusals import SeatRefusal
from kiosk_client.system_door import SystemDoor, open_door

WINDOWS = "win32"
WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths"
# A wrapper of a distribution may print more than the version: three numbers in a row are one.
_VERSION = re.compile(r"\d+(\.\d+){2,3}")


class NoBrowser(SeatRefusal):
    """Neither Chromium nor Chrome nor Edge nor Yandex Browser is installed."""

    code = "no_browser"


class BrowserTooOld(SeatRefusal):
    """Every browser found is older than the pages need."""

    code = "browser_too_old"


@dataclass(frozen=True)
class Kind:
    """A family of browsers: its programs on Linux, its place below a Windows root, its oldest (major, minor)."""

    name: str
    programs: tuple[str, ...]
    windows_place: str
    oldest: tuple[int, int] = (109, 0)


CHROMIUM = Kind("chromium", ("chromium", "chromium-browser"), r"Chromium\Application\chrome.exe")
CHROME = Kind("chrome", ("google-chrome", "google-chrome-stable", "chrome"), r"Google\Chrome\Application\chrome.exe")
EDGE = Kind("edge", ("microsoft-edge", "microsoft-edge-stable", "msedge"), r"Microsoft\Edge\Application\msedge.exe")
YANDEX = Kind("yandex", ("yandex-browser", "yandex-browser-stable", "yandex-browser-corporate"),
              r"Yandex\YandexBrowser\Application\browser.exe", (23, 3))
KINDS = (CHROMIUM, CHROME, EDGE, YANDEX)


@dataclass(frozen=True)
class Browser:
    """A browser found. `version`: as it tells it, "" where it does not."""

    kind: Kind
    path: str
    version: str

    @property
    def is_new_enough(self) -> bool:
        """A browser that does not tell its version is tried: the page says itself what it lacks."""
        return not self.version or tuple(_read_numbers(self.version)[:2]) >= self.kind.oldest


def find_browser() -> str:
    """The path of the browser that would be opened, or of one that is too old. Raises NoBrowser."""
    found = list_browsers(open_door())
    if not found:
        raise NoBrowser("Установите Chromium, Chrome, Edge или Яндекс Браузер, или откройте напечатанный адрес сами.")
    return next((one.path for one in found if one.is_new_enough), found[0].path)


def choose_browser(door: SystemDoor | None = None) -> Browser:
    """The first that is new enough. Raises NoBrowser, BrowserTooOld."""
    found = list_browsers(door or open_door())
    if not found:
        raise NoBrowser("Установите Chromium, Chrome, Edge или Яндекс Браузер, или откройте напечатанный адрес сами.")
    chosen = next((one for one in found if one.is_new_enough), None)
    if chosen is None:
        told = ", ".join(f"{one.path} {one.version}" for one in found)
        raise BrowserTooOld(f"Обновите браузер: нужен Chromium 109 (Яндекс Браузер 23.3) или новее. Найдены: {told}")
    return chosen


def list_browsers(door: SystemDoor) -> list[Browser]:
    """Every browser of this machine, in the order in which they are preferred."""
    return [Browser(kind, path, read_version(door, path)) for kind in KINDS for path in _list_paths(door, kind)]


def _list_paths(door: SystemDoor, kind: Kind) -> list[str]:
    search = _search_windows if door.platform == WINDOWS else _search_path
    return list(dict.fromkeys(search(door, kind)))


def _search_path(door: SystemDoor, kind: Kind) -> Iterator[str]:
    for program in kind.programs:
        found = shutil.which(program, path=door.environ.get("PATH"))
        if found:
            yield found


def _search_windows(door: SystemDoor, kind: Kind) -> Iterator[str]:
    """Where installers put it for everybody or for one user, and where the system says its program is."""
    for root in WINDOWS_ROOTS:
        path = ntpath.join(door.environ.get(root, ""), kind.windows_place)
        if door.environ.get(root) and _is_there(door, path):
            yield path
    program = ntpath.basename(kind.windows_place)
    for hive in ("HKLM", "HKCU"):
        told = door.read_registry(rf"{hive}\{APP_PATHS}\{program}", "")
        # browser.exe and chrome.exe are names of several: only where its own folder is on the way.
        if isinstance(told, str) and told.strip('"').lower().endswith(kind.windows_place.lower()):
            yield told.strip('"')


def _is_there(door: SystemDoor, path: str) -> bool:
    folder, name = ntpath.split(path)
    return name.lower() in (one.lower() for one in door.list_names(folder))


def read_version(door: SystemDoor, path: str) -> str:
    """"" where it is not told. On Windows the program tells none: a folder beside it is named by it, the newest
    counts."""
    if door.platform == WINDOWS:
        versions = [name for name in door.list_names(ntpath.dirname(path)) if _VERSION.fullmatch(name)]
        return max(versions, key=_read_numbers, default="")
    found = _VERSION.search(door.run(path, "--version").output)
    return found[0] if found else ""


def _read_numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
