"""A keeper: gives its halves at the hour of its own clock, and not before.

Takes its folder (key, roll, what it has seen of time) and a clock. Gives halves, or refuses by a word. The folder
remembers the latest moment this keeper ever saw, so a clock that was set back opens nothing twice and hides nothing.
"""
from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from testing_server.contracts.refusals import BadStatement
from testing_server.foundation.clock import Clock
from testing_server.preparation.holders.messages import Question, join_postponements, read_question
from testing_server.preparation.holders.roll import KEY, ROLL, HolderKey, Roll, read_key, read_roll
from testing_server.preparation.holders.shares import BadHalf, Half, open_half
from testing_server.preparation.private_files import write_private_file

log = logging.getLogger(__name__)
SEEN, RAISED = "seen.json", "raised.json"
# a time service may turn a clock back by a blink; more is a hand
MOST_BACK_MS = 2_000
MOST_DIFFERENCE_MS = 5_000
NOTE_EVERY_MS = 10_000


class KeeperRefused(Exception):
    """`code`: not_yet, clock_went_back, clock_unsynchronised, clocks_differ, not_the_hub, bad_half, bad_postponement,
    only_later; `details` are JSON."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


@dataclass
class Keeper:
    """`is_synchronised(now_ms)`: whether this machine's clock may be believed."""

    folder: Path
    clock: Clock
    is_synchronised: Callable[[int], bool]
    key: HolderKey = field(init=False)
    roll: Roll = field(init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        """Raises BadRoll without a key or a roll that names this keeper."""
        self.key, self.roll = read_key(self.folder / KEY), read_roll(self.folder / ROLL)
        self._seen_ms = int(self._read(SEEN).get("at_ms", 0))

    def tell_state(self) -> dict[str, Any]:
        """{name, now_ms, synchronised, went_back, raised}: nothing secret."""
        now_ms = self.clock.now_ms()
        return {"name": self.key.name, "now_ms": now_ms, "synchronised": self.is_synchronised(now_ms),
                "went_back": self._went_back(now_ms), "raised": self._read(RAISED)}

    def give_halves(self, envelope: bytes, hub_keys: bytes, sealed: Mapping[str, str]) -> tuple[Question, list[Half]]:
        """The halves of one slot, opened. `sealed`: pair -> half. Raises KeeperRefused, BadHalf."""
        try:
            question = read_question(envelope, hub_keys, self.roll)
        except BadStatement as error:
            raise KeeperRefused("not_the_hub") from error
        now_ms = self.read_clock(question.asked_at_ms)
        halves = [open_half(one, self.key.identity) for one in sealed.values()]
        raised = int(self._read(RAISED).get(question.slot, 0))
        for half in halves:
            if half.slot != question.slot:
                raise BadHalf("a half of another slot")
            if now_ms < (opens_at_ms := max(half.opens_at_ms, raised)):
                raise KeeperRefused("not_yet", opens_at_ms=opens_at_ms)
        log.info("halves of slot %s given at %d", question.slot, now_ms)
        return question, halves

    def raise_hour(self, envelopes: Sequence[bytes]) -> int:
        """A later hour, by the word of two coordinators; returns the hour that holds now. Raises KeeperRefused."""
        try:
            agreed = join_postponements(envelopes, self.roll.signers)
        except BadStatement as error:
            raise KeeperRefused("bad_postponement") from error
        if agreed is None:
            raise KeeperRefused("bad_postponement")
        with self._lock:
            raised = self._read(RAISED)
            hour = max(agreed.opens_at_ms, int(raised.get(agreed.slot, 0)))
            self._write(RAISED, {**raised, agreed.slot: hour})
        log.info("slot %s waits until %d", agreed.slot, hour)
        return hour

    def read_clock(self, asked_at_ms: int) -> int:
        """This keeper's own time, if it may be believed. Raises KeeperRefused."""
        now_ms = self.clock.now_ms()
        if self._went_back(now_ms):
            raise KeeperRefused("clock_went_back", seen_ms=self._seen_ms, now_ms=now_ms)
        if not self.is_synchronised(now_ms):
            raise KeeperRefused("clock_unsynchronised", now_ms=now_ms)
        if abs(now_ms - asked_at_ms) > MOST_DIFFERENCE_MS:
            raise KeeperRefused("clocks_differ", now_ms=now_ms)
        self.note_time(now_ms)
        return now_ms

    def note_time(self, now_ms: int) -> None:
        """Remembers how late it has been; on the disk once in ten seconds."""
        with self._lock:
            if now_ms - self._seen_ms >= NOTE_EVERY_MS:
                self._seen_ms = now_ms
                self._write(SEEN, {"at_ms": now_ms})

    def _went_back(self, now_ms: int) -> bool:
        return now_ms < self._seen_ms - MOST_BACK_MS

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        told: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
        return told

    def _write(self, name: str, told: dict[str, Any]) -> None:
        write_private_file(self.folder / name, json.dumps(told).encode())
