"""What a workstation's machine was found to be: kept piece by piece, shown in words, a disk that forgets is noticed."""
from typing import Any

import pytest

from testing_server.exam_day.workstations.rules import is_reset, merge_check
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

GOOD = {"subject": "disk", "word": "good", "code": "disk_good", "ru": "Диск в порядке", "en": "Disk fine"}
SLEEPS = {"subject": "sleep", "word": "attention", "code": "sleep_after", "ru": "Засыпает <b>", "en": "Falls asleep"}
MUTED = {"subject": "microphone_privacy", "word": "stop", "code": "capture_muted", "ru": "Микрофон выключен",
         "en": "The microphone is muted"}


def report(kiosk: FakeKiosk, **changes: Any) -> Any:
    body = {"verdict": "", "disk_free_bytes": 10**10, "clock_offset_ms": 0, **changes}
    return kiosk.ask("PUT", f"/v1/workstations/{kiosk.workstation}/check", json=body)


def test_a_finding_that_stops_keeps_the_seat_unready_until_it_is_put_right(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    assert report(kiosk, findings=[GOOD, MUTED]).json["state"] == "paired"
    assert report(kiosk, verdict="heard").json["state"] == "paired"
    assert report(kiosk, findings=[GOOD, SLEEPS]).json["state"] == "ready"


def test_the_page_shows_findings_in_the_persons_language_worst_first(open_room: Classroom) -> None:
    kiosk, person = open_room.pair("1"), open_room.browser("technician")
    report(kiosk, findings=[GOOD, SLEEPS, MUTED], browser="Chromium 109")
    listed = person.get("/workstations").text
    assert "Исправить: 1" in listed and "Проверка компьютера нашла то, с чем работать нельзя." in listed
    page = person.get(f"/workstations/{kiosk.workstation}/check").text
    assert page.index("Микрофон выключен") < page.index("Засыпает &lt;b&gt;") < page.index("Диск в порядке")
    person.post("/language", {"language": "en"}, page="/workstations")
    assert "The microphone is muted" in person.get(f"/workstations/{kiosk.workstation}/check").text


@pytest.mark.parametrize("finding", [{**GOOD, "word": "terrible"}, {**GOOD, "ru": "я" * 401}, {"word": "good"}])
def test_a_finding_of_another_form_is_refused(open_room: Classroom, finding: dict[str, str]) -> None:
    assert report(open_room.pair("1"), findings=[finding]).status == 400


def test_what_a_report_did_not_look_at_stays(open_room: Classroom) -> None:
    known = {"verdict": "heard", "findings": [GOOD], "link_kbytes_s": 900, "screen": "1366x768"}
    merged = merge_check(known, {"verdict": "", "findings": None, "link_kbytes_s": 0, "screen": "",
                                 "clock_offset_ms": 0, "disk_free_bytes": 0})
    assert merged == {**known, "clock_offset_ms": 0, "disk_free_bytes": 0, "reset": False}


def test_a_machine_that_forgets_its_starts_is_named(open_room: Classroom) -> None:
    kiosk, person = open_room.pair("1"), open_room.browser()
    assert not report(kiosk, starts=3, boot_id="a").json["reset"]
    assert not report(kiosk, starts=4, boot_id="b").json["reset"]
    reset = report(kiosk, starts=4, boot_id="c")
    assert reset.json == {"state": "ready", "reset": True}
    assert "стирает записанное при перезагрузке" in person.get("/workstations").text
    assert report(kiosk, starts=4, boot_id="c").json["reset"], "the same boot proves nothing new"
    assert not report(kiosk, starts=5, boot_id="d").json["reset"], "the disk was thawed"


@pytest.mark.parametrize(("known", "told", "expected"), [
    ({}, {"boot_id": "a", "starts": 1}, False),
    ({"boot_id": "a", "starts": 1}, {"boot_id": "b", "starts": 1}, True),
    ({"boot_id": "a", "starts": 1}, {"boot_id": "b", "starts": 2}, False),
    ({"boot_id": "a", "starts": 5}, {"boot_id": "", "starts": 0}, False),
    ({"boot_id": "a", "starts": 5, "reset": True}, {"boot_id": "", "starts": 0}, True),
])
def test_reset_is_a_count_that_does_not_grow(known: dict[str, Any], told: dict[str, Any], expected: bool) -> None:
    assert is_reset(known, told) is expected


def test_findings_of_a_strange_seat_are_not_shown_to_strangers(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    assert open_room.app.test_client().get(f"/workstations/{kiosk.workstation}/check").status_code in (302, 401, 403)
