"""What happened at one seat, in order: events, spans without a link, commands and who gave them. Pure.

An answer's value is no part of it: the time line tells when something was written and how much, never what.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from testing_server.contracts.events import Event, EventKind

# The outbox sends twice a second and a timer ticks every five: what is later than this waited for a link.
LINK_LOST_MS = 10_000
# Typing is many answers a minute: one line tells them, as long as no pause is longer than this.
TYPING_PAUSE_MS = 60_000
QUIET = frozenset({EventKind.TIMER_TICK, EventKind.PLAY_PROGRESS})


class Lane(StrEnum):
    """What a moment is about; each can be shown alone."""

    TASK = "task"
    ANSWER = "answer"
    SOUND = "sound"
    LINK = "link"
    COMMAND = "command"
    SEAT = "seat"


LANES: dict[str, Lane] = {
    EventKind.LEASE_OPENED: Lane.SEAT, EventKind.ANSWER_SET: Lane.ANSWER, EventKind.ANSWER_CLEARED: Lane.ANSWER,
    EventKind.FILE_KEPT: Lane.ANSWER, EventKind.SOUND_CHECKED: Lane.SOUND, EventKind.PLAY_STARTED: Lane.SOUND,
    EventKind.PLAY_ENDED: Lane.SOUND, EventKind.RECORDING_STARTED: Lane.SOUND, EventKind.RECORDING_GAP: Lane.SOUND,
    EventKind.RECORDING_COMMITTED: Lane.SOUND, EventKind.DEVICE_CHANGED: Lane.SOUND,
    EventKind.DIRECTIVE_APPLIED: Lane.COMMAND, EventKind.INCIDENT_RAISED: Lane.SEAT, EventKind.FOCUS_LOST: Lane.SEAT,
    EventKind.SCREEN_CHANGED: Lane.SEAT, EventKind.CLOCK_JUMP: Lane.SEAT,
}
ATTENTION = frozenset({EventKind.INCIDENT_RAISED, EventKind.RECORDING_GAP, EventKind.FOCUS_LOST,
                       EventKind.SCREEN_CHANGED, EventKind.CLOCK_JUMP, EventKind.DEVICE_CHANGED})
LINK_LOST, COMMAND, ACT = "link_lost", "command", "act"


@dataclass(frozen=True)
class Received:
    """An event and when this server had it (Unix ms)."""

    event: Event
    received_at_ms: int


@dataclass(frozen=True)
class Told:
    """A command or another act about the candidate: audit verb, who, when, and when the seat confirmed it.

    `is_order`: the seat had to apply it; `confirmed_at_ms`: None while it has not.
    """

    at_ms: int
    verb: str
    by: str
    details: dict[str, Any] = field(default_factory=dict)
    is_order: bool = False
    confirmed_at_ms: int | None = None


@dataclass(frozen=True)
class Moment:
    """A line of the time line. `what`: kind of event, "link_lost", or an act's verb; `until_ms`: its end where it
    lasts; `times`: how many events it stands for; `counted`: False for what an old seat wrote after the move."""

    at_ms: int
    lane: Lane
    what: str
    body: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    lease: int = 0
    number: int = 0
    until_ms: int | None = None
    times: int = 1
    counted: bool = True
    needs_look: bool = False


def tell_seat(received: Sequence[Received], acts: Iterable[Told], not_counted: Iterable[tuple[int, int]] = (),
              ) -> list[Moment]:
    """Oldest first. `not_counted`: (lease, number) of events that the fold left out."""
    left_out = set(not_counted)
    shown = [one.event for one in received if one.event.kind not in QUIET]
    moments = [_tell_event(event, (event.lease, event.number) not in left_out) for event in shown]
    moments = _join_typing(sorted(moments, key=lambda one: (one.at_ms, one.lease, one.number)))
    moments += [Moment(start, Lane.LINK, LINK_LOST, until_ms=end, needs_look=True)
                for start, end in find_lost_links(received)]
    moments += [_tell_act(one) for one in acts]
    return sorted(moments, key=lambda one: (one.at_ms, one.lane != Lane.COMMAND, one.lease, one.number))


def _tell_event(event: Event, counted: bool) -> Moment:
    body = {name: value for name, value in event.body.items() if name != "value"}
    if event.kind == EventKind.ANSWER_SET:
        value = event.body["value"]
        body["length"] = len(value) if isinstance(value, str) else sum(map(len, map(str, value)))
    return Moment(event.at_ms, LANES.get(event.kind, Lane.TASK), event.kind, body, lease=event.lease,
                  number=event.number, counted=counted, needs_look=event.kind in ATTENTION or not counted)


def _tell_act(told: Told) -> Moment:
    waits = told.is_order and told.confirmed_at_ms is None
    body = {**told.details, "is_order": told.is_order, "confirmed_at_ms": told.confirmed_at_ms}
    return Moment(told.at_ms, Lane.COMMAND, told.verb, body, by=told.by, needs_look=waits)


def _join_typing(moments: Sequence[Moment]) -> list[Moment]:
    joined: list[Moment] = []
    for one in moments:
        last = joined[-1] if joined else None
        if last is not None and _goes_on(last, one):
            joined[-1] = replace(last, body=one.body, until_ms=one.at_ms, times=last.times + 1)
        else:
            joined.append(one)
    return joined


def _goes_on(last: Moment, one: Moment) -> bool:
    """Whether one more answer belongs to the typing before it."""
    same = all(last.body.get(name) == one.body.get(name) for name in ("item", "response"))
    return (last.what == one.what == EventKind.ANSWER_SET and same and last.counted == one.counted
            and one.lease == last.lease and one.at_ms - (last.until_ms or last.at_ms) <= TYPING_PAUSE_MS)


def find_lost_links(received: Iterable[Received]) -> list[tuple[int, int]]:
    """Spans (Unix ms) in which the seat wrote and the server did not hear: from the first event that waited until it
    came. A server that was away looks the same as a cut cable."""
    waited = sorted((one.event.at_ms, one.received_at_ms) for one in received
                    if one.received_at_ms - one.event.at_ms > LINK_LOST_MS)
    spans: list[tuple[int, int]] = []
    for start, end in waited:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans
