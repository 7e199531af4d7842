"""Out of the room and back: nothing is answered or heard meanwhile, the clock obeys the work, restarts remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom
from kiosk_client.refusals import LoginWrong, NotNow
from kiosk_client.seat import Seat
from testing_server.contracts.calls import CallReason
from tests.kiosk_client.builders import SeatMaker
from tests.kiosk_client.conftest import LOGIN, sit_down, wait_until


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[SeatMaker]:
    made = SeatMaker(tmp_path)
    yield made
    made.close()


def started(maker: SeatMaker, work_clock: str = "runs") -> Seat:
    seat = maker.sit()
    seat.log.signed_in = msgspec.structs.replace(seat.log.signed_in, assessment={
        **seat.log.signed_in.assessment, "leaving": {"work_clock": work_clock}})
    maker.start(seat)
    return seat


def speaking(maker: SeatMaker) -> Seat:
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    maker.clock.advance(1000)
    seat.speak()
    wait_until(lambda: seat.log.journal.count_waiting_parts())
    return seat


@pytest.mark.parametrize(("work_clock", "left_s"), [("runs", 540), ("stands", 600)])
def test_the_clock_runs_or_stands_as_the_work_says(maker: SeatMaker, work_clock: str, left_s: int) -> None:
    seat = started(maker, work_clock)
    seat.leave_room()
    maker.pass_time(seat, 60)
    seat.return_to_room()
    assert seat.log.left_ms("work") == left_s * 1000
    seat.answer("i1", "r1", "c2")


def test_nothing_can_be_done_from_outside(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.leave_room()
    for action in (lambda: seat.answer("i1", "r1", "c2"), lambda: seat.go("i2"), seat.go_on, seat.finish,
                   seat.leave_room):
        with pytest.raises(NotNow):
            action()
    seat.return_to_room()
    with pytest.raises(NotNow):
        seat.return_to_room()


def test_time_goes_on_to_the_end_of_the_work(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.leave_room()
    maker.pass_time(seat, 601)
    assert seat.state.finish_reason == "time"
    with pytest.raises(NotNow):
        seat.return_to_room()


def test_a_hearing_is_broken_off_and_may_be_had_again(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.go("i2")
    maker.pass_time(seat, 2)
    told = seat.play("i2")
    seat.play_progress("i2", told["play"], 1500)
    seat.leave_room()
    with pytest.raises(NotNow):
        seat.play("i2")
    seat.return_to_room()
    assert seat.play("i2")["play"] == told["play"]


def test_nobody_walks_out_of_his_own_speech(maker: SeatMaker) -> None:
    seat = speaking(maker)
    with pytest.raises(NotNow):
        seat.leave_room()
    assert seat.speaking.is_recording


def test_speech_that_the_organizer_broke_off_goes_on_as_a_further_recording(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.direct(seat, "leave_room")
    assert not seat.speaking.is_recording and seat.state.recordings[-1].end_reason == "left"
    maker.pass_time(seat, 5)
    maker.direct(seat, "return_to_room")
    assert seat.speaking.is_recording and len(seat.state.recordings) == 2


def test_a_preparation_does_not_become_speech_while_nobody_is_there(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    maker.direct(seat, "leave_room")
    maker.pass_time(seat, 120)
    assert seat.state.stage == "prepare" and seat.state.recordings == []
    maker.direct(seat, "return_to_room")
    maker.pass_time(seat, 1)
    assert seat.state.stage == "speak"


def test_the_organizers_word_said_twice_or_too_early_does_no_harm(maker: SeatMaker) -> None:
    seat = maker.sit()
    maker.direct(seat, "leave_room")
    maker.start(seat)
    maker.direct(seat, "return_to_room")
    assert seat.state.absences == []
    maker.direct(seat, "leave_room")
    maker.direct(seat, "leave_room")
    assert len(seat.state.absences) == 1


def test_a_restart_outside_is_neither_a_return_nor_an_outage(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.leave_room()
    maker.close()
    maker.clock.advance(60_000)
    again = maker.sit()
    assert again.state.absence is not None and again.state.incidents == []
    again.return_to_room()
    assert again.log.left_ms("work") == 540_000


def test_a_candidate_may_call_before_the_start_and_in_a_pause(maker: SeatMaker) -> None:
    seat = maker.sit()
    seat.call(CallReason.NO_SOUND)
    maker.start(seat)
    maker.direct(seat, "pause")
    seat.call(CallReason.UNWELL)
    assert [told["reason"] for told in seat.state.incidents] == ["no_sound", "unwell"]
    maker.direct(seat, "finish", reason="organizer")
    with pytest.raises(NotNow):
        seat.call(CallReason.HAND)


def test_only_the_own_login_opens_the_screen_again_also_without_the_server(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    agent.require_seat().leave_room()
    classroom.stop()
    for wrong in ("00000000", "1234", ""):
        with pytest.raises(LoginWrong):
            agent.seating.check_login(wrong)
    agent.seating.check_login(f"{LOGIN[:4]} {LOGIN[4:]}")


def test_who_signs_in_at_another_seat_is_in_the_room_again(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    agent.require_seat().leave_room()
    wait_until(lambda: attempt.state.absence)
    other = make_agent(classroom.url, "other")
    sit_down(other, classroom)
    assert other.require_seat().state.absence is None
    wait_until(lambda: attempt.state.absence is None)
