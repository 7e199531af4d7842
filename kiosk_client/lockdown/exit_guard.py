"""Leaving the page by the organizer's code: checked here, without the server; the work is neither finished nor lost.

Takes the agent and what was typed; says to whoever runs the agent that it shall end. Wrong codes are counted; what
happened is told to the organizer as incidents of the candidate who sits here.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import msgspec

from kiosk_client.drafts import Draft
from kiosk_client.refusals import SeatRefusal
from testing_server.contracts.events import EventKind
from testing_server.contracts.exit_code import ExitLock, opens

if TYPE_CHECKING:
    from kiosk_client.agent import Agent

LOCK = "exit_lock"
MOST_TRIES, WAIT_MS = 5, 60_000
DELIVER_SECONDS = 5.0

log = logging.getLogger(__name__)


class ExitWrong(SeatRefusal):
    """The code that was typed is not the one the organizer's console shows."""

    code = "exit_wrong"


class ExitTooOften(SeatRefusal):
    """Five wrong codes: nothing is tried for a minute."""

    code = "exit_too_often"


class Tries:
    """Wrong codes of the last minute. Times are monotonic milliseconds, given by the caller."""

    def __init__(self, most: int = MOST_TRIES, wait_ms: int = WAIT_MS) -> None:
        self._most, self._wait_ms = most, wait_ms
        self._wrong_ms: list[int] = []

    def is_open(self, now_ms: int) -> bool:
        """Whether another one may be tried."""
        self._wrong_ms = [at_ms for at_ms in self._wrong_ms if now_ms - at_ms < self._wait_ms]
        return len(self._wrong_ms) < self._most

    def note_wrong(self, now_ms: int) -> bool:
        """Whether this was the last one for a while."""
        self._wrong_ms.append(now_ms)
        return not self.is_open(now_ms)


class ExitGuard:
    """`left` is set when somebody with the code has left."""

    def __init__(self, agent: Agent) -> None:
        self.left = threading.Event()
        self._agent = agent
        self._tries, self._lock = Tries(), threading.Lock()

    @property
    def needs_code(self) -> bool:
        """A workstation that never met a server knows no code and keeps nobody."""
        return self._find_lock() is not None

    def take_lock(self, told: ExitLock | None) -> None:
        """What the server told with the time; kept for the hours without it."""
        journal = self._agent.journal
        if told is not None and (kept := msgspec.to_builtins(told)) != journal.get(LOCK):
            journal.set(LOCK, kept)

    def leave(self, typed: str) -> None:
        """Raises ExitWrong, ExitTooOften."""
        known = self._find_lock()
        if known is not None:
            self._check(known, typed)
        self._tell("exit", "the organizer left the exam page by the code")
        self.left.set()

    def _check(self, known: ExitLock, typed: str) -> None:
        # One at a time: the derivation is slow on purpose, and tries are counted after it.
        with self._lock:
            if not self._tries.is_open(time.monotonic_ns() // 1_000_000):
                raise ExitTooOften()
            if opens(known, typed):
                return
            if self._tries.note_wrong(time.monotonic_ns() // 1_000_000):
                self._tell("exit_refused", f"{MOST_TRIES} wrong exit codes within a minute")
        raise ExitWrong()

    def _find_lock(self) -> ExitLock | None:
        kept = self._agent.journal.get(LOCK)
        return msgspec.convert(kept, ExitLock) if kept else None

    def _tell(self, kind: str, text: str) -> None:
        """An incident of the candidate at work here; one who has finished gets no further events."""
        log.warning("%s: %s", kind, text)
        seat = self._agent.seating.seat
        if seat is not None and seat.state.started and not (seat.state.finished or seat.moved):
            seat.log.append(Draft(EventKind.INCIDENT_RAISED, {"kind": kind, "text": text}))
            self._agent.notify()

    def wait_delivered(self, seconds: float = DELIVER_SECONDS) -> bool:
        """Give the outbox a moment before the program ends; whether all is at the server. The rest stays here."""
        deadline = time.monotonic() + seconds
        journal = self._agent.journal
        while journal.count_unacked() + journal.count_waiting() and time.monotonic() < deadline:
            self._agent.hurry()
            time.sleep(0.1)
        return not (journal.count_unacked() + journal.count_waiting())
