"""What each kind of fault does to a seat. Takes the seat, the outcome and chance; what is found is in the outcome.

The table at the end names them all.
"""
from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from tests.faults.campaign.outcome import CUT_MS, Outcome
from tests.faults.campaign.seat import SeatRun

Fault = Callable[[SeatRun, Outcome, random.Random], None]


def kill_agent(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL; the page stays open. Something starts the agent again at once, as the system's service does."""
    before = seat.take_before()
    seat.workplace.kill_agent()
    since = time.monotonic()
    seat.workplace.start_agent()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, before)


def kill_page(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL to the page; the agent opens another one. Speech goes on meanwhile."""
    before = seat.take_before()
    seat.workplace.kill_page()
    since = time.monotonic()
    seat.workplace.start_page()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, replace(before, take=0))


def kill_both(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL to agent and page in either order."""
    before = seat.take_before()
    first, second = chance.sample([seat.workplace.kill_agent, seat.workplace.kill_page], 2)
    first()
    second()
    since = time.monotonic()
    seat.workplace.start_agent()
    seat.workplace.start_page()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, before)


def cut_power(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """Everything ends, and what was not synced is there or not, as a disk has it. Back once the agent is started."""
    outcome.speech_limit_ms = CUT_MS
    before = seat.take_before()
    outcome.details["unsynced_bytes"] = seat.workplace.cut_power(chance)
    since = time.monotonic()
    seat.workplace.start_agent()
    seat.workplace.start_page()
    seat.wait_return(outcome, before, since)
    seat.compare(outcome, before)


FAULTS: dict[str, Fault] = {
    "agent_killed": kill_agent, "page_killed": kill_page, "both_killed": kill_both, "power_cut": cut_power,
}
