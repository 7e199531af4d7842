"""Faults of the classroom server, felt at all seats at once. Candidates work on; what was promised is there after."""
from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import asdict

from tests.faults.campaign.outcome import Outcome
from tests.faults.campaign.seat import SeatRun


def strike_all(seat: SeatRun, outcome: Outcome, strike: Callable[[], None]) -> None:
    """What it does to every seat where somebody works, summed; the slowest and the farthest behind."""
    seats = [one for one in seat.campaign.seats if one.is_working]
    before = {one: one.take_before() for one in seats}
    strike()
    since = time.monotonic()
    for one in seats:
        mine = Outcome(outcome.number, outcome.seed, outcome.kind, one.number)
        one.wait_works(since - 1)
        one.compare(mine, before[one].without_take(), one.list_saved())
        one.compare_open_sound(mine, before[one].take)
        if mine.lost_at_seat or mine.lost_at_server or mine.speech_lost_ms:
            outcome.details[f"lost at seat {one.number}"] = {**asdict(mine), "take": before[one].take}
        one.quiet_since = time.monotonic()
        outcome.saved_before += mine.saved_before
        outcome.lost_at_seat += mine.lost_at_seat
        outcome.lost_at_server += mine.lost_at_server
        outcome.speech_given_ms += mine.speech_given_ms
        outcome.speech_lost_ms = max(outcome.speech_lost_ms, mine.speech_lost_ms)
    outcome.details |= {"seats": len(seats), "caught_up_s": round(time.monotonic() - since, 1)}


def kill_server(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL to the supervisor and all it keeps; started again after a while on the same folder."""
    away_s = chance.choice((0.0, 2.0, 6.0, 12.0))
    outcome.details["away_s"] = away_s

    def strike() -> None:
        seat.campaign.world.kill_classroom()
        time.sleep(away_s)
        seat.campaign.world.restart_classroom()
    strike_all(seat, outcome, strike)


def kill_process(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """SIGKILL to one process of the server; its supervisor starts it again."""
    name = chance.choice(("core", "files"))
    outcome.details["process"] = name

    def strike() -> None:
        classroom = seat.campaign.world.classroom
        killed = classroom.kill_process(name)
        end = time.monotonic() + 60
        while classroom.read_pids().get(name, killed) == killed and time.monotonic() < end:
            time.sleep(0.1)
        classroom.wait_until_healthy()
    strike_all(seat, outcome, strike)


def work_without(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """From the start of a work to its end the server is not there for this seat; all arrives when it is back."""
    seat.finish_work()
    seat.begin_work()
    relay, number = seat.campaign.relay, seat.workplace.number
    relay.pull_out(number)
    try:
        time.sleep(chance.uniform(8, 20))
        if chance.random() < 0.5:
            seat.workplace.cut_power(chance)
            since = time.monotonic()
            outcome.details["power_cut"] = True
            seat.workplace.start_agent()
            seat.workplace.start_page()
            seat.wait_works(since)
        seat.workplace.order(finish=True)
        seat.workplace.wait_shown("done", lambda one: one["screen"] == "done", after=seat.seen_from)
    finally:
        relay.mend(number)
    outcome.attempt = seat.attempt
    saved, mended = seat.list_saved(), time.monotonic()
    outcome.saved_before = len(saved)
    seat.wait_delivered(outcome, saved)
    apart = seat.finish_work()
    outcome.details |= {"caught_up_s": round(time.monotonic() - mended, 1), "apart": apart}
    outcome.trouble = f"the server does not hold {apart}" if apart else ""
    seat.begin_work()
