"""Appending the batches of many seats at once, in as few statements as there are, whatever their number.

Takes the bare connection inside the committer's transaction. Gives what was kept of each batch; None for a batch that
is not simply what follows in its lease, of a seat that holds it, in a sitting that goes on: `actions` looks at those
one by one, and nothing of them is written here.
"""
from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from testing_server.exam_day.responses.actions import LATE_STATES
from testing_server.exam_day.responses.rules import Line, StoredHead, is_next
from testing_server.exam_day.sittings.rules import FENCED

# A statement of each size is prepared once; a thousand rows are two statements and not a thousand.
CHUNKS = (512, 64, 8, 1)
# One row whatever the number of batches: each row would hand the interpreter to another thread and back.
FIND_PLACES = """
SELECT json_group_array(json_array(
  asked.key, lease.workstation, lease.acked, lease.head_number, lease.head_digest,
  CASE WHEN lease.head_number = 0 THEN lease."grant" ELSE '' END, lease.state, attempt.sitting, sitting.state,
  (SELECT count(*) FROM room_directive WHERE room_directive.attempt = lease.attempt)))
FROM json_each(?) AS asked
CROSS JOIN room_lease AS lease ON lease.attempt = json_extract(asked.value, '$[0]')
  AND lease.lease = json_extract(asked.value, '$[1]')
CROSS JOIN room_attempt AS attempt ON attempt.id = lease.attempt
CROSS JOIN room_sitting AS sitting ON sitting.id = attempt.sitting
"""
STORE = "INSERT INTO room_event (attempt, lease, number, kind, digest, line, received_at_ms) VALUES "
ADVANCE = """
UPDATE room_lease SET acked = fresh.column3, head_number = fresh.column3, head_digest = fresh.column4
FROM (VALUES {rows}) AS fresh WHERE room_lease.attempt = fresh.column1 AND room_lease.lease = fresh.column2
"""
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Checked lines of one request, at least one, in order of number."""

    attempt: str
    lease: int
    workstation: str
    now_ms: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the seat is told once this is durable."""

    acked: int
    directives: int
    lease_state: str
    sitting: str


class Place(msgspec.Struct, array_like=True, frozen=True):
    """A row of FIND_PLACES; `index` counts the batches, `grant` is "" once the lease has an event."""

    index: int
    workstation: str
    acked: int
    head_number: int
    head_digest: str
    grant: str
    state: str
    sitting: str
    sitting_state: str
    directives: int


_read_places = msgspec.json.Decoder(list[Place]).decode


def append_many(database: sqlite3.Connection, batches: list[Batch]) -> list[Kept | None]:
    """Store what simply follows; two batches of one lease follow each other."""
    places = _find_places(database, batches)
    heads: dict[tuple[str, int], StoredHead] = {}
    kept = [_look(place, batch, heads) for place, batch in zip(places, batches, strict=True)]
    fresh = [batch for batch, found in zip(batches, kept, strict=True) if found is not None]
    _write_chunks(database, STORE + "{rows}", [
        (batch.attempt, batch.lease, line.event.number, line.event.kind, line.digest, line.text, batch.now_ms)
        for batch in fresh for line in batch.lines])
    _write_chunks(database, ADVANCE, [(*lease, head.acked, head.head_digest) for lease, head in heads.items()])
    return kept


def _find_places(database: sqlite3.Connection, batches: Sequence[Batch]) -> list[Place | None]:
    asked = msgspec.json.encode([(batch.attempt, batch.lease) for batch in batches]).decode()
    found: list[Place | None] = [None] * len(batches)
    for place in _read_places(database.execute(FIND_PLACES, (asked,)).fetchone()[0]):
        found[place.index] = place
    return found


def _look(place: Place | None, batch: Batch, heads: dict[tuple[str, int], StoredHead]) -> Kept | None:
    if place is None or place.workstation != batch.workstation:
        return None
    if place.sitting_state == FENCED or place.sitting_state in LATE_STATES:
        return None
    name, last = (batch.attempt, batch.lease), batch.lines[-1]
    head = heads.get(name) or StoredHead(place.acked, place.head_number, place.head_digest, place.grant)
    if not is_next(head, batch.lines):
        return None
    heads[name] = StoredHead(last.event.number, last.event.number, last.digest, "")
    return Kept(last.event.number, place.directives, place.state, place.sitting)


def _write_chunks(database: sqlite3.Connection, statement: str, rows: Rows) -> None:
    start = 0
    for size in CHUNKS:
        while len(rows) - start >= size:
            values = [value for row in rows[start:start + size] for value in row]
            marks = f"({','.join('?' * len(rows[start]))})"
            database.execute(statement.format(rows=",".join([marks] * size)), values)
            start += size
