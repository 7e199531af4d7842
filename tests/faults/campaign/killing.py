"""Faults that end processes or take the power of one seat."""
from __future__ import annotations

import random
import time

from tests.faults.campaign.outcome import CUT_MS, Outcome
from tests.faults.campaign.seat import Before, SeatRun


def kill_agent(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL; the page stays open. Something starts the agent again at once, as the system's service does."""
    before = seat.take_before()
    seat.workplace.kill_agent()
    since = time.monotonic()
    seat.workplace.start_agent()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, before)


def kill_page(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL to the page; another one is opened. Speech goes on meanwhile."""
    before = seat.take_before()
    seat.workplace.kill_page()
    since = time.monotonic()
    seat.workplace.start_page()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, before.without_take())
    seat.compare_open_sound(outcome, before.take)


def kill_both(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL to agent and page in either order."""
    before = seat.take_before()
    first, second = chance.sample([seat.workplace.kill_agent, seat.workplace.kill_page], 2)
    first()
    second()
    come_back(seat, outcome, before)


def cut_power(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """Everything ends, and what was not synced is there or not, as a disk has it. Back once the agent is started."""
    outcome.speech_limit_ms = CUT_MS
    before = seat.take_before()
    outcome.details["unsynced_bytes"] = seat.workplace.cut_power(chance)
    come_back(seat, outcome, before)


def cut_power_twice(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """The power comes back and goes again while the agent still puts things in order."""
    outcome.speech_limit_ms = CUT_MS
    before = seat.take_before()
    seat.workplace.cut_power(chance)
    seat.workplace.start_agent()
    time.sleep(chance.uniform(0.3, 2.0))
    outcome.details["unsynced_bytes"] = seat.workplace.cut_power(chance)
    come_back(seat, outcome, before)


def come_back(seat: SeatRun, outcome: Outcome, before: Before) -> None:
    """Agent and page are started, as the system does; until the work goes on, and what is there then."""
    since = time.monotonic()
    seat.workplace.start_agent()
    seat.workplace.start_page()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, before)
