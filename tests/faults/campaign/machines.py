"""Faults of one seat's disk and clock."""
from __future__ import annotations

import random
import time

from tests.faults.campaign.control import Disk
from tests.faults.campaign.outcome import CUT_MS, Outcome
from tests.faults.campaign.seat import Before, SeatRun

DAY_S = 86_400
TIME_APART_MS = 3_000


def fill_disk(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """No room for some seconds; sometimes the agent is killed meanwhile and begins again on the full disk."""
    before = seat.take_before()
    seat.workplace.control.set_disk(Disk.full, chance.choice((0, 3_000, 30_000)))
    outcome.details["killed"] = chance.random() < 0.3
    time.sleep(chance.uniform(1, 3))
    killed_at = 0.0
    if outcome.details["killed"]:
        # What waits in memory for room goes with the process: two faults at once, measured and not promised.
        outcome.speech_limit_ms = None
        seat.workplace.kill_agent()
        killed_at = time.monotonic()
        seat.workplace.start_agent()
    time.sleep(chance.uniform(1, 3))
    seat.workplace.control.set_disk(Disk.sound)
    end_disk_fault(seat, outcome, before, seat.is_shown_recording(killed_at))


def end_disk_fault(seat: SeatRun, outcome: Outcome, before: Before, speaks: bool = False) -> None:
    """The disk is well again: whatever ended is started, and everything shown as saved until now is compared.

    `speaks`: the candidate has been speaking through it all. Nothing new is shown then, and nobody has to come back."""
    since, revivals = time.monotonic(), seat.workplace.revivals
    seat.workplace.revive()
    outcome.details["ended"] = seat.workplace.revivals > revivals
    take = seat.workplace.control.last_take if speaks and not outcome.details["ended"] else 0
    if not take:
        seat.wait_return(outcome, before, since)
        outcome.details["ended"] = seat.workplace.revivals > revivals
    restarted = outcome.details["ended"] or outcome.details.get("killed")
    # A candidate who was not interrupted may have walked on meanwhile.
    outcome.is_same_item = outcome.is_same_item or not outcome.details["ended"]
    seat.compare(outcome, before if restarted else before.without_take(), seat.list_saved())
    if not restarted:
        seat.compare_open_sound(outcome, take or before.take)


def make_read_only(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """The system mounts the disk read-only after an error of it; some seconds later it can be written again."""
    outcome.speech_limit_ms = CUT_MS
    before = seat.take_before()
    seat.workplace.control.set_disk(Disk.read_only)
    time.sleep(chance.uniform(1, 4))
    seat.workplace.control.set_disk(Disk.sound)
    end_disk_fault(seat, outcome, before)


def jump_clock(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """The wall clock is set a day or more ahead or back; sometimes the agent is killed then too."""
    before = seat.take_before()
    jump = chance.choice((-1, 1)) * chance.choice((DAY_S, DAY_S, 3_600, 40 * DAY_S))
    outcome.details |= {"jump_s": jump, "killed": chance.random() < 0.5}
    seat.workplace.control.jump_clock(jump)
    since = time.monotonic()
    if outcome.details["killed"]:
        seat.workplace.kill_agent()
        seat.workplace.start_agent()
        seat.wait_return(outcome, before, since)
    else:
        seat.wait_works(since)
    apart = max(abs(event.at_ms - int(time.time() * 1000)) for event in seat.workplace.look().events[-3:])
    outcome.details["events_apart_ms"] = apart
    if apart > TIME_APART_MS + 10_000:
        outcome.trouble = f"events are stamped {apart} ms away from the server's time"
    seat.compare(outcome, before if outcome.details["killed"] else before.without_take())
    if not outcome.details["killed"]:
        seat.compare_open_sound(outcome, before.take)
