"""Appending the batches of many seats at once, in as few statements as there are, whatever their number.

Takes the bare connection inside the committer's transaction. Gives what was kept of each batch; None for a batch that
is not simply what follows in its lease, of a seat that holds it, in a sitting that goes on: `actions` looks at those
one by one, and nothing of them is written here.
"""
from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from testing_server.exam_day.responses.actions import LATE_STATES
from testing_server.exam_day.responses.confirming import Confirmed, confirm_many, list_confirmed, starts_work
from testing_server.exam_day.responses.rules import Line, StoredHead, is_next
from testing_server.exam_day.sittings.rules import FENCED
from testing_server.foundation.storage.grouped import write_rows

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


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Checked lines of one request, at least one, in order of number."""

    attempt: str
    lease: int
    workstation: str
    now_ms: int
    lines: Sequence[Line]


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What the seat is told once this is durable."""

    acked: int
    directives: int
    lease_state: str
    sitting: str


# Somebody's start is just now moving the sitting, by the page: this batch follows in a moment.
AGAIN = Kept(0, 0, "", "")


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


@dataclass
class Group:
    """What the batches looked at so far leave behind: where leases stand, which sittings somebody is beginning."""

    heads: dict[tuple[str, int], StoredHead] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def let_first_begin(self, sitting: str) -> Kept | None:
        """The first start of an open sitting makes it run, which is the page's to do; the others wait for that."""
        if sitting in self.begun:
            return AGAIN
        self.begun.add(sitting)
        return None


_read_places = msgspec.json.Decoder(list[Place]).decode


def append_many(database: sqlite3.Connection, batches: list[Batch]) -> list[Kept | None]:
    """Store what simply follows; two batches of one lease follow each other. AGAIN: not yet."""
    places, state = _find_places(database, batches), Group()
    kept = [_look(place, batch, state) for place, batch in zip(places, batches, strict=True)]
    fresh = [(batch, found) for batch, found in zip(batches, kept, strict=True) if found and found is not AGAIN]
    write_rows(database, STORE + "{rows}", [
        (batch.attempt, batch.lease, line.event.number, line.event.kind, line.digest, line.text, batch.now_ms)
        for batch, _ in fresh for line in batch.lines])
    write_rows(database, ADVANCE, [(*lease, head.acked, head.head_digest) for lease, head in state.heads.items()])
    confirmed = [Confirmed(batch.attempt, batch.lease, found.sitting, events)
                 for batch, found in fresh if (events := list_confirmed(batch.lines))]
    if confirmed:
        confirm_many(database, confirmed)
    return kept


def _find_places(database: sqlite3.Connection, batches: Sequence[Batch]) -> list[Place | None]:
    asked = msgspec.json.encode([(batch.attempt, batch.lease) for batch in batches]).decode()
    found: list[Place | None] = [None] * len(batches)
    for place in _read_places(database.execute(FIND_PLACES, (asked,)).fetchone()[0]):
        found[place.index] = place
    return found


def _look(place: Place | None, batch: Batch, group: Group) -> Kept | None:
    if place is None or place.workstation != batch.workstation:
        return None
    if place.sitting_state == FENCED or place.sitting_state in LATE_STATES:
        return None
    name, last = (batch.attempt, batch.lease), batch.lines[-1]
    head = group.heads.get(name) or StoredHead(place.acked, place.head_number, place.head_digest, place.grant)
    if not is_next(head, batch.lines):
        return None
    if place.sitting_state == "open" and starts_work(batch.lines):
        return group.let_first_begin(place.sitting)
    group.heads[name] = StoredHead(last.event.number, last.event.number, last.digest, "")
    return Kept(last.event.number, place.directives, place.state, place.sitting)
