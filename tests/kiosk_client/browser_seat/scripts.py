"""Scripts of a work, drawn by chance, and the seat of the installed program that plays them.

Gives what `play_scripts.mjs` gives of the seat in a browser: the lines of the journal and what was seen after each
step.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from audio.recording import Fault, FaultKind
from kiosk_client import rules
from kiosk_client.attempt_log import AttemptLog
from kiosk_client.clock import Stamp
from kiosk_client.drafts import Draft
from kiosk_client.fake_work import SPEAKING, make_items
from kiosk_client.journal import Journal
from kiosk_client.recorder_service import EMPTY_RECORDING, draft_recording
from kiosk_client.refusals import SeatRefusal
from kiosk_client.seat import Seat
from testing_server.contracts.calls import CallReason
from testing_server.contracts.directives import Directive
from testing_server.contracts.events import EventKind
from testing_server.contracts.receipt_code import show_receipt_code
from tests.kiosk_client.builders import ATTEMPT, GENERATION, LEASE, PICTURE, SOUND, make_signed_in

Step = dict[str, Any]
WAITS = (0, 0, 40, 40, 300, 300, 900, 1_100, 1_100, 4_000, 6_000, 6_000, 15_000, 40_000)
TEXTS = ("", "ответ", "é 😀", "a\nb \"c\" \\ \u2028", "x" * 30, "c1")
PLANS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"parts": [{"id": "a", "title": {}, "positions": [1, 2], "navigation": "linear", "auto_move": True, "rest_s": 300},
               {"id": "b", "title": {}, "positions": [3, 4], "navigation": "free", "auto_move": False, "rest_s": 0}],
     "breaks": [{"number": 1, "after": 2, "kind": "rest", "work_clock": "stands", "seconds": 60, "early_end": True}],
     "positions": {"3": {"prepare_s": 7, "record_s": 9}}},
    {"parts": [{"id": "a", "title": {}, "positions": [1, 2, 3, 4], "navigation": "linear", "auto_move": True,
                "rest_s": 0}],
     "breaks": [{"number": 1, "after": 1, "kind": "eyes", "work_clock": "runs", "seconds": 30, "early_end": False}],
     "positions": {"1": {"time_s": 20}, "2": {"fixed_s": 25}, "4": {"fixed_s": 12}}},
)


def make_work_items() -> list[dict[str, Any]]:
    """The trial work: a choice, listening, speech in two takes that moves on by itself, a word."""
    items = make_items(SOUND, PICTURE, {**SPEAKING, "prepare_s": 4, "record_s": 6, "takes": 2})
    items[2]["auto_move"] = True
    return items


class ScriptTime:
    """Server time as the script says."""

    is_known = True

    def __init__(self) -> None:
        self.now = 1_760_000_000_000

    def now_ms(self) -> int:
        return self.now

    def stamp(self) -> Stamp:
        return Stamp(self.now, 3, self.now - 1_700_000_000_000, "b")

    def take_jump_ms(self) -> None:
        return None


@dataclass
class StubSource:
    rate: int = 24_000
    name: str = "stub"


class StubRecorder:
    """A microphone that gives two samples, whatever is said."""

    def __init__(self) -> None:
        self.running: tuple[str, int, int] | None = None
        self.on_fault: Callable[[Any], None] = lambda fault: None

    def choose_source(self) -> StubSource:
        return StubSource()

    def begin(self, started: tuple[str, int, int], source: StubSource) -> None:
        self.running = started

    def end(self, reason: str) -> list[Draft]:
        started, self.running = self.running, None
        facts = EMPTY_RECORDING | {"bytes": 4, "samples": 2, "end_reason": reason, "verdict": "heard"}
        return draft_recording(started, facts, []) if started else []


class ScriptPlayer:
    """The installed program's seat; a reload is another seat over the same journal."""

    def __init__(self, folder: Path, items: list[dict[str, Any]]) -> None:
        self.journal, self.time, self.items = Journal(folder / "journal.sqlite"), ScriptTime(), items
        signed_in = make_signed_in()
        self.journal.keep_attempt(ATTEMPT, "00000000", msgspec.json.encode(signed_in).decode())
        self.journal.keep_grant(ATTEMPT, LEASE, signed_in.grant)
        self.sit()

    def sit(self) -> None:
        log = AttemptLog(self.journal, self.time, make_signed_in())  # type: ignore[arg-type]
        last_sign = log.last_at_ms
        if self.journal.head(ATTEMPT, LEASE)[0] == 0:
            log.append(Draft(EventKind.LEASE_OPENED, {"workstation": "w1", "generation": GENERATION}))
        self.seat = Seat(log, StubRecorder(), last_sign)  # type: ignore[arg-type]
        self.seat.recover()
        self.seat.come_back()
        if log.list_directives():
            self.seat.take_items(self.items)

    def direct(self, text: str) -> None:
        self.seat.log.keep_directives([text])
        if not self.seat.items:
            self.seat.take_items(self.items)
        self.seat.apply_directives()

    def play(self, script: list[Step]) -> dict[str, Any]:
        """What was seen after each step, and the journal."""
        seen = [self._step(**step) for step in script]
        lines = self.journal.list_lines(ATTEMPT, LEASE, 0, 10_000)
        receipt = show_receipt_code(self.seat.log.make_receipt())
        self.journal.close()
        return {"seen": seen, "lines": [line.decode() for line in lines], "receipt": receipt}

    def _step(self, act: str, args: list[Any], wait: int = 0) -> dict[str, Any]:
        self.time.now += wait
        try:
            return {"result": self._do(act, args), **self.look()}
        except SeatRefusal as refusal:
            return {"refused": refusal.code, **self.look()}

    def _do(self, act: str, args: list[Any]) -> Any:
        if act in ("reload", "direct"):
            return self.sit() if act == "reload" else self.direct(*args)
        if act == "answer":
            return self.seat.answer(*args)[1]
        if act == "call":
            return self.seat.call(CallReason(args[0]))
        if act == "fault":
            return self.fail(*args)
        return getattr(self.seat, act)(*args)

    def fail(self, kind: str, is_over: bool) -> None:
        """The recorder tells a fault."""
        self.seat.recorder.on_fault(Fault(FaultKind(kind), 0, is_over))
        self.seat.tick()

    def look(self) -> dict[str, Any]:
        """What a page would show, in numbers."""
        seat, state, now = self.seat, self.seat.state, self.time.now
        item, trouble = seat.item, seat.speaking.trouble
        return {
            "item": state.item, "stage": str(state.stage), "work_left": state.left_ms("work", now),
            "map": [vars(one) for one in rules.summarize(seat.items, state)],
            "way_on": rules.name_way_on(seat.items, state), "running": seat.is_running,
            "left": state.left_ms(rules.name_timer(item["id"], state.stage), now) if item else None,
            "answers": {key: found.value for key, found in state.responses.items()},
            "plays": rules.count_plays_left(item, state) if item else 0,
            "takes": rules.count_takes_left(item, state) if item else 0, "trouble": trouble.code if trouble else "",
            "since": trouble.since_ms if trouble else 0,
            "muted": seat.speaking.is_muted}


