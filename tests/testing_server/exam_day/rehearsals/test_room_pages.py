"""The console begins rehearsals as processes of their own, signs what they found and never disturbs a sitting."""
from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from testing_server.contracts.rehearsals import FaultKind, encode_rehearsal
from testing_server.contracts.statements import public_bytes
from testing_server.exam_day.rehearsals import running
from testing_server.exam_day.rehearsals.certificate import trust_key, verify_certificate
from testing_server.exam_day.rehearsals.keeping import send_certificates, tend_rehearsals
from testing_server.exam_day.rehearsals.rules import NoFaults, SeatsRefused, count_most_seats, read_wanted
from testing_server.exam_day.rehearsals.running import find_folder, find_running, list_runs, read_run
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.foundation.refusals import NotFound
from testing_server.preparation.hub_link import HubAway
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom, join_hub
from tests.testing_server.exam_day.rehearsals.make_rehearsal import make_rehearsal

# Stands in for the drill: says two steps and half a third, writes the statement where it is told to, or waits.
DRILL = """
import json, sys, time
from pathlib import Path
words = dict(zip(sys.argv[2::2], sys.argv[3::2]))
print(json.dumps({"step": "raising"})); print(json.dumps({"step": "seating", "done": 1, "whole": 2}))
print('{"step": "wor', end="", flush=True)
if words["--seats"] == "1":
    time.sleep(120)
elif words["--seats"] == "2":
    Path(words["--statement"]).write_bytes(Path(sys.argv[1]).read_bytes())
else:
    sys.exit("the room did not come up")
"""
PATIENCE_S = 60


