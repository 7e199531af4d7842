"""Fixtures: an empty classroom server, and one with an open sitting.

The open one is made once and copied: locking keys is slow on purpose.
"""
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from testing_server.exam_day.school.keyring import SECRET, KeyRing
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.school_key import write_school_key
from tests.testing_server.exam_day.builders import Classroom, make_classroom, make_open_room


@pytest.fixture
def empty_room(tmp_path: Path) -> Iterator[Classroom]:
    made = make_classroom(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; a page of its own for each."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: make setup installs it where apt may be used")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def model_room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A closed room whose folder is copied for each test."""
    made = make_open_room(tmp_path_factory.mktemp("model") / "data")
    made.room.keys.key()
    made.close()
    return made


@pytest.fixture
def open_room(tmp_path: Path, model_room: Classroom) -> Iterator[Classroom]:
    """An opened archive, an open sitting of six, the school's key unlocked in memory."""
    made = copy_room(model_room, tmp_path / "data")
    yield made
    made.close()


def copy_room(model: Classroom, folder: Path) -> Classroom:
    """A server on a copy of a closed one's folder; its key is unlocked."""
    shutil.copytree(model.data, folder)
    made = make_classroom(folder)
    made.logins, made.sitting, made.archive = list(model.logins), model.sitting, model.archive
    keeper = MemoryKeeper.create()
    keeper.put(SECRET, write_school_key(model.room.keys.key()))
    made.room.keys = KeyRing(made.services.settings.keys_folder, keeper)
    return made
