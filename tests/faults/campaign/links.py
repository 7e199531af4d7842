"""Faults of the cable between one seat and the server. The candidate works on; nothing may be lost, and all arrives."""
from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.faults.campaign.loss import lose_nothing, lose_packets
from tests.faults.campaign.outcome import Outcome
from tests.faults.campaign.seat import SeatRun

KILLED_MEANWHILE = 0.25


def endure(seat: SeatRun, outcome: Outcome, chance: random.Random, trouble: AbstractContextManager[None],
           seconds: float) -> None:
    """The trouble for so long, sometimes with the agent killed in it; then everything must arrive."""
    before = seat.take_before()
    is_killed = chance.random() < KILLED_MEANWHILE
    outcome.details |= {"seconds": round(seconds, 1), "killed": is_killed}
    with trouble:
        time.sleep(seconds / 2)
        moment = seat.take_before() if is_killed else before
        if is_killed:
            seat.workplace.kill_agent()
            since = time.monotonic()
            seat.workplace.start_agent()
            seat.wait_return(outcome, moment, since)
        time.sleep(seconds / 2)
        seat.wait_works(time.monotonic() - 3, 10)
    mended = time.monotonic()
    seat.compare(outcome, moment if is_killed else before.without_take(), seat.list_saved())
    outcome.behind_ms = before.behind_ms
    outcome.details["caught_up_s"] = round(time.monotonic() - mended, 1)
    if not is_killed:
        seat.compare_open_sound(outcome, before.take)


def delay(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """Every piece takes 0.1 to 1.5 s longer each way."""
    seconds = chance.uniform(0.1, 1.5)
    outcome.details["delay_s"] = round(seconds, 2)
    relay, number = seat.campaign.relay, seat.workplace.number
    endure(seat, outcome, chance, use(lambda: relay.set_delay(number, seconds), lambda: relay.mend(number)),
           chance.uniform(3, 8))


def cut(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """The cable is out: connections end, new ones are refused."""
    relay, number = seat.campaign.relay, seat.workplace.number
    endure(seat, outcome, chance, use(lambda: relay.pull_out(number), lambda: relay.mend(number)),
           chance.uniform(2, 12))


def fall_silent(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """Half open: nothing passes and nobody is told; old connections never come back."""
    relay, number = seat.campaign.relay, seat.workplace.number
    endure(seat, outcome, chance, use(lambda: relay.fall_silent(number), lambda: relay.mend(number)),
           chance.uniform(3, 15))


def flap(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """On and off, several times a second to once in some seconds."""
    relay, number = seat.campaign.relay, seat.workplace.number
    before = seat.take_before()
    times = chance.randint(4, 12)
    for _ in range(times):
        relay.pull_out(number)
        time.sleep(chance.uniform(0.05, 0.8))
        relay.mend(number)
        time.sleep(chance.uniform(0.05, 0.8))
    outcome.details["times"] = times
    mended = time.monotonic()
    seat.compare(outcome, before.without_take(), seat.list_saved())
    outcome.details["caught_up_s"] = round(time.monotonic() - mended, 1)
    seat.compare_open_sound(outcome, before.take)


def lose(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """5 to 40 of a hundred packets are dropped in each direction."""
    percent, host = chance.randint(5, 40), seat.campaign.relay.add_seat(seat.workplace.number)
    outcome.details["percent"] = percent
    endure(seat, outcome, chance, use(lambda: lose_packets(host, percent), lambda: lose_nothing(host)),
           chance.uniform(3, 8))


@contextmanager
def use(begin: Callable[[], None], end: Callable[[], None]) -> Iterator[None]:
    """A trouble that surely ends."""
    begin()
    try:
        yield
    finally:
        end()
