"""What the confirmed directives of many seats change, in as few statements as there are: a start of a thousand at once.

Takes the bare connection inside the committer's transaction and batches that were just stored. The same as
`effects` does for one line: the directive is confirmed, the attempt moves, the sitting's version grows.
"""
from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.events import Event, EventKind
from testing_server.exam_day.responses.rules import Line, move_attempt
from testing_server.foundation.storage.grouped import write_rows

# Larger numbers a seat may write but the database cannot keep; the page says so to that seat alone.
LARGEST = 2 ** 53
FIND_ATTEMPTS = """
SELECT json_group_array(json_array(attempt.id, attempt.state, attempt.started_at_ms, (
  SELECT max(lease.lease) FROM room_lease AS lease WHERE lease.attempt = attempt.id AND lease.state <> 'void')))
FROM json_each(?) AS asked CROSS JOIN room_attempt AS attempt ON attempt.id = asked.value
"""
CONFIRM = """
UPDATE room_directive SET applied_at_ms = fresh.column4 FROM (VALUES {rows}) AS fresh
WHERE room_directive.attempt = fresh.column1 AND room_directive.generation = fresh.column2
  AND room_directive.number = fresh.column3 AND room_directive.applied_at_ms IS NULL
"""
MOVE = """
UPDATE room_attempt SET state = fresh.column2, started_at_ms = fresh.column3 FROM (VALUES {rows}) AS fresh
WHERE room_attempt.id = fresh.column1
"""
COUNT = """
UPDATE room_sitting SET version = version + fresh.column2 FROM (VALUES {rows}) AS fresh
WHERE room_sitting.id = fresh.column1
"""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The confirmations of one batch, in order."""

    attempt: str
    lease: int
    sitting: str
    events: Sequence[Event]


class Moving(msgspec.Struct, array_like=True):
    """A row of FIND_ATTEMPTS; `newest`: its lease that may move it, None when all were void."""

    attempt: str
    state: str
    started_at_ms: int | None
    newest: int | None

    def follow(self, lease: int, event: Event) -> None:
        """What one confirmation changes."""
        if self.newest is None or self.newest == lease:
            self.state = move_attempt(self.state, event)
        if event.body["kind"] == DirectiveKind.START:
            self.started_at_ms = self.started_at_ms or event.at_ms


_read_attempts = msgspec.json.Decoder(list[Moving]).decode


def list_confirmed(lines: Iterable[Line]) -> list[Event]:
    """Events that confirm a directive."""
    return [line.event for line in lines if line.event.kind == EventKind.DIRECTIVE_APPLIED]


def starts_work(lines: Iterable[Line]) -> bool:
    """Whether a seat says here that its candidate has begun."""
    return any(event.body["kind"] == DirectiveKind.START for event in list_confirmed(lines))


def is_plain_confirmation(event: Event) -> bool:
    """Whether the database can keep the numbers of a confirmation."""
    return all(abs(number) < LARGEST for number in (event.body["generation"], event.body["number"], event.at_ms))


def confirm_many(database: sqlite3.Connection, confirmed: Sequence[Confirmed]) -> None:
    """Let confirmations take effect, once: their events have just been stored for the first time."""
    moving = _find_attempts(database, {one.attempt for one in confirmed})
    directives: dict[tuple[str, int, int], int] = {}
    for one in confirmed:
        for event in one.events:
            directives.setdefault((one.attempt, event.body["generation"], event.body["number"]), event.at_ms)
            moving[one.attempt].follow(one.lease, event)
    write_rows(database, CONFIRM, [(*name, at_ms) for name, at_ms in directives.items()])
    write_rows(database, MOVE, [(row.attempt, row.state, row.started_at_ms) for row in moving.values()])
    write_rows(database, COUNT, list(Counter(one.sitting for one in confirmed).items()))


def _find_attempts(database: sqlite3.Connection, attempts: Iterable[str]) -> dict[str, Moving]:
    asked = msgspec.json.encode(sorted(attempts)).decode()
    return {row.attempt: row for row in _read_attempts(database.execute(FIND_ATTEMPTS, (asked,)).fetchone()[0])}
