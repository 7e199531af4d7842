"""The seat obeys parts, fixed times and breaks, and goes on after a restart in the middle of any of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_client import route, rules
from kiosk_client.refusals import NotNow
from kiosk_client.seat import Seat
from tests.kiosk_client.builders import SeatMaker
from tests.kiosk_client.parts import make_plan
from tests.kiosk_client.test_seat import kinds


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[SeatMaker]:
    made = SeatMaker(tmp_path)
    yield made
    made.close()


@pytest.fixture
def seat(maker: SeatMaker) -> Seat:
    made = maker.sit()
    maker.start(made, **make_plan())
    return made


def rest(maker: SeatMaker, seat: Seat) -> None:
    """To the first break."""
    seat.go("i2")
    seat.go_on()
    assert seat.state.break_now is not None


def speak(maker: SeatMaker, seat: Seat) -> None:
    """Through the first break to the fixed spoken item."""
    rest(maker, seat)
    maker.pass_time(seat, 121, step_s=11)
    assert (seat.state.item, seat.state.stage) == ("i3", "choose")


def reaches(seat: Seat) -> list[str]:
    return [summary.reach for summary in rules.summarize(seat.items, seat.state)]


# Parts.

def test_inside_an_open_part_one_walks_freely_and_nowhere_else(seat: Seat) -> None:
    assert reaches(seat) == ["open", "open", "ahead", "ahead"]
    seat.go("i2")
    seat.go("i1")
    with pytest.raises(NotNow):
        seat.go("i3")
    with pytest.raises(NotNow):
        seat.finish()


def test_the_end_of_a_part_is_named_before_it_is_left(seat: Seat) -> None:
    assert rules.name_way_on(seat.items, seat.state) == "item"
    seat.go("i2")
    assert rules.name_way_on(seat.items, seat.state) == "break"


def test_a_part_ends_at_its_time_wherever_the_candidate_is(maker: SeatMaker, seat: Seat) -> None:
    maker.pass_time(seat, 301, step_s=7)
    assert seat.state.item == "i1" and seat.state.break_now is not None and seat.state.break_now.number == 1
    with pytest.raises(NotNow):
        seat.answer("i1", "r1", "c1")


def test_time_saved_in_a_part_goes_to_what_follows(maker: SeatMaker, seat: Seat) -> None:
    maker.pass_time(seat, 100, step_s=10)
    speak(maker, seat)
    assert seat.log.left_ms("work") == pytest.approx(500_000, abs=11_000)


def test_a_part_that_does_not_move_on_closes_its_answers(maker: SeatMaker) -> None:
    seat = maker.sit()
    parts = [{"id": "a", "positions": [1], "time_s": 60, "auto_move": False}, {"id": "b", "positions": [2, 3, 4]}]
    fields = make_plan(parts=parts, breaks=[], positions=[{"number": n, "kind": "written"} for n in (1, 2, 3, 4)])
    maker.start(seat, **fields)
    maker.pass_time(seat, 70, step_s=10)
    assert seat.state.item == "i1"
    with pytest.raises(NotNow):
        seat.answer("i1", "r1", "c1")
    seat.go_on()
    assert seat.state.item == "i2" and reaches(seat) == ["closed", "open", "open", "open"]


def test_a_linear_part_goes_forward_only(maker: SeatMaker) -> None:
    seat = maker.sit()
    fields = make_plan(parts=[{"id": "a", "positions": [1, 2, 3, 4], "navigation": "linear"}], breaks=[],
                       positions=[{"number": n, "kind": "written"} for n in (1, 2, 3, 4)])
    maker.start(seat, **fields)
    assert rules.name_way_on(seat.items, seat.state) == "closing"
    seat.answer("i1", "r1", "c1")
    seat.go_on()
    assert reaches(seat) == ["closed", "open", "ahead", "ahead"]
    for item in ("i1", "i3"):
        with pytest.raises(NotNow):
            seat.go(item)
    with pytest.raises(NotNow):
        seat.answer("i1", "r1", "c2")


# Fixed times.

def test_a_fixed_item_is_not_left_before_its_time(maker: SeatMaker, seat: Seat) -> None:
    speak(maker, seat)
    assert rules.name_way_on(seat.items, seat.state) == ""
    for action in (seat.go_on, lambda: seat.go("i4"), seat.finish):
        with pytest.raises(NotNow):
            action()


def test_a_fixed_item_goes_through_its_stages_and_on_by_itself(maker: SeatMaker, seat: Seat) -> None:
    speak(maker, seat)
    maker.pass_time(seat, 51)
    assert seat.state.stage == "prepare"
    maker.pass_time(seat, 91)
    assert seat.state.stage == "speak" and seat.speaking.is_recording
    maker.pass_time(seat, 62)
    assert seat.state.break_now is not None and seat.state.break_now.number == 2
    [recording] = seat.state.recordings
    assert (recording.end_reason, recording.committed, seat.state.stage) == ("time", True, "after")


def test_who_speaks_early_waits_for_the_end_of_the_fixed_time(maker: SeatMaker, seat: Seat) -> None:
    speak(maker, seat)
    seat.prepare()
    seat.speak()
    maker.pass_time(seat, 10)
    seat.stop_speaking()
    assert seat.state.item == "i3" and seat.state.stage == "after"
    maker.pass_time(seat, 150, step_s=10)
    assert seat.state.break_now is None
    maker.pass_time(seat, 50, step_s=10)
    assert seat.state.break_now is not None


def test_the_last_second_of_a_fixed_speech_is_not_cut_by_waiting(maker: SeatMaker, seat: Seat) -> None:
    speak(maker, seat)
    maker.pass_time(seat, 56, step_s=14)
    maker.pass_time(seat, 98, step_s=14)
    assert seat.state.stage == "speak"
    maker.pass_time(seat, 56, step_s=1)
    assert seat.log.left_ms(route.name_fixed_timer("i3")) == 0 and seat.speaking.is_recording
    maker.pass_time(seat, 5, step_s=1)
    assert seat.state.break_now is not None


def test_the_work_ends_with_its_last_fixed_item(maker: SeatMaker) -> None:
    seat = maker.sit()
    positions = [{"number": n, "kind": "written", "time_s": 150, "fixed": True} for n in (1, 2, 3, 4)]
    maker.start(seat, **make_plan(parts=[{"id": "a", "positions": [1, 2, 3, 4], "navigation": "linear"}], breaks=[],
                                  positions=positions))
    maker.direct(seat, "extra_time", seconds=60)
    maker.pass_time(seat, 605, step_s=5)
    assert seat.state.finished and seat.state.finish_reason == "time"
    assert seat.state.left_ms("work", maker.clock.wall_ms()) == pytest.approx(60_000, abs=6_000)


# Breaks.

def test_nothing_is_open_in_a_break_and_the_clock_of_the_work_stands(maker: SeatMaker, seat: Seat) -> None:
    rest(maker, seat)
    before = seat.log.left_ms("work")
    assert reaches(seat) == ["closed", "closed", "ahead", "ahead"]
    for action in (seat.go_on, seat.end_break, seat.finish, lambda: seat.go("i1"), lambda: seat.play("i2"),
                   lambda: seat.answer("i1", "r1", "c1")):
        with pytest.raises(NotNow):
            action()
    maker.pass_time(seat, 60, step_s=10)
    assert seat.log.left_ms("work") == before and seat.log.left_ms("break:1") == 60_000
    maker.pass_time(seat, 61)
    assert (seat.state.item, seat.state.break_now) == ("i3", None)


def test_a_break_in_the_duration_may_be_ended_early_where_the_work_allows(maker: SeatMaker, seat: Seat) -> None:
    speak(maker, seat)
    maker.pass_time(seat, 201)
    left = seat.log.left_ms("work")
    maker.pass_time(seat, 20)
    assert seat.log.left_ms("work") == left - 20_000
    seat.end_break()
    assert seat.state.item == "i4" and reaches(seat) == ["closed", "closed", "closed", "open"]
    seat.answer("i4", "r1", "done")
    seat.finish()
    assert seat.state.finished


def test_a_restart_in_a_break_goes_on_resting(maker: SeatMaker, seat: Seat) -> None:
    rest(maker, seat)
    maker.pass_time(seat, 30, step_s=10)
    maker.close()
    maker.clock.advance(40_000)
    again = maker.sit()
    assert again.log.left_ms("break:1") == pytest.approx(50_000, abs=1_000)
    assert [incident["kind"] for incident in again.state.incidents] == []
    maker.pass_time(again, 51)
    assert again.state.item == "i3" and again.log.left_ms("work") == pytest.approx(600_000, abs=2_000)


def test_a_restart_that_outlasts_a_break_takes_nothing_from_the_work(maker: SeatMaker, seat: Seat) -> None:
    speak(maker, seat)
    maker.pass_time(seat, 201)
    maker.pass_time(seat, 10)
    left = seat.log.left_ms("work") or 0
    maker.close()
    maker.clock.advance(150_000)
    again = maker.sit()
    again.tick()
    assert again.state.item == "i4"
    assert again.log.left_ms("work") == pytest.approx(left - 50_000, abs=6_000)


def test_another_seat_goes_on_with_the_break(maker: SeatMaker, seat: Seat) -> None:
    rest(maker, seat)
    maker.pass_time(seat, 20, step_s=10)
    seat.leave_for_other_seat()
    maker.pass_time(seat, 200, step_s=10)
    assert seat.state.break_now is not None


def test_a_pause_in_a_break_lengthens_it(maker: SeatMaker, seat: Seat) -> None:
    rest(maker, seat)
    maker.direct(seat, "pause", reason="")
    maker.pass_time(seat, 200, step_s=10)
    maker.direct(seat, "resume", reason="")
    assert seat.log.left_ms("break:1") == 120_000


def test_the_organizer_ends_a_break_and_brings_somebody_back(maker: SeatMaker, seat: Seat) -> None:
    rest(maker, seat)
    maker.direct(seat, "next_item", item="")
    assert (seat.state.item, seat.state.break_now) == ("i3", None)
    maker.direct(seat, "next_item", item="i3")
    assert seat.state.break_now is not None and seat.state.break_now.number == 2
    maker.direct(seat, "repeat_item", item="i3")
    assert (seat.state.item, seat.state.stage, seat.state.break_now) == ("i3", "choose", None)
    assert seat.log.left_ms(route.name_fixed_timer("i3")) == 200_000
    maker.pass_time(seat, 201)
    assert seat.state.item == "i4", "a break that was had does not come again"


def test_a_break_is_journalled_with_its_clock(maker: SeatMaker, seat: Seat) -> None:
    rest(maker, seat)
    assert kinds(seat)[-3:] == ["item_left", "break_started", "timer_started"]
    maker.pass_time(seat, 121, step_s=11)
    after = kinds(seat)[kinds(seat).index("break_ended"):]
    assert after[:4] == ["break_ended", "item_entered", "timer_started", "timer_started"]


# Needs.

def test_extra_time_lengthens_stages_and_the_work(maker: SeatMaker) -> None:
    seat = maker.sit()
    maker.direct(seat, "needs", extra_percent=50, large_print=True, high_contrast=False)
    maker.start(seat, **make_plan(50))
    assert seat.state.needs["large_print"] and seat.log.left_ms("work") == 870_000
    spoken = seat.items[2]
    assert (spoken["fixed_s"], spoken["speaking"]["prepare_s"], spoken["speaking"]["record_s"]) == (300, 135, 90)
    maker.pass_time(seat, 430, step_s=10)
    assert seat.state.break_now is None
    maker.pass_time(seat, 30, step_s=10)
    assert seat.state.break_now is not None and seat.log.left_ms("break:1") == pytest.approx(120_000, abs=10_000)


def test_extra_time_given_on_the_way_belongs_to_the_part_of_now(maker: SeatMaker, seat: Seat) -> None:
    maker.direct(seat, "extra_time", seconds=60)
    maker.pass_time(seat, 350, step_s=10)
    assert seat.state.break_now is None
    maker.pass_time(seat, 20, step_s=10)
    assert seat.state.break_now is not None
