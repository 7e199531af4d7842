"""Only what changed: which seats of a snapshot a page that follows a sitting has not seen yet.

Takes snapshots and the number of the last one a page has. Gives the next number and the seats that changed since; all
of them to a page that is new or follows a process that is no longer there. What only ticks is no change: pages count on
by themselves from the moment a seat was told.
"""
from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from testing_server.exam_day.console.snapshot import SeatView, Snapshot
from testing_server.foundation.services import Services

NAME = "live_feed"
TICKING = frozenset({"left_s", "break_left_s", "rest_ahead_s", "level"})
read_lasting = attrgetter(*(one.name for one in fields(SeatView) if one.name not in TICKING))


@dataclass
class _Kept:
    """`seats`: attempt -> what was last told of it and under which number."""

    number: int = 0
    seats: dict[str, tuple[Any, int]] = field(default_factory=dict)


class LiveFeed:
    """One per process; a lost number costs one full answer."""

    def __init__(self) -> None:
        self._instance = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}

    def sort_out(self, snapshot: Snapshot, language: str, since: str) -> tuple[str, list[SeatView]]:
        """(name of this state for the next question, the seats that changed since, in the snapshot's order)."""
        with self._lock:
            kept = self._kept.setdefault((snapshot.sitting, language), _Kept())
            _note_changes(kept, snapshot)
            known = self._read_number(since)
            changed = [seat for seat in snapshot.seats if kept.seats[seat.attempt][1] > known]
            return f"{self._instance}.{kept.number}", changed

    def _read_number(self, since: str) -> int:
        instance, _, number = since.partition(".")
        return int(number) if instance == self._instance and number.isdecimal() else -1


def _note_changes(kept: _Kept, snapshot: Snapshot) -> None:
    lasting = {seat.attempt: read_lasting(seat) for seat in snapshot.seats}
    fresh = [attempt for attempt, told in lasting.items() if kept.seats.get(attempt, (None, 0))[0] != told]
    if fresh:
        kept.number += 1
        kept.seats.update({attempt: (lasting[attempt], kept.number) for attempt in fresh})


def attach_feed(offered: Services) -> LiveFeed:
    """The feed of these services, made at the first call."""
    found = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = LiveFeed()
    return found
