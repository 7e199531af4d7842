"""Breaks in the fold: the work's clock stands or runs, two seats agree, whatever order their events come in."""

from __future__ import annotations

import pytest

from testing_server.contracts.events import BadEvent, Event, check_event
from testing_server.contracts.fold import fold
from tests.testing_server.contracts.make_events import apply_directive, at, make_directive, make_event, make_opening
from tests.testing_server.contracts.test_fold import L1, L2, fold_in_every_order

TEN_MINUTES = 600_000
WORK = make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=TEN_MINUTES)


def begin(lease: int, number: int, clock: str, which: int = 1, work: str = "stands") -> Event:
    return make_event(lease, number, "break_started", clock, **{"break": which, "kind": "eyes", "work_clock": work})


def end(lease: int, number: int, clock: str, which: int = 1) -> Event:
    return make_event(lease, number, "break_ended", clock, **{"break": which, "reason": "time"})


def measure(lease: int, number: int, clock: str, which: int = 1) -> Event:
    return make_event(lease, number, "timer_started", clock, timer=f"break:{which}", allotted_ms=300_000)


@pytest.mark.parametrize(("work", "left"), [("stands", 8), ("runs", 3)])
def test_the_clock_of_the_work_stands_or_runs_in_a_break(work: str, left: int) -> None:
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01", work=work), measure(L1, 4, "10:01"),
              end(L1, 5, "10:06")]
    state = fold_in_every_order(events)
    assert state.left_ms("work", at("10:07")) == left * 60_000 and state.break_now is None


def test_the_clock_of_the_break_runs_and_a_pause_stops_it() -> None:
    pause = make_directive(1, "pause", reason="")
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01"), measure(L1, 4, "10:01"),
              apply_directive(L1, 5, pause, "10:03")]
    state = fold_in_every_order(events)
    assert state.break_now is not None and state.break_now.number == 1
    assert state.left_ms("break:1", at("10:02")) == 4 * 60_000
    assert state.left_ms("break:1", at("10:09")) == 3 * 60_000 and state.left_ms("work", at("10:09")) == 9 * 60_000


def test_a_break_goes_on_at_the_new_seat() -> None:
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01"), measure(L1, 4, "10:01"),
              make_opening(L2, "10:03"), end(L2, 2, "10:06")]
    state = fold_in_every_order(events)
    assert state.breaks[1].spans == ((at("10:01"), at("10:06")),)
    assert state.left_ms("work", at("10:07")) == 8 * 60_000


def test_an_old_seat_that_ends_the_break_after_the_move_ends_nothing() -> None:
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01"), make_opening(L2, "10:03"), end(L1, 4, "10:06")]
    state = fold_in_every_order(events)
    assert state.after_move == [(L1, 4)] and state.break_now is not None


def test_two_seats_that_both_began_the_break_give_one_break() -> None:
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01"), make_opening(L2, "10:03"), begin(L2, 2, "10:04"),
              end(L2, 3, "10:09")]
    assert fold_in_every_order(events).breaks[1].spans == ((at("10:01"), at("10:09")),)


def test_a_break_had_at_the_old_seat_may_be_had_again_at_one_that_knew_nothing_of_it() -> None:
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01"), end(L1, 4, "10:02"), make_opening(L2, "10:03"),
              begin(L2, 2, "10:04")]
    state = fold_in_every_order(events)
    assert state.breaks[1].spans == ((at("10:01"), at("10:02")), (at("10:04"), None))


def test_a_later_break_ends_the_earlier_one() -> None:
    events = [make_opening(L1, "10:00"), WORK, begin(L1, 3, "10:01"), begin(L1, 4, "10:05", which=2)]
    state = fold_in_every_order(events)
    assert state.break_now is not None and state.break_now.number == 2
    assert state.breaks[1].spans == ((at("10:01"), at("10:05")),)


def test_an_end_without_a_beginning_is_no_break() -> None:
    assert fold([make_opening(L1, "10:00"), end(L1, 2, "10:01")]).breaks == {}


def test_what_is_still_to_be_rested_is_known_from_the_start() -> None:
    breaks = [{"number": number, "seconds": seconds, "work_clock": clock}
              for number, seconds, clock in ((1, 300, "stands"), (2, 120, "stands"), (3, 60, "runs"))]
    start = make_directive(1, "start", plan={"breaks": breaks})
    events = [make_opening(L1, "10:00"), WORK]
    assert fold(events, [start]).rest_ahead_ms(at("10:00")) == 420_000
    resting = [*events, begin(L1, 3, "10:01"), measure(L1, 4, "10:01")]
    assert fold(resting, [start]).rest_ahead_ms(at("10:02")) == 240_000 + 120_000
    assert fold([*resting, end(L1, 5, "10:06")], [start]).rest_ahead_ms(at("10:07")) == 120_000


def test_the_last_needs_count_in_whatever_order_they_come() -> None:
    first, last = make_directive(1, "needs", extra_percent=25), make_directive(2, "needs", extra_percent=50)
    for directives in ([first, last], [last, first]):
        assert fold([make_opening(L1, "10:00")], directives).needs == {"extra_percent": 50}


def test_a_break_without_its_clock_is_refused() -> None:
    with pytest.raises(BadEvent, match="work_clock"):
        check_event(make_event(L1, 2, "break_started", "10:00", **{"break": 1, "kind": "eyes"}))
