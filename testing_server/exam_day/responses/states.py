"""Folded states of attempts, kept in memory and brought up to date with what has arrived since.

Takes a session and attempts. Gives `AttemptState` by attempt. A cache: thrown away with the process.
"""
from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import Directive
from testing_server.contracts.events import Event, EventKind, read_event
from testing_server.contracts.fold import AttemptState, fold
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.records import DirectiveRecord

Window = tuple[int, int]
# Later ones of these say all that earlier ones said; keeping the last keeps a fold short.
SUPERSEDED = frozenset({EventKind.TIMER_TICK})
# What the page noticed beside the work: counted for the organizer, no part of the state.
NOTICED = frozenset({EventKind.FOCUS_LOST, EventKind.SCREEN_CHANGED})


@dataclass
class Known:
    """What one attempt has brought so far."""

    row: int = 0
    events: dict[tuple[str, int, int], Event] = field(default_factory=dict)
    ticks: dict[int, Event] = field(default_factory=dict)
    directives: int = 0
    noticed: int = 0
    state: AttemptState | None = None

    def add(self, row: int, event: Event) -> None:
        self.row = max(self.row, row)
        self.state = None
        if event.kind in NOTICED:
            times = event.body.get("times", 1)
            self.noticed += times if isinstance(times, int) else 1
        if event.kind not in SUPERSEDED:
            self.events[event.identity] = event
            return
        tick = self.ticks.get(event.lease)
        if tick is None or tick.number < event.number:
            self.ticks[event.lease] = event


class StateCache:
    """One per process."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()

    def read(self, session: Session, attempts: Sequence[str], window: Window | None = None) -> dict[str, AttemptState]:
        """States of the attempts, of this very moment of the database."""
        with self._lock:
            self._load_events(session, attempts)
            directives = _load_directives(session, attempts)
            return {attempt: self._fold(attempt, directives.get(attempt, []), window) for attempt in attempts}

    def count_noticed(self, attempt: str) -> int:
        """How often the page lost the focus or its screen changed, as far as was last read."""
        known = self._known.get(attempt)
        return known.noticed if known else 0

    def _load_events(self, session: Session, attempts: Sequence[str]) -> None:
        known = {attempt: self._known.setdefault(attempt, Known()) for attempt in attempts}
        fresh = [attempt for attempt, one in known.items() if not one.row]
        reached = self._load(session, fresh, 0)
        old = [attempt for attempt in attempts if attempt not in fresh]
        if old:
            reached = max(reached, self._load(session, old, min(known[attempt].row for attempt in old)))
        # All were read up to here: else one who brings nothing more would have all later rows read again each time.
        for one in known.values():
            one.row = max(one.row, reached)

    def _load(self, session: Session, attempts: Sequence[str], after: int) -> int:
        """The last row that this session sees of these attempts, 0 where it is no later than `after`."""
        if not attempts:
            return 0
        last = 0
        # What came since `after` is read in the order of rows, which no index by attempt gives: not by that one then.
        name = EventRecord.attempt + "" if after else EventRecord.attempt
        rows = session.execute(select(EventRecord.row, EventRecord.attempt, EventRecord.line)
                               .where(name.in_(attempts), EventRecord.row > after).order_by(EventRecord.row))
        for row, attempt, line in rows:
            known, last = self._known[attempt], row
            if row > known.row:
                known.add(row, read_event(line.encode()))
        return last

    def _fold(self, attempt: str, directives: list[Directive], window: Window | None) -> AttemptState:
        known = self._known[attempt]
        if known.state is None or known.directives != len(directives):
            known.directives = len(directives)
            known.state = fold([*known.events.values(), *known.ticks.values()], directives, window)
        return known.state


def _load_directives(session: Session, attempts: Sequence[str]) -> dict[str, list[Directive]]:
    found: dict[str, list[Directive]] = {}
    rows = session.execute(select(DirectiveRecord.attempt, DirectiveRecord.text)
                           .where(DirectiveRecord.attempt.in_(attempts)))
    for attempt, text in rows:
        found.setdefault(attempt, []).append(msgspec.json.decode(text, type=Directive))
    return found
