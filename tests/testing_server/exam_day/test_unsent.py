"""What waits to be sent, on the page of today: by what happened at the server, not by what was written into a table."""
from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from testing_server.exam_day.packages.internal import note_line
from testing_server.exam_day.rehearsals.running import ASKED, CERTIFICATE, FOLDER, SENT, STATEMENT
from testing_server.exam_day.school.hearing import HubHearing
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom, join_hub
from tests.testing_server.exam_day.rehearsals.make_rehearsal import make_rehearsal

PAGE = "/today/unsent"


def read(browser: Browser) -> str:
    page = browser.get(PAGE)
    assert page.status_code == 200 and browser.get("/today").status_code == 200
    return page.text


def test_an_empty_server_has_nothing_to_send(empty_room: Classroom) -> None:
    empty_room.set_up()
    text = read(empty_room.browser())
    assert "Ничего не ждёт отправки" in text and "регион ещё не отвечал" in text


def test_works_wait_until_the_receipt(open_room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_room.hub = join_hub(open_room, tmp_path / "hub", monkeypatch)
    browser = open_room.browser()
    open_room.close_room_with_reasons()
    assert "ещё не в пакете" in read(browser) and f"/sittings/{open_room.sitting}/closing" in read(browser)
    open_room.hub.away = True
    open_room.pack()
    assert "собирается" in read(browser)
    open_room.run_jobs()
    assert "не отправлен" in read(browser) and "отнесите на флешке" in read(browser)
    assert "Связи с регионом нет с" in read(browser)
    open_room.hub.away = False
    open_room.clock.advance(60_000)
    browser.post(f"/packages/{newest_package(open_room)}/send")
    open_room.run_jobs()
    assert "Ничего не ждёт отправки" in read(browser) and "Последний ответ региона" in read(browser)


def newest_package(room: Classroom) -> str:
    return next((room.data / "packages").glob("*.age")).stem


def test_a_sitting_that_the_region_does_not_hear_of(open_room: Classroom, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    browser = open_room.browser("room_organizer")
    assert "Подключите школу" in read(browser)
    join_hub(open_room, tmp_path / "hub", monkeypatch)
    now_ms = open_room.room.clock.now_ms()
    open_room.room.hearing.note_trouble("hub_away", now_ms)
    assert "не доходит" in read(browser) and "Сеансу связь не нужна" in read(browser)
    open_room.room.hearing.note_answer(now_ms)
    assert "Ничего не ждёт отправки" in read(browser)
    open_room.clock.advance(31_000)
    assert "не доходит" in read(browser)


def test_a_certificate_waits_for_the_key_and_the_line(open_room: Classroom) -> None:
    folder = open_room.data / FOLDER / "1-one"
    folder.mkdir(parents=True)
    (folder / ASKED).write_text(json.dumps({"at_ms": 5, "seats": 1, "faults": [], "title": ""}))
    (folder / STATEMENT).write_bytes(msgspec.json.encode(make_rehearsal()))
    browser = open_room.browser()
    assert "не подписано" in read(browser)
    (folder / CERTIFICATE).write_bytes(b"{}")
    assert "не отправлено" in read(browser)
    (folder / SENT).touch()
    assert "Свидетельство" not in read(browser)


def test_only_a_hub_that_is_away_counts_as_silence() -> None:
    hearing = HubHearing()
    note_line(hearing, {"state": "sending", "trouble": "hub_refused"}, 1)
    assert (hearing.trouble, hearing.away_since_ms) == ("hub_refused", None)
    note_line(hearing, {"state": "sending", "trouble": "hub_away"}, 2)
    note_line(hearing, {"state": "sent", "trouble": "hub_away"}, 3)
    note_line(hearing, {"state": "sending", "bytes": 7}, 4)
    assert (hearing.trouble, hearing.away_since_ms, hearing.last_heard_ms) == ("hub_away", 2, None)
    note_line(hearing, {"state": "sending", "sent": 7}, 5)
    assert (hearing.trouble, hearing.away_since_ms, hearing.last_heard_ms) == ("", None, 5)
