"""The exit code on the classroom server, and what the organizer sees of focus and screens."""
from dataclasses import asdict

import msgspec

from testing_server.contracts.exit_code import ExitLock, opens
from testing_server.exam_day.console.snapshot import SeatView, take_snapshot
from testing_server.exam_day.workstations.exit_code import FILE_NAME, obtain_exit_code, read_exit_code, renew_exit_code
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


def ask_lock(kiosk: FakeKiosk) -> ExitLock:
    told = kiosk.core.ask("POST", "/v1/time", token=kiosk.token, json={"t0_ms": 1})
    return msgspec.convert(told.json["exit_lock"], ExitLock)


def find_seat(room: Classroom, kiosk: FakeKiosk) -> SeatView:
    with room.services.storage.read() as session:
        snapshot = take_snapshot(session, room.room, room.sitting)
    return next(seat for seat in snapshot.seats if seat.attempt == kiosk.attempt)


def test_workstations_learn_the_lock_and_people_the_code(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    known = obtain_exit_code(open_room.services.settings.keys_folder)
    lock = ask_lock(kiosk)
    assert opens(lock, known.shown) and not opens(lock, "000000" if known.code != "000000" else "000001")
    for page in ("/workstations", f"/sittings/{open_room.sitting}"):
        assert known.shown in person.get(page).text, page


def test_a_changed_code_reaches_every_workstation_and_the_audit_has_no_code(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    before = obtain_exit_code(open_room.services.settings.keys_folder)
    assert person.post("/workstations/exit-code", {}, page="/workstations").status_code == 302
    after = obtain_exit_code(open_room.services.settings.keys_folder)
    assert after.lock != before.lock and opens(ask_lock(kiosk), after.code)
    assert after.shown in person.get("/workstations").text


def test_the_code_outlives_a_restart_and_a_damaged_file_makes_another(open_room: Classroom) -> None:
    folder = open_room.services.settings.keys_folder
    made = renew_exit_code(folder)
    assert read_exit_code(folder) == obtain_exit_code(folder) == made
    assert (folder / FILE_NAME).stat().st_mode & 0o077 == 0
    (folder / FILE_NAME).write_text('{"code": "1"')
    assert obtain_exit_code(folder).lock != made.lock


def test_only_staff_of_the_room_changes_the_code(open_room: Classroom) -> None:
    found = open_room.app.test_client().post("/workstations/exit-code")
    assert found.status_code in (302, 400, 401, 403)


def test_the_seat_card_counts_what_was_noticed(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    open_room.start(kiosk)
    assert find_seat(open_room, kiosk).noticed == 0
    kiosk.write("focus_lost", times=3, away_ms=12_000)
    kiosk.write("focus_lost")
    kiosk.write("screen_changed", change="screens", width=1366, height=768)
    kiosk.send()
    kiosk.send()
    seat = find_seat(open_room, kiosk)
    assert seat.noticed == 5 and seat.trouble == "" and asdict(seat)["noticed"] == 5
    line = person.get(f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}").text
    assert "раз: 3, вместе 12 с" in line and "второй экран" in line


def test_a_hello_names_the_root_of_the_hub_once_there_is_one(open_room: Classroom) -> None:
    kiosk = open_room.pair("9")
    assert kiosk.say_hello().json["hub_root"] == ""
