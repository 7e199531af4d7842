"""Builders of events and directives for the stories told about the fold."""

from __future__ import annotations

from typing import Any

from testing_server.contracts.directives import Directive
from testing_server.contracts.events import Event

ATTEMPT = "6c0f8c8e-1111-4222-8333-944444444444"
TEN = 36_000_000


def at(clock: str) -> int:
    """"10:03:01" -> milliseconds of the day."""
    hours, minutes, *seconds = [int(part) for part in clock.split(":")]
    return ((hours * 60 + minutes) * 60 + (seconds[0] if seconds else 0)) * 1000


def make_event(lease: int, seq: int, event_kind: str, clock: str, err_ms: int = 20, **body: Any) -> Event:
    """An event with sensible defaults."""
    return Event(attempt=ATTEMPT, lease=lease, number=seq, kind=event_kind, at_ms=at(clock), err_ms=err_ms,
                 mono_ms=at(clock), boot_id="boot", body=body, prev="0" * 64)


def make_opening(lease: int, clock: str) -> Event:
    """The first event of a lease."""
    return make_event(lease, 1, "lease_opened", clock, workstation="w", generation=1)


def make_answer(lease: int, number: int, response: str, value: str | None, clock: str, err_ms: int = 20) -> Event:
    """An answer of item "i"; None clears it."""
    kind = "answer_cleared" if value is None else "answer_set"
    body = {"item": "i", "response": response} | ({} if value is None else {"value": value})
    return make_event(lease, number, kind, clock, err_ms, **body)


def make_directive(number: int, kind: str, **body: Any) -> Directive:
    """A directive of generation 1."""
    return Directive(attempt=ATTEMPT, generation=1, number=number, kind=kind, at_ms=TEN, body=body)


def apply_directive(lease: int, number: int, directive: Directive, clock: str) -> Event:
    """The seat's answer to a directive."""
    return make_event(lease, number, "directive_applied", clock, generation=directive.generation,
                      number=directive.number, kind=directive.kind, body=directive.body)
