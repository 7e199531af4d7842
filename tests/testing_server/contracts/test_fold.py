"""The fold cases of protocol §2, each in every order of arrival and with repeats."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_server.contracts.fold import AttemptState, fold
from tests.testing_server.contracts.make_events import (
    apply_directive, at, make_answer, make_directive, make_event, make_opening)

L1, L2, L3 = 1025, 1026, 1027
OPENINGS = [make_opening(L1, "10:00"), make_opening(L2, "10:03")]


def fold_in_every_order(events: list) -> AttemptState:
    """One state, whatever the order and the repeats; fails if two orders differ."""
    states = [fold([*order, order[0]]) for order in permutations(events)]
    assert all(state == states[0] for state in states)
    return states[0]


def value_of(state: AttemptState, response: str) -> object:
    return state.responses[f"i/{response}"].value


def test_a_late_answer_counts_where_the_new_seat_never_touched_it() -> None:
    state = fold_in_every_order([*OPENINGS, make_answer(L1, 2, "q5", "B", "10:01")])
    assert value_of(state, "q5") == "B" and state.after_move == []


def test_the_new_seat_wins_over_a_late_answer() -> None:
    events = [*OPENINGS, make_answer(L2, 2, "q5", "C", "10:05"), make_answer(L1, 2, "q5", "B", "10:01")]
    assert value_of(fold_in_every_order(events), "q5") == "C"


def test_clearing_at_the_new_seat_is_an_answer() -> None:
    events = [*OPENINGS, make_answer(L1, 2, "q5", "B", "10:01"), make_answer(L2, 2, "q5", None, "10:04")]
    assert value_of(fold_in_every_order(events), "q5") is None


def test_typing_at_the_old_seat_after_the_move_is_kept_but_not_counted() -> None:
    state = fold_in_every_order([*OPENINGS, make_answer(L1, 2, "q5", "D", "10:30")])
    assert state.responses == {} and state.after_move == [(L1, 2)] and state.heads[L1] == 2


def test_a_doubtful_clock_is_counted_but_loses_to_the_new_seat() -> None:
    doubtful = make_answer(L1, 2, "q6", "A", "10:03:01", err_ms=2000)
    assert value_of(fold_in_every_order([*OPENINGS, doubtful]), "q6") == "A"
    newer = make_answer(L2, 2, "q6", "E", "10:03:00")
    assert value_of(fold_in_every_order([*OPENINGS, doubtful, newer]), "q6") == "E"


def test_a_finish_at_the_old_seat_does_not_finish_a_moved_attempt() -> None:
    events = [*OPENINGS, make_event(L1, 2, "attempt_finished", "10:02", reason="candidate")]
    assert not fold_in_every_order(events).finished


def test_a_grant_never_opened_does_not_exist() -> None:
    state = fold_in_every_order([make_opening(L1, "10:00"), make_answer(L1, 2, "q5", "B", "10:10")])
    assert value_of(state, "q5") == "B"


def test_moving_back_leaves_the_events_between_uncounted() -> None:
    events = [*OPENINGS, make_opening(L3, "10:10"), make_answer(L1, 2, "q5", "X", "10:06"),
              make_answer(L3, 2, "q7", "Y", "10:11")]
    state = fold_in_every_order(events)
    assert state.after_move == [(L1, 2)] and value_of(state, "q7") == "Y"


def test_answers_outside_the_access_window_are_kept_but_not_counted() -> None:
    events = [make_opening(L1, "10:00"), make_answer(L1, 2, "q1", "A", "20:01")]
    state = fold(events, window=(at("08:00"), at("20:00")))
    assert state.responses == {} and state.out_of_window == [(L1, 2)]


def test_extra_time_counts_from_the_directive_or_from_its_being_applied() -> None:
    extra = make_directive(2, "extra_time", seconds=300)
    started = make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=600_000)
    applied = apply_directive(L1, 3, extra, "10:01")
    opening = make_opening(L1, "10:00")
    for events, directives in (([opening, started], [extra]), ([opening, started, applied], []),
                               ([opening, started, applied], [extra])):
        assert fold(events, directives).left_ms("work", at("10:05")) == 600_000


def test_a_pause_counts_from_the_seat_not_from_the_click() -> None:
    pause, resume = make_directive(1, "pause", reason="drill"), make_directive(2, "resume", reason="")
    events = [make_opening(L1, "10:00"),
              make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=600_000),
              apply_directive(L1, 3, pause, "10:02"), apply_directive(L1, 4, resume, "10:07")]
    assert fold(events, [pause]).left_ms("work", at("10:08")) == 600_000 - 3 * 60_000
    assert fold(events[:3], [pause, resume]).is_paused


def test_a_credited_outage_gives_the_time_back() -> None:
    outage = make_event(L1, 3, "incident_raised", "10:06", kind="outage", text="power",
                        from_ms=at("10:01"), to_ms=at("10:06"), credited_ms=300_000)
    events = [make_opening(L1, "10:00"),
              make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=600_000), outage]
    assert fold(events).left_ms("work", at("10:07")) == 600_000 - 2 * 60_000


def test_pace_stands_still_for_sound() -> None:
    start = make_directive(1, "start", pace=10)
    events = [make_opening(L1, "10:00"),
              make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=2_700_000),
              make_event(L1, 3, "play_started", "10:01", item="i", play=1),
              make_event(L1, 4, "play_ended", "10:02", item="i", play=1)]
    assert fold(events, [start]).left_ms("work", at("10:02")) == 2_700_000 - 600_000 - 60_000


def test_a_recording_is_told_whole() -> None:
    events = [make_opening(L1, "10:00"),
              make_event(L1, 2, "recording_started", "10:01", item="i", response="r", rate_hz=24000, device="m"),
              make_event(L1, 3, "recording_committed", "10:02", started=[L1, 2], bytes=96000, samples=48000,
                         sha256="a" * 64, parts=1, gaps=0, end_reason="candidate", verdict="heard")]
    recording, = fold_in_every_order(events).recordings
    assert (recording.seconds, recording.verdict, recording.committed) == (2, "heard", True)


def test_unknown_kinds_are_skipped_with_their_number_kept() -> None:
    state = fold([make_opening(L1, "10:00"), make_event(L1, 2, "thought_read", "10:01", mind="blank")])
    assert state.heads == {L1: 2}


@given(st.permutations([*OPENINGS, make_answer(L1, 2, "a", "1", "10:01"), make_answer(L1, 3, "b", "2", "10:04"),
                        make_answer(L2, 2, "a", "3", "10:05"), make_answer(L2, 3, "c", None, "10:06")]),
       st.integers(0, 5))
def test_order_and_repeats_are_invisible(events: list, repeated: int) -> None:
    reference = fold(sorted(events, key=lambda event: event.identity))
    assert fold([*events, events[repeated]]) == reference


@pytest.mark.parametrize("timer", ["work", "item:i:prepare"])
def test_a_timer_never_started_has_no_time_left(timer: str) -> None:
    assert fold([make_opening(L1, "10:00")]).left_ms(timer, at("10:01")) is None
