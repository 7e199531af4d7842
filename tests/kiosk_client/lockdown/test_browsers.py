"""Browsers found on Linux and, behind a door that answers for Windows, there; versions that are too old."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk_client.lockdown import BrowserTooOld, NoBrowser, choose_browser, find_browser
from kiosk_client.lockdown.browsers import APP_PATHS, EDGE, YANDEX, list_browsers, read_version
from tests.kiosk_client.lockdown.doors import FakeDoor

CHROME = r"C:\Program Files\Google\Chrome\Application"
EDGE_PLACE = r"C:\Program Files (x86)\Microsoft\Edge\Application"
YANDEX_PLACE = r"C:\Users\school\AppData\Local\Yandex\YandexBrowser\Application"
ROOTS = {"PROGRAMFILES": r"C:\Program Files", "PROGRAMFILES(X86)": r"C:\Program Files (x86)",
         "LOCALAPPDATA": r"C:\Users\school\AppData\Local"}


def make_linux(folder: Path, **printed: str) -> FakeDoor:
    """Programs in a folder of the search path and what each prints when asked for its version."""
    for name in printed:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    programs = {str(folder / name): text for name, text in printed.items()}
    return FakeDoor("linux", {"PATH": str(folder)}, programs=programs)


def test_the_browser_of_this_machine_tells_its_version() -> None:
    found = choose_browser()
    assert found.path == find_browser() and int(found.version.split(".")[0]) >= 109


@pytest.mark.parametrize(("name", "printed", "version"), [
    ("chromium", "chromium: 9: [: unexpected operator\nChromium 109.0.5414.74 built on Debian", "109.0.5414.74"),
    ("google-chrome-stable", "Google Chrome 120.0.6099.109 ", "120.0.6099.109"),
    ("microsoft-edge", "Microsoft Edge 114.0.1823.51", "114.0.1823.51"),
    ("yandex-browser", "Yandex 23.3.1.895 stable", "23.3.1.895"),
    ("chromium-browser", "no version at all", ""),
])
def test_on_linux_the_program_is_asked(tmp_path: Path, name: str, printed: str, version: str) -> None:
    found = choose_browser(make_linux(tmp_path, **{name: printed}))
    assert (found.path, found.version) == (str(tmp_path / name), version)


def test_an_old_browser_is_passed_over_for_a_new_one(tmp_path: Path) -> None:
    door = make_linux(tmp_path, chromium="Chromium 108.0.5359.94", **{"yandex-browser": "Yandex 24.1.0.1"})
    assert choose_browser(door).kind is YANDEX


@pytest.mark.parametrize(("name", "printed"), [
    ("chromium", "Chromium 108.0.5359.94"), ("yandex-browser", "Yandex 23.1.5.708"), ("chrome", "Chrome 49.0.2.1")])
def test_only_old_browsers_are_refused_with_what_is_needed(tmp_path: Path, name: str, printed: str) -> None:
    with pytest.raises(BrowserTooOld, match="109.*23.3.*" + printed.split()[1]):
        choose_browser(make_linux(tmp_path, **{name: printed}))


def test_no_browser_is_said_so(tmp_path: Path) -> None:
    for door in (make_linux(tmp_path), FakeDoor(environ=ROOTS), FakeDoor()):
        with pytest.raises(NoBrowser, match="Chromium"):
            choose_browser(door)


def test_on_windows_the_folder_beside_the_program_tells_the_version() -> None:
    door = FakeDoor(environ=ROOTS, folders={CHROME: ["99.0.1.2", "109.0.5414.120", "chrome.exe", "SetupMetrics"]})
    found = choose_browser(door)
    assert (found.path, found.version) == (rf"{CHROME}\chrome.exe", "109.0.5414.120")
    assert door.asked == []


def test_on_windows_every_root_is_looked_at_and_edge_is_the_last_way_out() -> None:
    door = FakeDoor(environ=ROOTS, folders={
        CHROME: ["chrome.exe", "87.0.4280.88"], EDGE_PLACE: ["msedge.exe", "118.0.2088.46"],
        YANDEX_PLACE: ["browser.exe", "23.1.5.708"]})
    assert [one.version for one in list_browsers(door)] == ["87.0.4280.88", "118.0.2088.46", "23.1.5.708"]
    assert choose_browser(door).kind is EDGE


def test_on_windows_the_registry_knows_other_places() -> None:
    place = r"D:\Programs\Yandex\YandexBrowser\Application"
    door = FakeDoor(environ={}, folders={place: ["browser.exe", "24.1.0.1"]},
                    registry={rf"HKCU\{APP_PATHS}\browser.exe": {"": rf'"{place}\browser.exe"'},
                              rf"HKLM\{APP_PATHS}\chrome.exe": {"": r"C:\Other\chrome.exe"}})
    assert choose_browser(door).path == rf"{place}\browser.exe"
    assert read_version(door, r"C:\Other\chrome.exe") == ""
