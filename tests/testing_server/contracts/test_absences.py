"""Leaving the room: the work's clock runs or stands, two seats agree, nothing stays open for ever."""

from __future__ import annotations

from itertools import permutations

import pytest

from testing_server.contracts.absences import name_work_clock
from testing_server.contracts.calls import CallReason, find_reason
from testing_server.contracts.events import BadEvent, Event, write_event
from testing_server.contracts.fold import AttemptState, fold
from tests.testing_server.contracts.make_events import at, make_event, make_opening

L1, L2 = 1025, 1026
START = [make_opening(L1, "10:00"), make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=3_600_000)]


def leave(number: int, clock: str, work_clock: str = "runs", lease: int = L1) -> Event:
    return make_event(lease, number, "room_left", clock, by="candidate", work_clock=work_clock)


def come_back(number: int, clock: str, lease: int = L1) -> Event:
    return make_event(lease, number, "room_returned", clock, by="organizer")


def left_minutes(state: AttemptState, clock: str) -> float:
    return (state.left_ms("work", at(clock)) or 0) / 60_000


@pytest.mark.parametrize(("work_clock", "minutes"), [("runs", 40), ("stands", 45)])
def test_the_clock_does_what_the_work_says(work_clock: str, minutes: int) -> None:
    events = [*START, leave(3, "10:10", work_clock), come_back(4, "10:15")]
    for order in permutations(events):
        state = fold([*order, order[0]])
        assert state.absence is None and left_minutes(state, "10:20") == minutes


def test_who_is_out_is_seen_and_does_not_go_out_twice() -> None:
    state = fold([*START, leave(3, "10:10", "stands"), leave(4, "10:12")])
    assert state.absence is not None and state.absence.from_ms == at("10:10")
    assert left_minutes(state, "10:40") == 50


def test_coming_back_without_having_left_changes_nothing() -> None:
    assert fold([*START, come_back(3, "10:10")]).absences == []


def test_an_absence_of_the_old_seat_ends_at_the_new_one() -> None:
    events = [*START, leave(3, "10:10"), make_opening(L2, "10:20"), come_back(2, "10:21", L2),
              come_back(4, "10:30")]
    state = fold(events)
    assert [one.span for one in state.absences] == [(at("10:10"), at("10:21"))]
    assert state.after_move == [(L1, 4)], "what the old seat says later is kept and not counted"


@pytest.mark.parametrize(("assessment", "work_clock"), [
    ({}, "runs"), ({"leaving": {"work_clock": "stands"}}, "stands"), ({"leaving": {"work_clock": "flies"}}, "runs"),
    ({"leaving": None}, "runs"), ({"leaving": "stands"}, "runs")])
def test_the_clock_runs_unless_the_work_says_plainly_that_it_stands(
        assessment: dict[str, object], work_clock: str) -> None:
    assert name_work_clock(assessment) == work_clock


@pytest.mark.parametrize(("kind", "body"), [
    ("room_left", {"by": "candidate"}), ("room_left", {"by": 1, "work_clock": "runs"}), ("room_returned", {}),
    ("sound_checked", {"verdict": "heard"})])
def test_events_without_their_facts_are_refused(kind: str, body: dict[str, object]) -> None:
    with pytest.raises(BadEvent):
        write_event(make_event(L1, 3, kind, "10:10", **body))


def test_a_call_without_a_known_reason_is_a_raised_hand() -> None:
    assert find_reason({"kind": "call", "reason": "microphone"}) == CallReason.MICROPHONE
    assert [find_reason(told) for told in ({}, {"reason": "pizza"}, {"reason": 7})] == [CallReason.HAND] * 3
