"""Events of the seat's journal: one line each, written once, and that very line is sent, kept and packaged.

An event is known by (attempt, lease, number); its digest is the SHA-256 of its line; `prev` chains it to the
event before (for number 1: to the lease grant). Protocol.md §2.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from testing_server.contracts.canonical import refuse_floats, sha256_hex
from testing_server.contracts.refusals import BadEvent, BrokenChain, ContractRefusal

MAX_LINE_BYTES = 96 * 1024
MAX_BATCH_EVENTS = 200
MAX_BATCH_BYTES = 128 * 1024


class EventKind(StrEnum):
    """Every kind of this protocol version; an unknown kind is stored and skipped by the fold."""

    LEASE_OPENED = "lease_opened"
    ANSWER_SET = "answer_set"
    ANSWER_CLEARED = "answer_cleared"
    ITEM_ENTERED = "item_entered"
    ITEM_LEFT = "item_left"
    TIMER_STARTED = "timer_started"
    TIMER_TICK = "timer_tick"
    BREAK_STARTED = "break_started"
    BREAK_ENDED = "break_ended"
    ROOM_LEFT = "room_left"
    ROOM_RETURNED = "room_returned"
    SOUND_CHECKED = "sound_checked"
    PLAY_STARTED = "play_started"
    PLAY_PROGRESS = "play_progress"
    PLAY_ENDED = "play_ended"
    RECORDING_STARTED = "recording_started"
    RECORDING_GAP = "recording_gap"
    RECORDING_COMMITTED = "recording_committed"
    FILE_KEPT = "file_kept"
    DIRECTIVE_APPLIED = "directive_applied"
    INCIDENT_RAISED = "incident_raised"
    FOCUS_LOST = "focus_lost"
    SCREEN_CHANGED = "screen_changed"
    CLOCK_JUMP = "clock_jump"
    DEVICE_CHANGED = "device_changed"
    ATTEMPT_FINISHED = "attempt_finished"


# field -> type; a "?" name may be missing. Positions in sound are samples and bytes, the rest milliseconds.
BODY_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    EventKind.LEASE_OPENED: {"workstation": str, "generation": int},
    EventKind.ANSWER_SET: {"item": str, "response": str, "value": (str, list)},
    EventKind.ANSWER_CLEARED: {"item": str, "response": str},
    EventKind.ITEM_ENTERED: {"item": str, "stage": str},
    EventKind.ITEM_LEFT: {"item": str},
    EventKind.TIMER_STARTED: {"timer": str, "allotted_ms": int},
    EventKind.TIMER_TICK: {"left_ms": dict},
    EventKind.BREAK_STARTED: {"break": int, "kind": str, "work_clock": str},
    EventKind.BREAK_ENDED: {"break": int, "reason": str},
    EventKind.ROOM_LEFT: {"by": str, "work_clock": str},
    EventKind.ROOM_RETURNED: {"by": str},
    EventKind.SOUND_CHECKED: {"verdict": str, "device": str},
    EventKind.PLAY_STARTED: {"item": str, "play": int},
    EventKind.PLAY_PROGRESS: {"item": str, "play": int, "position_ms": int},
    EventKind.PLAY_ENDED: {"item": str, "play": int},
    EventKind.RECORDING_STARTED: {"item": str, "response": str, "rate_hz": int, "device": str},
    EventKind.RECORDING_GAP: {"started": list, "at_sample": int, "lost_ms": int, "reason": str},
    EventKind.RECORDING_COMMITTED: {"started": list, "bytes": int, "samples": int, "sha256": str, "parts": int,
                                    "gaps": int, "end_reason": str, "verdict": str},
    EventKind.FILE_KEPT: {"item": str, "response": str, "sha256": str, "bytes": int, "type": str, "name": str},
    EventKind.DIRECTIVE_APPLIED: {"generation": int, "number": int, "kind": str, "body": dict},
    EventKind.INCIDENT_RAISED: {"kind": str, "text": str},
    EventKind.FOCUS_LOST: {},
    EventKind.SCREEN_CHANGED: {"change": str, "width": int, "height": int},
    EventKind.CLOCK_JUMP: {"jump_ms": int},
    EventKind.DEVICE_CHANGED: {"device": str},
    EventKind.ATTEMPT_FINISHED: {"reason": str},
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the seat. `at_ms` is server time estimated at the seat, stored once, never recomputed."""

    attempt: str
    lease: int
    number: int
    kind: str
    at_ms: int
    err_ms: int
    mono_ms: int
    boot_id: str
    body: dict[str, Any]
    prev: str

    @property
    def identity(self) -> tuple[str, int, int]:
        """(attempt, lease, number)."""
        return self.attempt, self.lease, self.number


def write_event(event: Event) -> bytes:
    """The event's line, without a line end. Raises BadEvent when it would not be accepted."""
    check_event(event)
    line = msgspec.json.encode(event)
    if len(line) > MAX_LINE_BYTES:
        raise BadEvent(f"an event of {len(line)} bytes; at most {MAX_LINE_BYTES}")
    return line


def read_event(line: bytes) -> Event:
    """The event of a line; raises BadEvent naming what is wrong."""
    if len(line) > MAX_LINE_BYTES:
        raise BadEvent(f"an event of {len(line)} bytes; at most {MAX_LINE_BYTES}")
    try:
        event = _decode(line)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise BadEvent(str(error)) from error
    _check_form(event)
    return event


def _refuse_float(text: str) -> float:
    # while it is read, so that nobody need look through every body a second time
    raise ValueError(f"a float: {text[:20]}")


_decode = msgspec.json.Decoder(Event, float_hook=_refuse_float).decode


def digest_of(line: bytes) -> str:
    """SHA-256 of the line as it was first written."""
    return sha256_hex(line)


def check_event(event: Event) -> None:
    """Raise BadEvent unless the event's numbers and its kind's body have the protocol's form."""
    _check_form(event)
    try:
        refuse_floats(event.body)
    except ContractRefusal as error:
        raise BadEvent(str(error)) from error


def _check_form(event: Event) -> None:
    if event.lease < 1 or event.number < 1 or event.err_ms < 0:
        raise BadEvent("lease and number count from 1, err_ms from 0")
    fields = BODY_FIELDS.get(event.kind, {})
    for name, wanted in fields.items():
        value = event.body.get(name)
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise BadEvent(f"{event.kind}: field {name} is missing or of a wrong type")
    _check_details(event)


def _check_details(event: Event) -> None:
    value = event.body.get("value")
    if event.kind == EventKind.ANSWER_SET and isinstance(value, list) and not all(isinstance(v, str) for v in value):
        raise BadEvent("answer_set: a list value holds strings only")
    started = event.body.get("started")
    if started is not None and (len(started) != 2 or not all(isinstance(v, int) for v in started)):
        raise BadEvent(f"{event.kind}: started is [lease, number]")


def check_chain(lines: Iterable[bytes], prev: str, first_number: int = 1) -> str:
    """Check that lines of one lease follow each other; returns the last digest. Raises BrokenChain."""
    number = first_number
    for line in lines:
        event = read_event(line)
        if event.number != number or event.prev != prev:
            raise BrokenChain(f"event {event.number} of lease {event.lease} does not follow")
        prev, number = digest_of(line), number + 1
    return prev