@pytest.fixture
def room(open_room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A classroom whose sitting was cancelled; its drills are stand-ins, its people sign in once."""
    made, people = open_room, {}
    made.services.storage.write(lambda session: setattr(find_sitting(session, made.sitting), "state", "cancelled"))
    sign_in = made.browser

    def browse(role: str = "school_organizer") -> Browser:
        people[role] = people.get(role) or sign_in(role)
        return people[role]
    monkeypatch.setattr(made, "browser", browse)
    (tmp_path / "statement").write_bytes(encode_rehearsal(make_rehearsal()))
    (tmp_path / "drill.py").write_text(DRILL)
    monkeypatch.setattr(running, "COMMAND", (sys.executable, str(tmp_path / "drill.py"), str(tmp_path / "statement")))
    yield made
    for child in running._CHILDREN.values():
        child.kill()
        child.wait()


def wait_until(is_done: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_done():
        assert time.monotonic() < end
        time.sleep(0.02)


def begin(room: Classroom, seats: int, **changes: Any) -> Path:
    """Through the page; the rehearsal's folder."""
    answer = room.browser().post("/rehearsals", {"seats": str(seats), "faults": ["link-cut"], "archive": "", **changes},
                                 page="/rehearsals")
    assert answer.status_code == 302, answer.text
    return find_folder(room.data, answer.headers["Location"].rsplit("/", 1)[1])


def test_a_rehearsal_that_ended_is_signed_by_the_school(room: Classroom) -> None:
    folder = begin(room, 2)
    wait_until(lambda: read_run(folder).state == "found")
    tend_rehearsals(room.services)
    browser, address = room.browser("technician"), f"/rehearsals/{folder.name}"
    assert "Свидетельство, PDF" in browser.get(address).text
    trusted = trust_key(public_bytes(room.room.keys.key().signing))
    for name in ("certificate.pdf", "certificate.json"):
        assert verify_certificate(browser.get(f"{address}/{name}").data, trusted).rehearsal == make_rehearsal()
    assert "всё обещанное сохранено" in browser.get("/rehearsals").text


def test_progress_is_seen_and_half_a_line_is_not(room: Classroom) -> None:
    folder = begin(room, 1)
    wait_until(lambda: len(read_run(folder).steps) == 2)
    assert read_run(folder).last_step == {"step": "seating", "done": 1, "whole": 2}
    assert "Роботы занимают места" in room.browser("technician").get(f"/rehearsals/{folder.name}/state").text


def test_one_rehearsal_at_a_time_and_it_can_be_stopped(room: Classroom) -> None:
    folder = begin(room, 1)
    browser = room.browser()
    again = browser.post("/rehearsals", {"seats": "1", "faults": ["link-cut"]}, page=f"/rehearsals/{folder.name}")
    assert (again.status_code, "Репетиция уже идёт" in again.text) == (409, True)
    browser.post(f"/rehearsals/{folder.name}/stop", page=f"/rehearsals/{folder.name}")
    wait_until(lambda: read_run(folder).state == "ended")
    assert find_running(room.data) == ""
    assert browser.get(f"/rehearsals/{folder.name}/certificate.pdf").status_code == 404


def test_a_console_that_was_started_again_finds_it(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = begin(room, 1)
    child = running._CHILDREN.pop(int((folder / running.PID).read_text()))
    assert find_running(room.data) == folder.name
    child.kill()
    child.wait()
    assert read_run(folder).state == "ended"


def test_a_number_that_another_program_got_is_not_the_rehearsal(room: Classroom) -> None:
    folder = begin(room, 2)
    wait_until(lambda: read_run(folder).state == "found")
    (folder / running.PID).write_text("1")
    assert find_running(room.data) == ""


def test_a_room_that_did_not_come_up_says_why(room: Classroom) -> None:
    folder = begin(room, 3)
    wait_until(lambda: read_run(folder).state == "ended")
    assert "the room did not come up" in room.browser().get(f"/rehearsals/{folder.name}").text


def test_nothing_is_rehearsed_beside_an_open_sitting(open_room: Classroom) -> None:
    browser = open_room.browser()
    refused = browser.post("/rehearsals", {"seats": "1", "faults": ["link-cut"]}, page="/codes")
    assert (refused.status_code, "открыт сеанс" in refused.text) == (409, True)
    assert list(list_runs(open_room.data)) == []


def test_an_opened_sitting_ends_the_rehearsal(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = begin(room, 1)
    monkeypatch.setattr("testing_server.exam_day.rehearsals.keeping.is_sitting_open", lambda offered: True)
    tend_rehearsals(room.services)
    wait_until(lambda: read_run(folder).state == "ended")


def test_the_cipher_is_tried_before_anything_starts(room: Classroom) -> None:
    sealed = room.take_archive()
    for cipher in ("", "1" * 30, sealed.cipher[::-1]):
        answer = room.browser().post(
            "/rehearsals", {"seats": "1", "faults": ["link-cut"], "archive": sealed.archive, "cipher": cipher},
            page="/rehearsals")
        assert (answer.status_code, "шифр не подходит" in answer.text) == (422, True)
    folder = begin(room, 2, archive=sealed.archive, cipher=sealed.cipher)
    assert sealed.cipher not in (folder / running.ASKED).read_text()


@pytest.mark.parametrize("fields", [
    {"seats": "0"}, {"seats": "-1"}, {"seats": "9999"}, {"seats": "²"}, {"seats": ""}, {"faults": []},
    {"faults": ["flood"]}])
def test_a_form_that_cannot_be_is_refused(room: Classroom, fields: dict[str, Any]) -> None:
    answer = room.browser().post("/rehearsals", {"seats": "2", "faults": ["link-cut"], **fields}, page="/rehearsals")
    assert answer.status_code == 422 and list(list_runs(room.data)) == []


@pytest.mark.parametrize("name", ["..", "nobody", "..%2F..", "."])
def test_there_is_no_way_out_of_the_folder(room: Classroom, name: str) -> None:
    assert room.browser().get(f"/rehearsals/{name}/certificate.json").status_code == 404
    with pytest.raises(NotFound):
        find_folder(room.data, f"../{name}")


def test_a_locked_key_is_asked_for_before(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(room.room.keys), "_find", lambda keys: None)
    answer = room.browser().post("/rehearsals", {"seats": "2", "faults": ["link-cut"]}, page="/rehearsals")
    assert answer.status_code == 423 and list(list_runs(room.data)) == []


class ListeningHub:
    """Stands in for HubLink."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.away = True

    def send_rehearsal(self, certificate: bytes) -> None:
        if self.away:
            raise HubAway()
        self.heard.append(certificate)


def test_the_hub_gets_each_certificate_once(room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    join_hub(room, tmp_path / "hub", monkeypatch)
    hub = ListeningHub()
    room.room.open_hub = lambda school, key: hub  # type: ignore[assignment,return-value]
    folder = begin(room, 2)
    wait_until(lambda: read_run(folder).state == "found")
    tend_rehearsals(room.services)
    assert send_certificates(room.services) == 0
    assert "ждёт отправки в регион" in room.browser().get("/rehearsals").text
    hub.away = False
    assert (send_certificates(room.services), send_certificates(room.services)) == (1, 0)
    assert hub.heard == [(folder / running.CERTIFICATE).read_bytes()] and read_run(folder).is_sent


@pytest.mark.parametrize("free_mb,processors,most", [(0, 1, 1), (1_600, 2, 1), (4_000, 2, 19), (64_000, 2, 40),
                                                     (64_000, 64, 60)])
def test_seats_are_as_many_as_the_machine_bears(free_mb: int, processors: int, most: int) -> None:
    assert count_most_seats(free_mb, processors) == most


def test_faults_keep_their_order_and_rubbish_is_left_out() -> None:
    assert read_wanted("2", ["clock-jump", "flood", "server-kill"], "", 4).faults == (
        FaultKind.SERVER_KILL, FaultKind.CLOCK_JUMP)
    with pytest.raises(SeatsRefused):
        read_wanted("5", ["clock-jump"], "", 4)
    with pytest.raises(NoFaults):
        read_wanted("4", [], "", 4)
