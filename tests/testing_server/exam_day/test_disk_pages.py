"""A server that runs out of room: what the console says, what waits, what goes on, and the ballast let go."""
from __future__ import annotations

import io
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from testing_server.exam_day.console import disk_pages
from testing_server.exam_day.fitting.rules import Battery
from testing_server.exam_day.support.logs import LOOK_EVERY_S, WhileThereIsRoom
from testing_server.foundation.audit import read_latest
from testing_server.foundation.disk import Disk, attach_disk
from tests.testing_server.exam_day.builders import Classroom, make_speech

MEBIBYTE = 1024 * 1024
SAYS = {1000: "Пока всё работает", 400: "Отложено остальное", 10: "Диск сервера полон"}


@pytest.fixture
def leave(open_room: Classroom) -> Callable[[int], None]:
    """From now on both processes are told of so many free megabytes."""
    def tell(free_mb: int) -> None:
        for disk in (attach_disk(open_room.services), open_room.files.extensions["disk"]):
            disk.ask = lambda _folder: free_mb * MEBIBYTE
    return tell


@pytest.mark.parametrize(("free_mb", "sentence"), SAYS.items())
def test_each_threshold_has_its_sentence(open_room: Classroom, leave: Callable[[int], None], free_mb: int,
                                         sentence: str) -> None:
    browser = open_room.browser("technician")
    assert browser.get("/disk").text.strip() == ""
    leave(free_mb)
    for address in ("/disk", "/today", "/server", f"/sittings/{open_room.sitting}"):
        text = browser.get(address).text
        assert [one for one in SAYS.values() if one in text] == [sentence]
        assert "Отдать запас" not in text


@pytest.mark.parametrize(("battery", "is_told"), [
    (None, False), (Battery(25, True), False), (Battery(80, False), False), (Battery(25, False), True)])
def test_a_server_whose_battery_runs_out_says_so_on_the_page_of_the_room(
        open_room: Classroom, monkeypatch: pytest.MonkeyPatch, battery: Battery | None, is_told: bool) -> None:
    monkeypatch.setattr(disk_pages, "read_battery", lambda: battery)
    text = open_room.browser("technician").get("/disk").text
    assert ("осталось 25 %" in text, "Включите его в сеть" in text) == (is_told, is_told)


def test_what_can_wait_is_refused_and_answers_and_sound_go_on(open_room: Classroom,
                                                              leave: Callable[[int], None]) -> None:
    kiosk, browser = open_room.seat(0), open_room.browser()
    open_room.start(kiosk)
    leave(400)
    flac = kiosk.ask("PUT", f"/v1/workstations/{kiosk.workstation}/test-recording", body=b"fLaC")
    assert (flac.status, flac.json["code"]) == (507, "disk_scarce")
    statement = {"files": (io.BytesIO(b"x"), "statement.json")}
    for address, form in (("/training", {"work": "x", "count": "3"}), ("/archives/upload", statement),
                          (f"/archives/{open_room.archive}/fetch", {})):
        page = browser.post(address, form)
        assert page.status_code == 507 and "место оставлено ответам" in page.text
    assert kiosk.put_part(7, 0, 0, make_speech(1)).status == 200
    assert kiosk.answer("i1", "r1", "still here").status == 200


def test_the_last_room_is_for_answers(open_room: Classroom, leave: Callable[[int], None]) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    leave(10)
    refused = kiosk.put_part(7, 0, 0, b"\0\0")
    assert (refused.status, refused.json["code"]) == (507, "storage_full")
    assert kiosk.answer("i1", "r1", "the last words").status == 200
    leave(100)
    assert kiosk.put_part(7, 0, 0, b"\0\0").status == 200


def test_the_ballast_is_let_go_once_when_it_is_needed(open_room: Classroom, leave: Callable[[int], None]) -> None:
    (open_room.data / "ballast").write_bytes(bytes(2 * MEBIBYTE))
    browser = open_room.browser("room_organizer")
    assert browser.post("/disk/ballast").status_code == 409
    leave(10)
    assert "Отдать запас: 2 МБ" in browser.get("/disk").text
    technician = open_room.browser("technician")
    assert technician.post("/disk/ballast").status_code == 403
    assert "Отдать запас" not in technician.get("/disk").text
    assert browser.post("/disk/ballast").status_code == 302
    assert not (open_room.data / "ballast").exists() and "освободилось 2 МБ" in browser.get("/today").text
    assert browser.post("/disk/ballast").status_code == 409
    with open_room.services.storage.read() as session:
        assert [row.verb for row in read_latest(session, 50)].count("ballast_released") == 1


def test_a_disk_that_takes_nothing_is_said_on_every_page_until_it_takes_again(
        open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, browser = open_room.seat(0), open_room.browser("technician")
    open_room.start(kiosk)
    committer = open_room.services.storage._committer
    assert committer is not None

    def refuse(_group: object) -> None:
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = sqlite3.SQLITE_READONLY
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(committer, "_commit_group", refuse)
        refused = kiosk.answer("i1", "r1", "kept at the seat")
        assert (refused.status, refused.json["code"]) == (503, "storage_readonly")
        for address in ("/disk", "/today", "/server", f"/sittings/{open_room.sitting}"):
            assert "Диск сервера не принимает записи" in browser.get(address).text
    assert kiosk.answer("i1", "r1", "taken again").status == 200
    assert browser.get("/disk").text.strip() == ""


def test_the_log_on_the_disk_waits_too(tmp_path: Path) -> None:
    free, now = [400 * MEBIBYTE], [0.0]
    line = logging.LogRecord("x", logging.INFO, "x", 1, "x", (), None)
    gate = WhileThereIsRoom(Disk(tmp_path, lambda _: free[0]), lambda: now[0])
    assert not gate.filter(line)
    free[0] = 600 * MEBIBYTE
    assert not gate.filter(line)
    now[0] += LOOK_EVERY_S
    assert gate.filter(line)