# A hearing from the way to it until its end, which chance alone hardly finds.
LISTENING: list[Step] = [
    {"act": "go", "args": ["i2"]}, {"act": "tick", "args": [], "wait": 1_100}, {"act": "play", "args": ["i2"]},
    {"act": "play_progress", "args": ["i2", 1, 1_500], "wait": 1_500}, {"act": "play_ended", "args": ["i2", 1]}]


def draw_script(seed: int, length: int = 110) -> list[Step]:
    """A start, then whatever a candidate, an organizer, a microphone and a closed page may do."""
    chance = random.Random(seed)
    plan = PLANS[seed % len(PLANS)]
    start = {"pace": chance.choice((1, 1, 3)), "duration_s": chance.choice((300, 1_800, 2_700)), "auto_credit_s": 60,
             "on_move": chance.choice(("continue", "repeat_prompt", "next_item")), "keys": {"k": "secret"}}
    steps = [_direct(1, "start", {**start, **({"plan": plan} if plan else {})})]
    for number in range(2, length):
        steps += LISTENING if chance.random() < 0.03 else [_draw_step(chance, number)]
    return steps


def _direct(number: int, kind: str, body: dict[str, Any]) -> Step:
    told = Directive(attempt=ATTEMPT, generation=GENERATION, number=number, kind=kind, at_ms=1, body=body)
    return {"act": "direct", "args": [msgspec.json.encode(told).decode()]}


DIRECTED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pause", {}), ("resume", {}), ("resume", {}), ("resume", {}), ("extra_time", {"seconds": 30}),
    ("credit", {"ms": 500}), ("next_item", {}), ("repeat_item", {"item": "i2"}), ("repeat_item", {"item": "i3"}),
    ("message", {"text": "тише"}),
    ("needs", {"large_print": True}), ("leave_room", {}), ("return_to_room", {}), ("return_to_room", {}), ("dance", {}))
# How often each deed is tried, and with which arguments ("" = an item, None = a text).
DEEDS: tuple[tuple[int, str, tuple[Any, ...]], ...] = (
    (5, "go", ("",)), (2, "go", ("i2",)), (2, "go", ("i3",)), (5, "go_on", ()), (2, "end_break", ()), (8, "tick", ()),
    (5, "answer", ("", "r1", None)), (2, "answer", ("i2", "r1", ["c1", "c3"])), (1, "answer", ("i2", "r1", [])),
    (2, "answer", ("i1", "r1", "c2")), (1, "answer", ("i1", "r1", None)), (1, "answer", ("i1", "r1", ["c1"])),
    (6, "play", ("i2",)), (2, "play_progress", ("i2", 1, 1_500)), (4, "play_ended", ("i2", 1)),
    (2, "play_ended", ("i2", 2)), (1, "play_broken", ("i2", 1)), (6, "prepare", ()), (5, "speak", ()),
    (3, "stop_speaking", ()), (3, "speak_again", ()), (1, "fault", ("device_lost", False)),
    (1, "fault", ("all_zero", False)), (1, "fault", ("maybe_muted", False)), (1, "fault", ("maybe_muted", True)),
    (3, "retry_microphone", ()),
    (1, "call", ("",)), (1, "leave_room", ()), (4, "return_to_room", ()), (2, "reload", ()), (5, "direct", ()))


def _draw_step(chance: random.Random, number: int) -> Step:
    [(_, act, wanted)] = chance.choices(DEEDS, [weight for weight, _, _ in DEEDS])
    wait = chance.choice(WAITS)
    if chance.random() < 0.004:
        return {"wait": wait, "act": "finish", "args": []}
    if act == "direct":
        return {"wait": wait, **_direct(number, *chance.choice(DIRECTED))}
    if act == "call":
        return {"wait": wait, "act": act, "args": [str(chance.choice(list(CallReason)))]}
    args = [f"i{chance.randint(1, 5)}" if one == "" else chance.choice(TEXTS) if one is None else one for one in wanted]
    return {"wait": wait, "act": act, "args": args}
