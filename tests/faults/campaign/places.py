"""Faults by which a candidate's workstation is lost, forgets, or is left for another one."""
from __future__ import annotations

import random
import time
from dataclasses import replace

from tests.faults.campaign.outcome import BEHIND_MS, Outcome
from tests.faults.campaign.seat import Before, SeatRun
from tests.faults.campaign.workplace import Saved, Workplace
from tests.faults.evidence import look_at_room


def list_promised(seat: SeatRun, saved: list[Saved]) -> list[Saved]:
    """Of what was saved, that which the server has: of the rest the page says that only this computer keeps it."""
    held = seat.read_room()
    return [one for one in saved if (one.lease, one.number) in held]


def compare_elsewhere(seat: SeatRun, outcome: Outcome, before: Before, promised: list[Saved]) -> None:
    """Where the folder is gone: what the server had is here again, and of the speech what it had got."""
    outcome.details["not_yet_sent"] = len(before.saved) - len(promised)
    seat.give_up([one for one in before.saved if one not in promised])
    outcome.speech_limit_ms = BEHIND_MS
    seat.compare(outcome, before.without_take(), promised)
    outcome.behind_ms = before.behind_ms
    if before.take:
        seat.compare_sound_at_server(outcome, before.take)


def expect_known_item(seat: SeatRun, before: Before) -> Before:
    """The item that the server knows of: the last step may not have been sent yet."""
    return replace(before, item=look_at_room(seat.room, seat.attempt).state.item or before.item)


def lose_journal(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """The PC is set up anew in the middle of a work: paired again, the organizer moves the candidate to it."""
    before = seat.take_before()
    seat.workplace.stop()
    before, promised = expect_known_item(seat, before), list_promised(seat, before.saved)
    seat.workplace.lose_folder()
    seat.workplace.order()
    seat.campaign.set_up(seat.workplace)
    since = time.monotonic()
    seat.campaign.command("move", [seat.attempt], workstation=seat.workplace.read_workstation())
    seat.workplace.order(login=seat.login)
    seat.wait_return(outcome, before, since)
    compare_elsewhere(seat, outcome, before, promised)


def reset_machine(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """A workstation that forgets at every start: it is paired as in its image and knows nothing of the work."""
    before = seat.take_before()
    seat.workplace.stop()
    before, promised = expect_known_item(seat, before), list_promised(seat, before.saved)
    seat.workplace.reset()
    since = time.monotonic()
    seat.workplace.start_agent()
    seat.workplace.start_page()
    seat.wait_return(outcome, before, since)
    compare_elsewhere(seat, outcome, before, promised)


def move(seat: SeatRun, outcome: Outcome, chance: random.Random) -> None:
    """The workstation falls asleep in the middle; the candidate goes on at another; then the old one wakes up."""
    old, new = seat.workplace, seat.take_spare()
    before = seat.take_before()
    old.freeze(True)
    before, promised = expect_known_item(seat, before), list_promised(seat, before.saved)
    since = time.monotonic()
    seat.campaign.command("move", [seat.attempt], workstation=new.read_workstation())
    seat.sit_at(new)
    new.order(login=seat.login)
    seat.wait_return(outcome, before, since)
    held_here = seat.list_lost_here(promised)
    time.sleep(chance.uniform(0.5, 3))
    wake_old(seat, outcome, before, old)
    outcome.lost_at_seat = held_here


def wake_old(seat: SeatRun, outcome: Outcome, before: Before, old: Workplace) -> None:
    """It delivers what it still has, takes nothing more, and is free for the next candidate."""
    woken = time.monotonic()
    old.freeze(False)
    old.wait_shown("moved", lambda one: one["screen"] == "moved", after=woken)
    late = [one for one in old.list_saved() if one.at > woken]
    seat.wait_delivered(outcome, before.saved)
    outcome.saved_before, outcome.behind_ms = len(before.saved), before.behind_ms
    outcome.details |= {"saved_at_old_after_waking": len(late)}
    if before.take:
        seat.compare_sound_at_server(outcome, before.take, old)
    old.order(leave=True)
    old.wait_shown("the next login", lambda one: one["screen"] == "sign_in", after=woken)
