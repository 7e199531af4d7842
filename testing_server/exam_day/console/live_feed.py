"""Only what changed: which seats of a snapshot a page that follows a sitting has not seen yet.

Takes snapshots and the number of the last one a page has. Gives the next number, the seats that changed since, and
their order where that changed; all of it to a page that is new or follows a process that is no longer there. What only
ticks is no change: pages count on by themselves from the moment a seat was told.
"""
from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from testing_server.exam_day.console.snapshot import SeatView, Snapshot
from testing_server.foundation.services import Services

NAME = "live_feed"
TICKING = frozenset({"left_s", "break_left_s", "rest_ahead_s", "level"})
read_lasting = attrgetter(*(one.name for one in fields(SeatView) if one.name not in TICKING))


class Told(NamedTuple):
    """`feed`: name of this state for the next question; `seats` that changed since, in the snapshot's order; `order`:
    attempts as cards are laid, None where the page has it."""

    feed: str
    seats: list[SeatView]
    order: list[str] | None


@dataclass
class _Kept:
    """`seats`: attempt -> what was last told of it and under which number; `order_number`: the same of the order."""

    number: int = 0
    order: list[str] = field(default_factory=list)
    order_number: int = 0
    seats: dict[str, tuple[Any, int]] = field(default_factory=dict)


class LiveFeed:
    """One per process; a lost number costs one full answer."""

    def __init__(self) -> None:
        self._instance = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}

    def sort_out(self, snapshot: Snapshot, language: str, since: str) -> Told:
        """What a page that has the state named `since` must hear."""
        with self._lock:
            kept = self._kept.setdefault((snapshot.sitting, language), _Kept())
            _note_changes(kept, snapshot)
            known = self._read_number(since)
            changed = [seat for seat in snapshot.seats if kept.seats[seat.attempt][1] > known]
            order = kept.order if kept.order_number > known else None
            return Told(f"{self._instance}.{kept.number}", changed, order)

    def _read_number(self, since: str) -> int:
        instance, _, number = since.partition(".")
        return int(number) if instance == self._instance and number.isdecimal() else -1


def _note_changes(kept: _Kept, snapshot: Snapshot) -> None:
    lasting = {seat.attempt: read_lasting(seat) for seat in snapshot.seats}
    fresh = [attempt for attempt, told in lasting.items() if kept.seats.get(attempt, (None, 0))[0] != told]
    order = [seat.attempt for seat in snapshot.seats]
    if not fresh and order == kept.order:
        return
    kept.number += 1
    kept.seats.update({attempt: (lasting[attempt], kept.number) for attempt in fresh})
    if order != kept.order:
        kept.order, kept.order_number = order, kept.number


def attach_feed(offered: Services) -> LiveFeed:
    """The feed of these services, made at the first call."""
    found = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = LiveFeed()
    return found
