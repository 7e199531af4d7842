"""One seat of the campaign: candidates come, work, are disturbed, finish and leave; what was promised is compared.

Takes the hall's world; gives `Outcome`s. What a fault does is in `faults`.
"""
from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from testing_server.contracts.events import read_event
from testing_server.rehearsal.drill.witness import ask
from tests.faults.campaign.outcome import Outcome
from tests.faults.campaign.seat_agent import RATE, cut_voice, make_voice, name_take
from tests.faults.campaign.workplace import NeverShown, Saved, Workplace

if TYPE_CHECKING:
    from tests.faults.campaign.campaign import Campaign

BYTES_PER_MS = RATE * 2 // 1000
DELIVER_S = 45
WRITTEN_S = 10
SETTLED_S = 3.0
VOICE = make_voice()
Answer = tuple[str, str, Any]


@dataclass(frozen=True)
class Before:
    """What was promised at the moment of a fault. `take`: the microphone's take that goes on, 0 = nobody speaks."""

    at: float
    item: str
    saved: list[Saved]
    take: int
    behind_ms: int | None

    def without_take(self) -> Before:
        """The same, where the recording was not ended by the fault."""
        return replace(self, take=0)


class SeatRun:
    """One seat and who sits at it."""

    def __init__(self, campaign: Campaign, number: int) -> None:
        self.campaign, self.number = campaign, number
        self.workplace = campaign.make_workplace()
        self.spare: Workplace | None = None
        self.attempt, self.login = "", ""
        self.quiet_since = time.monotonic()
        self.seen_from = 0.0
        self.is_working = False
        self._carried: list[Saved] = []
        self._unpromised: list[Saved] = []

    @property
    def room(self) -> Path:
        """The classroom's folder."""
        return self.campaign.world.room

    # A candidate comes and goes.

    def begin_work(self) -> None:
        """The next login sits down and the work is started."""
        self.login, self._carried, self._unpromised = self.campaign.take_login(), [], []
        self.seen_from = time.monotonic()
        self.workplace.order(login=self.login)
        if self.workplace.agent is None:
            self.campaign.set_up(self.workplace)
        self.workplace.wait_shown("waiting", lambda one: one["screen"] == "waiting", after=self.seen_from)
        self.attempt = self.workplace.look().attempt
        self.campaign.start_attempt(self.attempt)
        self.wait_working(self.seen_from)
        self.quiet_since, self.is_working = time.monotonic(), True

    def wait_working(self, after: float) -> dict[str, Any]:
        """Until the candidate works: the first such thing shown."""
        return self.workplace.wait_shown("work", lambda one: one["screen"] == "work", after=after)

    def finish_work(self) -> list[str]:
        """The candidate finishes; what is not at the server as it is at the seat once all is delivered."""
        self.is_working = False
        self.workplace.order(finish=True)
        self.workplace.wait_shown("done", lambda one: one["screen"] == "done", after=self.seen_from)
        self.workplace.wait_shown("delivered", lambda one: bool(one["delivered"]), after=self.seen_from)
        apart, after = self.list_apart(), time.monotonic()
        self.workplace.order(leave=True)
        self.workplace.wait_shown("the next login", lambda one: one["screen"] == "sign_in", after=after)
        return apart

    # Another workstation.

    def take_spare(self) -> Workplace:
        """A workstation where nobody sits; paired when it is first asked for."""
        if self.spare is None:
            self.spare = self.campaign.make_workplace()
        if self.spare.agent is None:
            self.campaign.set_up(self.spare)
        return self.spare

    def sit_at(self, other: Workplace) -> None:
        """The candidate goes to the spare one; the old one becomes the spare."""
        self._carried = self.list_saved()
        self.spare, self.workplace = self.workplace, other

    def list_lost_here(self, promised: list[Saved]) -> int:
        """How many answers the journal of the workstation of now does not hold."""
        return count_lost(promised, list_answers(self.workplace.look().events))

    def list_apart(self) -> list[str]:
        """Events and recordings of the seat's journal that the server does not hold alike."""
        view = self.workplace.look()
        held = self.read_room()
        apart = [f"event {event.lease}/{event.number}" for event in view.events
                 if (event.lease, event.number) not in held]
        for (lease, number), (name, _) in view.recordings.items():
            path = self.room / "recordings" / view.attempt / f"{lease}-{number}.pcm"
            if self.workplace.read_sound(name) != (path.read_bytes() if path.exists() else b""):
                apart.append(f"recording {lease}/{number}")
        return apart

    # What was promised and what is there.

    def read_room(self) -> dict[tuple[int, int], Answer]:
        """The server's events of this attempt; answers by what they say."""
        rows = ask(self.room / "classroom.sqlite", "SELECT line FROM room_event WHERE attempt = ?", self.attempt)
        return list_answers(read_event(line.encode()) for line, in rows)

    def list_saved(self) -> list[Saved]:
        """What the candidate of now was shown as saved and has not lost with a workstation that alone had it."""
        saved = [*self._carried, *(one for one in self.workplace.list_saved() if one.at > self.seen_from)]
        return [one for one in saved if one not in self._unpromised]

    def give_up(self, saved: list[Saved]) -> None:
        """What nobody promised to bring back after this fault is not asked for after the next one either."""
        self._unpromised += saved

    def take_before(self) -> Before:
        """The moment of a fault."""
        shown = self.workplace.find_last_shown()
        take = self.workplace.control.last_take if shown.get("recording") else 0
        is_settled = time.monotonic() - self.quiet_since > SETTLED_S
        behind = self.measure_behind(take) if take and is_settled else None
        return Before(time.monotonic(), str(shown.get("item")), self.list_saved(), take, behind)

    def measure_behind(self, take: int) -> int | None:
        """Milliseconds of what is being said that the server does not hold; None for a take that has just begun."""
        given = self.workplace.control.count_given(take)
        place = self.find_recording(take)
        if place is None or not given:
            return None
        held = ask(self.room / "parts.sqlite", "SELECT coalesce(sum(length), 0) FROM part WHERE attempt = ? "
                   "AND lease = ? AND number = ?", self.attempt, *place)[0][0]
        return max(0, given - int(held)) // BYTES_PER_MS

    def find_recording(self, take: int, place: Workplace | None = None) -> tuple[int, int] | None:
        """(lease, number) of the recording that was made of a take, by the journal of a workstation, else this one."""
        found = place or self.workplace
        name = name_take(found.control, take)
        return next(((event.lease, event.number) for event in found.look().events
                     if event.kind == "recording_started" and event.body.get("device") == name), None)

    def compare(self, outcome: Outcome, before: Before, promised: list[Saved] | None = None) -> None:
        """Answers at the seat and, once delivered, at the server; the sound of the take that went on."""
        saved = before.saved if promised is None else promised
        outcome.saved_before = len(saved)
        held = list_answers(self.workplace.look().events)
        # What was given at another workstation may come to the server, and to this journal, later or never.
        outcome.lost_at_seat = count_lost([one for one in saved if one not in self._carried], held)
        if outcome.lost_at_seat:
            outcome.details["lost"] = [vars(one) for one in saved if (one.lease, one.number) not in held]
        self.wait_delivered(outcome, saved)
        outcome.behind_ms = before.behind_ms
        if before.take:
            self.compare_sound(outcome, before.take)

    def wait_delivered(self, outcome: Outcome, saved: list[Saved]) -> None:
        """Until the server holds every answer; those it does not hold in time are lost there."""
        end = time.monotonic() + DELIVER_S
        while (lost := count_lost(saved, self.read_room())) and time.monotonic() < end:
            time.sleep(0.2)
        outcome.lost_at_server = lost

    def compare_sound(self, outcome: Outcome, take: int, given: int | None = None) -> None:
        """What the microphone had given, or so many bytes of it, against what the recording holds."""
        is_over, place = given is None, self.find_recording(take)
        given = self.workplace.control.count_given(take) if given is None else given
        found = self.workplace.look().recordings.get(place) if place else None
        sound = self.workplace.read_sound(found[0]) if found else b""
        right = count_right(sound[:given], cut_voice(VOICE, take, given // 2))
        outcome.speech_given_ms = given // BYTES_PER_MS
        outcome.speech_lost_ms = (given - right) // BYTES_PER_MS
        outcome.speech_wrong_ms = max(0, len(sound) - right) // BYTES_PER_MS if is_over else 0

    def compare_sound_at_server(self, outcome: Outcome, take: int, old: Workplace | None = None) -> None:
        """What the microphone had given, here or at the old workstation, against what the server keeps of it."""
        given = (old or self.workplace).control.count_given(take)
        place = self.find_recording(take, old)
        path = self.room / "recordings" / self.attempt / ("{}-{}.pcm".format(*place) if place else "none")
        said, end = cut_voice(VOICE, take, given // 2), time.monotonic() + WRITTEN_S
        while True:
            sound = path.read_bytes() if path.exists() else b""
            right = count_right(sound, said)
            outcome.speech_given_ms = given // BYTES_PER_MS
            outcome.speech_lost_ms = (given - right) // BYTES_PER_MS
            outcome.speech_wrong_ms = (len(sound) - right) // BYTES_PER_MS
            if not outcome.speech_lost_ms or time.monotonic() > end:
                return
            time.sleep(0.2)

    def compare_open_sound(self, outcome: Outcome, take: int) -> None:
        """The same for a recording that went on through the fault: all that was given until now is in its file soon."""
        if not take:
            return
        given, end = self.workplace.control.count_given(take), time.monotonic() + WRITTEN_S
        while True:
            self.compare_sound(outcome, take, given)
            if not outcome.speech_lost_ms or time.monotonic() > end:
                return
            time.sleep(0.2)

    def wait_return(self, outcome: Outcome, before: Before, since: float) -> None:
        """Until the candidate works again: an answer is saved or sound is recorded."""
        first = self.workplace.wait_shown(
            "work again", lambda one: one["screen"] == "work" and bool(one["item"]), after=since)
        outcome.is_same_item = first["item"] in (before.item, self.find_item_at(since))
        back = self.wait_works(since)
        outcome.return_s = round(back - since, 2)

    def is_shown_recording(self, after: float) -> bool:
        """Whether the page was last shown, after a moment, that sound is recorded."""
        shown = self.workplace.find_last_shown()
        return bool(shown.get("recording")) and float(shown["at"]) > after

    def find_item_at(self, moment: float) -> str:
        """Where the candidate was by the journal: a step that was taken and that the page was not shown any more."""
        moment_ms = (moment + time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()) * 1000
        entered = [event for event in self.workplace.look().events
                   if event.kind == "item_entered" and event.mono_ms <= moment_ms]
        return str(entered[-1].body["item"]) if entered else ""

    def wait_works(self, since: float, seconds: float = 60) -> float:
        """When the candidate first did something after a moment. Raises NeverShown."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for one in list(self.workplace.told):
                if one["at"] > since and (one["step"] == "saved" or (one["step"] == "shown" and one["recording"])):
                    return float(one["at"])
            self.workplace.revive()
            time.sleep(0.02)
        raise NeverShown(f"seat {self.number}: nothing works; last {self.workplace.find_last_shown()}")

    def wait_doing(self, chance: random.Random) -> str:
        """Some seconds of work, then the wanted moment: speaking or answering; which it became."""
        time.sleep(chance.uniform(0.5, 3.0))
        wants_speech = chance.random() < 0.6
        end = time.monotonic() + 12
        while time.monotonic() < end:
            shown = self.workplace.find_last_shown()
            if shown.get("screen") == "work" and bool(shown.get("recording")) == wants_speech:
                break
            time.sleep(0.05)
        time.sleep(chance.uniform(0.0, 2.5))
        return "speaking" if self.workplace.find_last_shown().get("recording") else "answering"


def list_answers(events: Any) -> dict[tuple[int, int], Answer]:
    """(lease, number) -> what the event says as an answer; ("", "", None) for events of other kinds."""
    return {(event.lease, event.number): (
        (event.body["item"], event.body["response"], event.body.get("value"))
        if event.kind in ("answer_set", "answer_cleared") else ("", "", None)) for event in events}


def count_lost(saved: list[Saved], held: dict[tuple[int, int], Answer]) -> int:
    """Answers that are nowhere: neither under their number nor, journalled again, under another one."""
    again = set(map(repr, held.values()))
    return sum(held.get((one.lease, one.number)) != (one.item, one.response, one.value)
               and repr((one.item, one.response, one.value)) not in again for one in saved)


def count_right(sound: bytes, said: bytes) -> int:
    """How many bytes from the start are those that were said."""
    length = min(len(sound), len(said)) // 2
    found = np.frombuffer(sound, "<i2", length) != np.frombuffer(said, "<i2", length)
    return int(found.argmax() if found.any() else length) * 2
