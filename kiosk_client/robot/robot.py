"""A robot candidate: sits at the real agent without a page and does what a candidate does.

Takes an agent and a plan (login, seed, ready answers, what to say); tells every step as a dictionary. A robot that is
started again in the same folder goes on where it stopped.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audio.sound_check import Step
from kiosk_client import route, rules
from kiosk_client.agent import Agent
from kiosk_client.refusals import JournalFull, MicrophoneRefused, NotNow, PairingRefused, SeatRefusal
from kiosk_client.robot.answers import Value, invent_answers
from kiosk_client.rules import Item, Stage
from kiosk_client.seat import Seat
from testing_server.contracts.receipt_code import show_receipt_code

LOOK_SECONDS = 0.2
ASK_SECONDS = 1.0
CHECK_SECONDS = 4.0
PROGRESS_MS = 1_000
# Refusals that pass by themselves: the robot tries again as a person would.
PASSING = frozenset({"server_away", "not_open", "busy", "not_ready", "storage_full", "already_seated", "too_many"})

Tell = Callable[[dict[str, Any]], None]


class RobotFailed(Exception):
    """The robot cannot go on; a person would raise a hand."""


@dataclass
class Plan:
    """`answers`: {position: {response number from 0 as text or id: value}}; what is not there comes from the seed.

    `think_s`: seconds of exam time spent on each answer. `speak_s`: how long to speak, 0 = until the time is out.
    `plays`: how often to listen, 0 = as often as allowed.
    """

    login: str
    seed: int = 1
    answers: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    think_s: float = 6.0
    speak_s: float = 0.0
    plays: int = 0


class Robot:
    """One candidate. `measure_media(bytes)` gives the length of a sound in ms."""

    def __init__(self, agent: Agent, plan: Plan, tell: Tell, measure_media: Callable[[bytes], int]) -> None:
        self._agent, self._plan, self._tell = agent, plan, tell
        self._measure_media = measure_media
        self._chance = random.Random(plan.seed)
        self._directive_seen = 0

    def run(self) -> None:
        """From pairing to the receipt. Raises RobotFailed."""
        self.pair()
        seat = self._sign_in()
        self._agent.attach()
        self._check_sound(seat)
        self._wait_for_start(seat)
        self._work()
        self._deliver()

    def run_and_stay(self) -> None:
        """The same; then the workstation stays on until its process is ended, and can send everything once more."""
        self.run()
        threading.Event().wait()

    # Pairing and sign-in.

    def pair(self) -> None:
        """Makes this folder a workstation of the school; tells the six digits for the console."""
        while self._agent.connection is None:
            code = self._patiently(self._agent.begin_pairing)
            self._tell({"step": "pairing", "code": code})
            while self._agent.pairing_state == "waiting":
                time.sleep(LOOK_SECONDS)
            try:
                self._agent.confirm_pairing(self._agent.pairing_state == "green")
            except PairingRefused as refusal:
                self._tell({"step": "pairing_refused", "details": refusal.details})
                time.sleep(ASK_SECONDS)
        paired = self._agent.connection.paired
        self._tell({"step": "paired", "seat": paired.seat, "workstation": paired.workstation})

    def _sign_in(self) -> Seat:
        seat = self._agent.seating.seat
        if seat is None:
            seat = self._patiently(lambda: self._agent.sign_in(self._plan.login))
        self._tell({"step": "signed_in", "attempt": seat.log.attempt, "lease": seat.log.lease,
                    "code": seat.log.signed_in.code})
        return seat

    def _patiently(self, action: Callable[[], Any]) -> Any:
        told = ""
        while True:
            try:
                return action()
            except SeatRefusal as refusal:
                if refusal.code not in PASSING:
                    raise RobotFailed(f"{refusal.code}: {refusal.details}") from refusal
                if refusal.code != told:
                    self._tell({"step": "waiting", "code": refusal.code, "details": refusal.details})
                told = refusal.code
                time.sleep(ASK_SECONDS)

    # Before the start.

    def _check_sound(self, seat: Seat) -> None:
        if self._agent.get_step("checked"):
            return
        # Who takes over a work that goes on finds it open, as on the page: time may begin an answer meanwhile.
        if seat.log.signed_in.assessment.get("sound_check") and not seat.state.started:
            self._say_phrase()
        self._patiently(self._agent.checking.report)
        self._agent.set_step("instructed")

    def _say_phrase(self) -> None:
        try:
            checking = self._agent.checking
            checking.answer_heard(True)
            checking.begin_saying()
            time.sleep(CHECK_SECONDS)
            judgement = checking.end_saying()
        except MicrophoneRefused as refusal:
            raise RobotFailed(f"microphone: {refusal.code} {refusal.details}") from refusal
        except NotNow as refusal:
            if not self._seat.state.started:
                raise RobotFailed(f"sound check: {refusal.details}") from refusal
            return
        self._tell({"step": "checked", "verdict": str(judgement.verdict)})
        if checking.state.step == Step.hear_yourself:
            checking.answer_heard_yourself(True)

    def _wait_for_start(self, seat: Seat) -> None:
        self._tell({"step": "ready"})
        while not (self._seat.state.started and self._seat.items):
            time.sleep(LOOK_SECONDS)
        self._tell({"step": "started", "pace": self._pace, "variant": self._seat.state.start_body.get("variant", "")})

    # The work.

    @property
    def _seat(self) -> Seat:
        """The seat of now: a conflict may have given the attempt another lease."""
        return self._agent.require_seat()

    @property
    def _pace(self) -> int:
        return max(1, self._seat.state.pace)

    @property
    def _is_over(self) -> bool:
        seat = self._agent.seating.seat
        return seat is None or seat.state.finished or seat.moved

    @property
    def _is_resting(self) -> bool:
        return self._seat.state.break_now is not None

    def _think(self, seconds: float) -> None:
        """Exam seconds, and as long as a pause lasts."""
        until = time.monotonic() + seconds / self._pace
        while not self._is_over and (time.monotonic() < until or self._seat.state.is_paused) and not self._is_resting:
            time.sleep(min(LOOK_SECONDS, max(0.01, until - time.monotonic())))

    def _work(self) -> None:
        for item in self._list_way():
            if not self._is_over:
                self._try(lambda item=item: self._do_item(item))  # type: ignore[misc]
        while not self._is_over and not route.may_finish(self._seat.items, self._seat.state):
            time.sleep(LOOK_SECONDS)
        if not self._is_over:
            self._think(1)
            self._try(lambda: self._seat.finish())
        while not self._is_over:
            time.sleep(LOOK_SECONDS)
        self._tell({"step": "moved" if self._seat.moved else "finished", "reason": self._seat.state.finish_reason})

    def _list_way(self) -> list[Item]:
        """The items in order; after a restart in the middle of a spoken one that one first, as nobody may leave it."""
        items = list(self._seat.items)
        bound = [] if rules.may_leave(self._seat.state) else [
            item for item in items if item["id"] == self._seat.state.item]
        return bound + items

    def _try(self, action: Callable[[], None]) -> None:
        """The organizer or time may be quicker: what is not possible any more is left. On a full disk nothing was
        shown as saved: it is tried again until there is room."""
        while True:
            try:
                return action()
            except NotNow as refusal:
                return self._tell({"step": "too_late", "details": refusal.details})
            except JournalFull:
                self._tell({"step": "disk_full"})
                time.sleep(ASK_SECONDS)

    def _do_item(self, item: Item) -> None:
        while self._seat.state.is_paused and not self._is_over:
            time.sleep(LOOK_SECONDS)
        if not self._reach(item):
            return
        self._tell({"step": "item", "position": item["position"], "kind": item["kind"]})
        if item.get("listening"):
            self._listen(item)
        if self._seat.state.stage not in (Stage.SPEAK, Stage.AFTER):
            self._answer(item)
        if item.get("speaking"):
            self._speak(item)

    def _reach(self, item: Item) -> bool:
        """Walks, rests and waits until the item is there; False where there is no way back to it."""
        rests: set[int] = set()
        while not self._is_over and (self._seat.state.item != item["id"] or self._is_resting):
            reach = route.judge_reach(self._seat.items, item, self._seat.state)
            if reach == route.CLOSED:
                return False
            if self._is_resting:
                self._rest(rests)
            elif rules.may_leave(self._seat.state) and route.may_walk(self._seat.items, self._seat.state):
                self._try(lambda: self._seat.go(item["id"]) if reach == route.OPEN else self._walk_on())
            else:
                time.sleep(LOOK_SECONDS / 2)
        return not self._is_over

    def _walk_on(self) -> None:
        last = route.find_last_of_part(self._seat.items, self._seat.item or {})
        if self._seat.state.item != last["id"] and last["part"]["navigation"] == "free":
            self._seat.go(last["id"])
        self._seat.go_on()

    def _rest(self, told: set[int]) -> None:
        now = self._seat.state.break_now
        if now is not None and now.number not in told:
            told.add(now.number)
            self._tell({"step": "resting", "break": now.number, "kind": now.kind})
        time.sleep(LOOK_SECONDS / 2)

    def _wait_while(self, waits: Callable[[], bool]) -> None:
        while not self._is_over and waits():
            time.sleep(LOOK_SECONDS / 2)

    def _answer(self, item: Item) -> None:
        ready = self._plan.answers.get(str(item["position"]), {})
        invented = invent_answers(item, self._chance)
        for place, (response, value) in enumerate(invented.items()):
            chosen = ready.get(response, ready.get(str(place), value))
            if f"{item['id']}/{response}" not in self._seat.state.responses:
                self._think(self._plan.think_s)
                if self._is_at(item):
                    lease, number = self._seat.answer(item["id"], response, chosen)
                    self._tell({"step": "answered", "item": item["id"], "response": response, "value": chosen,
                                "lease": lease, "number": number})

    def _is_at(self, item: Item) -> bool:
        """Whether the item is still there: time may have moved on by itself."""
        return not self._is_over and self._seat.state.item == item["id"] and not self._is_resting

    def _listen(self, item: Item) -> None:
        self._wait_while(lambda: self._seat.state.stage == Stage.READ)
        allowed = int(item["listening"]["plays"])
        wanted = min(self._plan.plays or allowed, allowed)
        while self._is_at(item) and allowed - rules.count_plays_left(item, self._seat.state) < wanted:
            self._hear(item)

    def _hear(self, item: Item) -> None:
        self._wait_while(lambda: self._seat.state.is_paused)
        hearing = self._seat.play(item["id"])
        materials = self._agent.seating.materials
        length = self._measure_media(materials.media[hearing["media"]][0]) if materials else 0
        position = hearing["position_ms"]
        while position < length and not self._is_over and self._seat.playing is not None:
            step = min(PROGRESS_MS, length - position)
            time.sleep(step / 1000)
            position += step
            self._seat.play_progress(item["id"], hearing["play"], position)
        if self._seat.playing is not None:
            self._seat.play_ended(item["id"], hearing["play"])
            self._tell({"step": "heard", "item": item["id"], "play": hearing["play"]})

    def _speak(self, item: Item) -> None:
        if self._seat.state.stage == Stage.CHOOSE:
            self._seat.prepare()
        if self._seat.state.stage == Stage.PREPARE and item["speaking"].get("early_start"):
            self._think(min(self._plan.think_s, item["speaking"]["prepare_s"] - 1))
            self._try(self._begin_speaking)
        self._wait_while(lambda: self._seat.state.stage == Stage.PREPARE and self._seat.state.item == item["id"])
        began = time.monotonic()
        while not self._is_over and self._is_speaking(item):
            self._keep_speaking(item, time.monotonic() - began)
        self._tell_recordings(item)

    def _is_speaking(self, item: Item) -> bool:
        state = self._seat.state
        return state.stage == Stage.SPEAK and state.item == item["id"] and state.break_now is None

    def _begin_speaking(self) -> None:
        if self._seat.state.stage == Stage.PREPARE:
            self._seat.speak()

    def _keep_speaking(self, item: Item, spoken_s: float) -> None:
        if self._seat.speaking.trouble is not None:
            time.sleep(ASK_SECONDS)
            self._try(self._seat.retry_microphone)
        elif self._plan.speak_s and spoken_s >= self._plan.speak_s and item["speaking"].get("early_finish"):
            self._try(self._seat.stop_speaking)
        time.sleep(LOOK_SECONDS / 2)

    def _tell_recordings(self, item: Item) -> None:
        for recording in self._seat.state.recordings:
            if recording.item == item["id"] and recording.committed:
                self._tell({"step": "spoke", "item": item["id"], "lease": recording.lease, "number": recording.number,
                            "sha256": recording.sha256, "seconds": recording.seconds, "verdict": recording.verdict})

    # The end.

    def _deliver(self) -> None:
        attempt = self._seat.log.attempt
        while self._agent.journal.count_unacked(attempt) or self._agent.journal.count_waiting(attempt):
            time.sleep(LOOK_SECONDS)
        self._tell({"step": "done", "attempt": attempt, "receipt": show_receipt_code(self._seat.log.make_receipt()),
                    "events": sum(self._agent.journal.list_heads()[attempt].values())})
