"""A receipt proves what was recorded: at the school by page, at the hub from the package, never for anything else."""
import json
from pathlib import Path
from typing import Any

import pytest

from testing_server.contracts.packages import read_manifest
from testing_server.contracts.receipt_code import make_receipt_code, show_receipt_code
from testing_server.exam_day.appeals.queries import Proof, find_proof
from testing_server.exam_day.appeals.rules import find_break, list_codes, outline_events
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.responses.parts import RecordingName, recording_path
from testing_server.exam_day.responses.records import EventRecord
from tests.testing_server.exam_day.builders import Classroom, join_hub, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


def work(kiosk: FakeKiosk) -> None:
    """Everything a candidate does, to the end."""
    kiosk.write("item_entered", item="i1", stage="answer")
    kiosk.answer("i1", "r1", "ответ, который никому не показывают")
    kiosk.record("i2", "r2", make_speech())
    kiosk.write("attempt_finished", reason="candidate")
    assert kiosk.send().status == 200


def receipt_of(kiosk: FakeKiosk) -> str:
    """What the seat's screen shows at this moment: over its own lease."""
    return next(iter(list_codes(outline_events(kiosk.lines[kiosk.lease]))))


def prove(room: Classroom, code: str) -> Proof | None:
    with room.services.storage.read() as session:
        return find_proof(session, room.data, code)


@pytest.fixture
def worked(open_room: Classroom) -> tuple[Classroom, FakeKiosk, str]:
    kiosks = [open_room.seat(0), open_room.seat(1)]
    open_room.start(*kiosks)
    for kiosk in kiosks:
        work(kiosk)
    return open_room, kiosks[0], receipt_of(kiosks[0])


def test_the_code_of_the_screen_finds_the_work_and_all_that_was_recorded(worked: Any) -> None:
    room, kiosk, code = worked
    proof = prove(room, code)
    assert proof is not None and (proof.candidate, proof.later, proof.broken) == (kiosk.seated["code"], 0, "")
    assert proof.answered.keys() == {"i1"} and [one.is_here for one in proof.sounds] == [True]
    assert proof.sounds[0].seconds == 2 and proof.events == len(kiosk.lines[kiosk.lease])
    assert prove(room, make_receipt_code({1: (1, "other")}, [])) is None


def test_it_stays_true_when_more_comes_after_the_end(worked: Any) -> None:
    room, kiosk, code = worked
    kiosk.write("focus_lost")
    kiosk.send()
    proof = prove(room, code)
    assert proof is not None and (proof.later, proof.broken) == (1, "")


def test_a_code_shown_before_a_late_packet_of_the_old_seat_came(open_room: Classroom) -> None:
    old = open_room.seat(0)
    open_room.start(old)
    old.answer("i1", "r1", "на старом месте")
    late = old.write("answer_cleared", item="i1", response="r1")
    fresh = open_room.pair("9")
    open_room.command("move", [old.attempt], workstation=fresh.workstation)
    assert fresh.sign_in(open_room.logins[0]).status == 200 and fresh.open_lease().status == 200
    work(fresh)
    seen = outline_events([*old.lines[old.lease][:-1], *fresh.lines[fresh.lease]])
    code = next(iter(list_codes(seen)))
    assert prove(open_room, code) is not None
    assert old.send([late]).status == 200
    proof = prove(open_room, code)
    assert proof is not None and (proof.later, proof.broken) == (1, "")


def test_a_changed_answer_and_lost_sound_are_told(worked: Any) -> None:
    room, kiosk, code = worked

    def forge(session: Any) -> None:
        row = next(one for one in session.query(EventRecord).filter_by(attempt=kiosk.attempt)
                   if "никому не показывают" in one.line)
        row.line = row.line.replace("никому", "всем")
    room.write(forge)
    number = next(json.loads(line)["number"] for line in kiosk.lines[kiosk.lease] if "recording_started" in line)
    recording_path(room.data / "recordings", RecordingName(kiosk.attempt, kiosk.lease, number)).write_bytes(b"\0\0")
    proof = prove(room, code)
    assert proof is not None and proof.broken and [one.is_here for one in proof.sounds] == [False]


def test_a_missing_event_is_a_break() -> None:
    assert find_break([], {1: "grant"}, {1: 2}) == "1#2"
    assert find_break([], {}, {}) == ""


def test_the_page_says_yes_no_or_which_group_is_mistyped(worked: Any) -> None:
    room, kiosk, code = worked
    browser = room.browser("room_organizer")
    shown = show_receipt_code(code)
    yes = browser.post("/receipts", {"receipt": shown.lower().replace("-", " ")}, page="/receipts")
    assert "Да: эта работа записана" in yes.text and kiosk.seated["code"] in yes.text
    assert "никому не показывают" not in yes.text
    no = browser.post("/receipts", {"receipt": show_receipt_code("0" * 20)}, page="/receipts")
    assert no.status_code == 200 and "Нет: такой работы" in no.text
    wrong = "1" if shown[0] != "1" else "2"
    slip = browser.post("/receipts", {"receipt": wrong + shown[1:]}, page="/receipts")
    assert slip.status_code == 422 and "посмотрите на группу 1" in slip.text
    for rubbish in ("", "<script>", "Ω" * 22, "9" * 500):
        assert browser.post("/receipts", {"receipt": rubbish}, page="/receipts").status_code == 422
    assert room.browser("technician").get("/receipts").status_code == 403


def test_the_package_carries_the_code_that_the_screen_showed(
        worked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room, kiosk, code = worked
    join_hub(room, tmp_path / "hub", monkeypatch)
    room.command("absent")
    room.sweep()
    room.run_jobs()
    room.close_room()
    package = room.pack()
    with room.services.storage.read() as session:
        manifest = read_manifest(session.get(PackageRecord, package).manifest.encode())
    assert {one.receipt for one in manifest.attempts if one.id == kiosk.attempt} == {code}
