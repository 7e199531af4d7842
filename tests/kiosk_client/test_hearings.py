"""Hearings over everything that can happen to a seat: never one more than is allowed, never one taken away unheard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom, FakeFault
from kiosk_client.refusals import PlaysOver
from kiosk_client.seat import Seat
from testing_server.exam_day.responses.hearings import Allowed, find_extra_hearings
from tests.kiosk_client.builders import SeatMaker
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until

ITEM, ALLOWED = "i2", {"i2": Allowed(2, 2)}
LENGTH_MS = 8_000


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[SeatMaker]:
    made = SeatMaker(tmp_path)
    yield made
    made.close()


@pytest.fixture
def seat(maker: SeatMaker) -> Seat:
    """At the item that is listened to, its reading time over."""
    made = maker.sit()
    maker.start(made)
    made.go(ITEM)
    maker.pass_time(made, 2)
    return made


def hear(maker: SeatMaker, seat: Seat, until_ms: int) -> int:
    """Hear up to there, telling every second; ends the hearing if that is the end. Where the sound began."""
    told = seat.play(ITEM)
    for position in range(told["position_ms"] + 1_000, until_ms + 1, 1_000):
        maker.pass_time(seat, 1)
        seat.play_progress(ITEM, told["play"], position)
    if until_ms >= LENGTH_MS:
        seat.play_ended(ITEM, told["play"])
    return int(told["position_ms"])


def expect_all_heard_once(seat: Seat) -> None:
    """Both hearings were had to their ends, and the server finds nothing to say."""
    with pytest.raises(PlaysOver):
        seat.play(ITEM)
    assert [play.ended for play in seat.state.plays[ITEM]] == [True, True]
    assert find_extra_hearings([event for event in seat.log._events if "play" in event.kind], ALLOWED) == []


def test_a_page_loaded_anew_goes_on_hearing_from_two_seconds_before(maker: SeatMaker, seat: Seat) -> None:
    hear(maker, seat, 5_000)
    # The other page is there at once: nobody was ever away.
    maker.pass_time(seat, 3)
    assert seat.playing is not None
    maker.pass_time(seat, 2)
    assert seat.playing is None
    assert hear(maker, seat, LENGTH_MS) == 3_000
    hear(maker, seat, LENGTH_MS)
    expect_all_heard_once(seat)


def test_a_page_that_tells_of_its_hearing_keeps_it(maker: SeatMaker, seat: Seat) -> None:
    hear(maker, seat, 7_000)
    assert seat.playing == (ITEM, 1)


def test_a_page_that_dies_before_the_first_sound_takes_nothing_away(maker: SeatMaker, seat: Seat) -> None:
    seat.play(ITEM)
    maker.pass_time(seat, 6)
    assert hear(maker, seat, LENGTH_MS) == 0
    hear(maker, seat, LENGTH_MS)
    expect_all_heard_once(seat)


@pytest.mark.parametrize("heard_ms", [0, 4_000, 7_000])
def test_an_agent_started_again_goes_on_with_the_same_hearing(maker: SeatMaker, seat: Seat, heard_ms: int) -> None:
    hear(maker, seat, heard_ms)
    maker.close()
    maker.clock.advance(3_000)
    again = maker.sit()
    assert hear(maker, again, LENGTH_MS) == max(0, heard_ms - 2_000)
    hear(maker, again, LENGTH_MS)
    expect_all_heard_once(again)


def test_an_agent_started_again_after_the_end_gives_no_further_hearing(maker: SeatMaker, seat: Seat) -> None:
    hear(maker, seat, LENGTH_MS)
    hear(maker, seat, LENGTH_MS)
    maker.close()
    expect_all_heard_once(maker.sit())


def test_a_pause_in_the_middle_gives_the_rest_of_the_hearing_back(maker: SeatMaker, seat: Seat) -> None:
    hear(maker, seat, 6_000)
    maker.direct(seat, "pause", reason="")
    assert seat.playing is None
    maker.direct(seat, "resume", reason="")
    assert hear(maker, seat, LENGTH_MS) == 4_000
    hear(maker, seat, LENGTH_MS)
    expect_all_heard_once(seat)


# Another seat.

def begin_hearing(agent: Agent, until_ms: int) -> None:
    """The agent's candidate comes to the item and hears up to there."""
    seat = agent.require_seat()
    seat.go(ITEM)
    wait_until(lambda: seat.state.stage == "listen")
    go_on_hearing(agent, until_ms)


def go_on_hearing(agent: Agent, until_ms: int) -> int:
    """Where the sound began."""
    seat = agent.require_seat()
    told = seat.play(ITEM)
    for position in range(told["position_ms"] + 1_000, until_ms + 1, 1_000):
        seat.play_progress(ITEM, told["play"], position)
    if until_ms >= LENGTH_MS:
        seat.play_ended(ITEM, told["play"])
    return int(told["position_ms"])


def move(old: Agent, new: Agent, classroom: FakeClassroom) -> None:
    """The candidate signs in at the other workstation."""
    pair(new, classroom)
    new.sign_in(LOGIN)
    new.attach()
    wait_until(lambda: new.require_seat().items)


def test_a_moved_candidate_hears_the_rest_and_no_more(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    old, new = make_agent(classroom.url, "old"), make_agent(classroom.url, "new")
    attempt = sit_down(old, classroom)
    begin_hearing(old, LENGTH_MS)
    go_on_hearing(old, 5_000)
    wait_until(lambda: attempt.state.plays.get(ITEM) and attempt.state.plays[ITEM][-1].position_ms == 5_000)
    move(old, new, classroom)
    wait_until(lambda: old.require_seat().moved and old.require_seat().playing is None)
    assert go_on_hearing(new, LENGTH_MS) == 3_000
    with pytest.raises(PlaysOver):
        new.require_seat().play(ITEM)
    wait_until(lambda: attempt.state.plays[ITEM][-1].ended)
    assert find_extra_hearings([event for event in attempt.events if "play" in event.kind], ALLOWED) == []


def test_what_nobody_knew_of_at_the_move_is_heard_again_and_found_by_the_server(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    old, new = make_agent(classroom.url, "old"), make_agent(classroom.url, "new")
    attempt = sit_down(old, classroom)
    wait_until(lambda: not old.journal.count_unacked())
    lease = old.require_seat().log.lease

    def cut_off(path: str) -> None:
        if path.endswith("/events") and not new.seating.seat:
            raise FakeFault(503, "busy", 0.1)

    classroom.fail = cut_off
    begin_hearing(old, LENGTH_MS)
    pair(new, classroom)
    assert not new.sign_in(LOGIN).state.plays
    new.attach()
    wait_until(lambda: new.require_seat().items)
    wait_until(lambda: attempt.acked(lease) == old.journal.head(attempt.id, lease)[0])
    begin_hearing(new, LENGTH_MS)
    wait_until(lambda: not new.journal.count_unacked())
    assert find_extra_hearings([event for event in attempt.events if "play" in event.kind], ALLOWED) == [(ITEM, 1)]
