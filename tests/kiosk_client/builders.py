"""Builders of the kiosk's tests: a journal with a granted lease, a seat with the trial work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from audio.sources import FileSource, Source
from kiosk_client.attempt_log import AttemptLog
from kiosk_client.clock import ServerTime
from kiosk_client.drafts import Draft
from kiosk_client.fake_clock import FakeSeatClock
from kiosk_client.fake_work import SPEAKING, make_assessment, make_items
from kiosk_client.journal import OPEN, Journal
from kiosk_client.recorder_service import RecorderService
from kiosk_client.seat import Seat
from testing_server.contracts.directives import Directive
from testing_server.contracts.events import EventKind
from testing_server.contracts.messages import SignedIn

ATTEMPT, LEASE, GENERATION = "a1", 4_195_329, 4097
SOUND, PICTURE = "5" * 64, "6" * 64


def make_signed_in(lease: int = LEASE, **changes: Any) -> SignedIn:
    fields: dict[str, Any] = {
        "attempt": ATTEMPT, "code": "10001", "lease": lease, "generation": GENERATION, "grant": f'{{"lease":{lease}}}',
        "state": "seated", "assessment": make_assessment(), "variant": "48213", "bundles": []}
    return SignedIn(**{**fields, **changes})


def make_silence() -> Source:
    """A microphone in front of which nobody speaks."""
    return FileSource(np.zeros(2400, dtype=np.int16))


def make_log(journal: Journal, time: ServerTime, lease: int = LEASE) -> AttemptLog:
    """An attempt whose lease is open."""
    signed_in = make_signed_in(lease)
    journal.keep_attempt(ATTEMPT, "00000000", msgspec.json.encode(signed_in).decode())
    journal.keep_grant(ATTEMPT, lease, signed_in.grant)
    log = AttemptLog(journal, time, signed_in)
    if journal.head(ATTEMPT, lease)[0] == 0:
        log.append(Draft(EventKind.LEASE_OPENED, {"workstation": "w1", "generation": GENERATION}))
        journal.set_lease_state(ATTEMPT, lease, OPEN)
    return log


class SeatMaker:
    """Makes seats on one folder and one clock; making another one is a restart of the agent."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeSeatClock()
        self.make_source: Callable[[], Source] = make_silence
        self.speaking: dict[str, Any] = {**SPEAKING, "prepare_s": 90, "record_s": 60}
        self.number = 0
        self._journals: list[tuple[Journal, RecorderService]] = []

    def sit(self, is_present: bool = True) -> Seat:
        """A seat as an agent that starts now makes it."""
        journal = Journal(self.folder / "journal.sqlite")
        time = ServerTime(self.clock, journal.get("time"), lambda data: journal.set("time", data))
        if not time.is_known:
            mono = self.clock.mono_ms()
            time.add_exchange(mono, self.clock.wall_ms(), self.clock.wall_ms(), mono)
        recorder = RecorderService(journal, self.folder / "recordings", lambda: self.make_source())
        self._journals.append((journal, recorder))
        log = make_log(journal, time)
        seat = Seat(log, recorder, log.last_at_ms)
        seat.recover()
        if is_present:
            seat.come_back()
        if log.list_directives():
            seat.take_items(make_items(SOUND, PICTURE, self.speaking))
        return seat

    def direct(self, seat: Seat, kind: str, **body: Any) -> None:
        """The server tells the seat something and the seat applies it."""
        self.number += 1
        told = Directive(attempt=ATTEMPT, generation=GENERATION, number=self.number, kind=kind,
                         at_ms=self.clock.wall_ms(), body=body)
        seat.log.keep_directives([msgspec.json.encode(told).decode()])
        seat.apply_directives()

    def start(self, seat: Seat, **changes: Any) -> None:
        """The work begins."""
        seat.take_items(make_items(SOUND, PICTURE, self.speaking))
        body = {"pace": 1, "duration_s": 600, "window_ends_at_ms": self.clock.wall_ms() + 86_400_000,
                "on_move": "continue", "auto_credit_s": 300, "keys": {"b" * 64: "AGE-SECRET-KEY-1"}}
        self.direct(seat, "start", **{**body, **changes})

    def pass_time(self, seat: Seat, seconds: float, step_s: float = 1.0) -> None:
        """The agent ticks while time passes."""
        for _ in range(int(seconds / step_s)):
            self.clock.advance(int(step_s * 1000))
            seat.tick()

    def close(self) -> None:
        """End every recorder and journal, as killed processes would have."""
        for journal, recorder in self._journals:
            recorder.close()
            journal.close()
        self._journals.clear()
