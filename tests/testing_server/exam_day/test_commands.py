"""Commands become numbered facts in order; a candidate moves and nothing is lost."""
from pathlib import Path

import pytest
from sqlalchemy import delete

from testing_server.contracts.refusals import MoveRefused
from testing_server.exam_day.sittings.records import AttemptRecord, BundleRecord, LeaseRecord
from testing_server.exam_day.sittings.rules import (
    BadCommand, NothingToDo, NoVariants, OutsideWindow, PaceRefused, ReasonMissing, SeatOccupied)
from tests.testing_server.exam_day.builders import HOUR_MS, Classroom, make_open_room


def test_directives_are_numbered_in_order(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    open_room.command("extra_time", [kiosk.attempt], seconds=300)
    open_room.command("message", [kiosk.attempt], text="Сядьте ровно")
    told = kiosk.fetch_directives()
    assert [(one["number"], one["kind"]) for one in told] == [(1, "start"), (2, "extra_time"), (3, "message")]
    after = f"{told[1]['generation']}.{told[1]['number']}"
    assert [one["kind"] for one in kiosk.fetch_directives(after)] == ["message"]


def test_start_carries_what_opens_the_variant(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.command("start")
    body = kiosk.fetch_directives()[0]["body"]
    assert body["variant_bundle"] == kiosk.seated["bundles"][0]["sha256"]
    assert set(body["keys"]) == {one["sha256"] for one in kiosk.seated["bundles"]}
    assert (body["pace"], body["duration_s"], body["on_move"]) == (1, 2700, "continue")


def test_a_second_start_does_not_start_twice(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.command("start")
    with pytest.raises(NothingToDo):
        open_room.command("start", [kiosk.attempt])


def test_a_confirmed_pause_shows_in_the_state(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    open_room.command("pause")
    kiosk.apply_directives()
    assert read_state(open_room, kiosk.attempt) == "paused"
    open_room.command("resume")
    kiosk.apply_directives()
    assert read_state(open_room, kiosk.attempt) == "started"


def read_state(room: Classroom, attempt: str) -> str:
    with room.services.storage.read() as session:
        return session.get_one(AttemptRecord, attempt).state


def test_a_moved_candidate_goes_on_with_the_whole_history(open_room: Classroom) -> None:
    old, new = open_room.seat(0), open_room.pair("9")
    open_room.start(old)
    old.answer("i1", "r1", "before")
    open_room.command("move", [old.attempt], workstation=new.workstation)
    assert new.sign_in(open_room.logins[0]).status == 200
    assert new.lease == old.lease + 1
    history = new.ask("GET", f"/v1/attempts/{new.attempt}/history").json
    assert history["events"] == old.lines[old.lease]
    new.open_lease()
    assert old.send().json["lease_state"] == "revoked"


def test_the_old_seat_still_delivers_after_a_move(open_room: Classroom) -> None:
    old, new = open_room.seat(0), open_room.pair("9")
    open_room.start(old)
    open_room.command("move", [old.attempt], workstation=new.workstation)
    new.sign_in(open_room.logins[0])
    new.open_lease()
    told = old.answer("i1", "r1", "late")
    assert (told.status, told.json["acked"]) == (200, len(old.lines[old.lease]))
    refused = old.ask("GET", f"/v1/attempts/{old.attempt}/history")
    assert refused.json["code"] == "lease_revoked"


def test_nobody_is_moved_onto_another_candidate(open_room: Classroom) -> None:
    first, second = open_room.seat(0), open_room.seat(1)
    with pytest.raises(SeatOccupied):
        open_room.command("move", [first.attempt], workstation=second.workstation)


def test_a_grant_that_was_never_opened_is_void_after_the_next_move(open_room: Classroom) -> None:
    kiosk, empty, third = open_room.seat(0), open_room.pair("8"), open_room.pair("9")
    open_room.command("move", [kiosk.attempt], workstation=empty.workstation)
    open_room.command("move", [kiosk.attempt], workstation=third.workstation)
    with open_room.services.storage.read() as session:
        states = {row.lease: row.state for row in session.query(LeaseRecord).filter_by(attempt=kiosk.attempt)}
    assert [states[lease] for lease in sorted(states)] == ["open", "void", "granted"]


def test_finished_work_can_be_reopened_with_a_reason(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    kiosk.write("attempt_finished", reason="candidate")
    kiosk.send()
    with pytest.raises(ReasonMissing):
        open_room.command("reopen", [kiosk.attempt])
    open_room.command("reopen", [kiosk.attempt], reason="нажал случайно")
    kiosk.sign_in(open_room.logins[0])
    kiosk.open_lease()
    kiosk.apply_directives()
    assert read_state(open_room, kiosk.attempt) == "started"


def test_absent_and_back(open_room: Classroom) -> None:
    open_room.command("absent")
    open_room.command("present")
    with pytest.raises(NothingToDo):
        open_room.command("present")


@pytest.mark.parametrize(("kind", "body"), [
    ("extra_time", {"seconds": 0}), ("extra_time", {"seconds": -5}), ("extra_time", {"seconds": "300"}),
    ("extra_time", {}), ("dance", {})])
def test_bad_commands_are_refused(open_room: Classroom, kind: str, body: dict[str, object]) -> None:
    kiosk = open_room.seat(0)
    with pytest.raises(BadCommand):
        open_room.command(kind, [kiosk.attempt], **body)
    assert kiosk.fetch_directives() == []


def test_a_start_before_the_archive_is_open_is_refused_by_its_name(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.write(lambda session: session.execute(delete(BundleRecord)))
    with pytest.raises(NoVariants):
        open_room.command("start")
    assert kiosk.fetch_directives() == []


def test_a_counted_work_runs_at_the_clocks_own_pace(open_room: Classroom) -> None:
    with pytest.raises(PaceRefused):
        open_room.make_sitting(1, pace=61)


def test_a_counted_assessment_refuses_any_other_pace(tmp_path: Path) -> None:
    room = make_open_room(tmp_path / "data", 1, counted=True)
    with pytest.raises(PaceRefused):
        room.make_sitting(1, pace=2)
    room.close()


def test_a_sitting_opens_inside_its_window_only(open_room: Classroom) -> None:
    open_room.make_sitting(1, opened=False)
    open_room.clock.advance(9 * HOUR_MS)
    person = open_room.browser().client
    refused = person.post(f"/v1/sittings/{open_room.sitting}/open")
    assert refused.get_json()["code"] == OutsideWindow.code


def test_states_that_are_not_listed_are_refused(open_room: Classroom) -> None:
    person = open_room.browser().client
    assert person.post(f"/v1/sittings/{open_room.sitting}/close").status_code == 200
    refused = person.post(f"/v1/sittings/{open_room.sitting}/close")
    assert (refused.status_code, refused.get_json()["code"]) == (409, MoveRefused.code)


@pytest.mark.parametrize(("first", "second"), [("pause", "pause"), ("finish", "finish")])
def test_an_equal_command_at_the_same_moment_does_nothing_twice(open_room: Classroom, first: str, second: str) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    open_room.command(first)
    with pytest.raises(NothingToDo):
        open_room.command(second)
    assert [one["kind"] for one in kiosk.fetch_directives()] == ["start", first]


def test_who_was_never_paused_is_not_resumed(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    with pytest.raises(NothingToDo):
        open_room.command("resume")
    for kind in ("pause", "resume", "pause"):
        open_room.command(kind)
    assert [one["kind"] for one in kiosk.fetch_directives()] == ["start", "pause", "resume", "pause"]


def test_telling_again_makes_no_new_directive(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    with pytest.raises(NothingToDo):
        open_room.command("tell_again", [kiosk.attempt])
    open_room.command("message", [kiosk.attempt], text="Сядьте ровно")
    before = kiosk.fetch_directives()
    told = open_room.command("tell_again", [kiosk.attempt])["told"]
    assert [one["attempt"] for one in told] == [kiosk.attempt] and kiosk.fetch_directives() == before
