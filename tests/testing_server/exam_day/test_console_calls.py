"""Why a candidate calls and who is out of the room, as the organizer reads it at the console."""

from __future__ import annotations

from typing import Any

import pytest

from testing_server.contracts.calls import CallReason
from testing_server.exam_day.console.rules import ACTS, SeatFacts, find_trouble, name_call
from testing_server.exam_day.console.words import ACTS as ACT_WORDS
from testing_server.exam_day.console.words import COMMANDS, TROUBLES
from tests.testing_server.exam_day.builders import Classroom


def look_at_first(person: Any, room: Classroom) -> dict[str, Any]:
    return dict(person.get(f"/v1/sittings/{room.sitting}/live").get_json()["seats"][0])


def start_one(room: Classroom) -> Any:
    kiosk = room.seat(0)
    room.start(kiosk)
    kiosk.now_ms = room.clock.now_ms() + 5
    return kiosk


@pytest.mark.parametrize("reason", list(CallReason))
def test_every_reason_has_a_sentence_and_an_act(reason: CallReason) -> None:
    trouble = find_trouble(SeatFacts("started", silent=False, called=reason))
    assert trouble == name_call(reason) and str(TROUBLES[trouble]) and str(ACT_WORDS[ACTS[trouble]])


def test_the_organizer_reads_why_the_candidate_calls(open_room: Classroom) -> None:
    kiosk, person = start_one(open_room), open_room.browser().client
    kiosk.write("incident_raised", kind="call", text="microphone", reason="microphone")
    kiosk.send()
    seat = look_at_first(person, open_room)
    assert seat["trouble"] == "call_microphone" and "не работает микрофон" in seat["trouble_text"]
    line = person.get(f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}").text
    assert "не работает микрофон" in line


@pytest.mark.parametrize(("word", "code", "sentence"), [
    ("device_lost", "device_ended", "Подключите её снова"), ("all_zero", "device_off", "микрофон выключен кнопкой")])
def test_the_organizer_reads_what_to_do_about_a_dead_microphone(open_room: Classroom, word: str, code: str,
                                                                sentence: str) -> None:
    kiosk, person = start_one(open_room), open_room.browser().client
    kiosk.write("incident_raised", kind="sound", text=word)
    kiosk.send()
    seat = look_at_first(person, open_room)
    assert (seat["trouble"], seat["act"]) == (code, "move")
    assert sentence in seat["trouble_text"]


def test_a_candidate_is_let_out_and_marked_as_back(open_room: Classroom) -> None:
    kiosk, person = start_one(open_room), open_room.browser().client
    kiosk.write("incident_raised", kind="call", text="leave", reason="leave")
    kiosk.send()
    seat = look_at_first(person, open_room)
    assert (seat["trouble"], seat["act"], seat["act_text"]) == ("call_leave", "let_out", "Отпустить")
    open_room.clock.advance(1_000)
    open_room.command("leave_room", [kiosk.attempt])
    assert kiosk.fetch_directives()[-1]["kind"] == "leave_room" and str(COMMANDS["leave_room"])
    kiosk.apply_directives()
    kiosk.write("room_left", by="organizer", work_clock="runs")
    kiosk.send()
    seat = look_at_first(person, open_room)
    assert (seat["trouble"], seat["act"]) == ("away", "return")
    open_room.command("return_to_room", [kiosk.attempt])
    kiosk.apply_directives()
    kiosk.write("room_returned", by="organizer")
    kiosk.send()
    assert look_at_first(person, open_room)["trouble"] == ""
