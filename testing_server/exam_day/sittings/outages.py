"""Time that a candidate lost because the seat could not work, and how much of it nobody has given back yet.

Pure: takes the folded state, in which the seat's own measurements are, and what organizers gave back before. Gives
milliseconds of the work's clock. Protocol.md §2 "Time".
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from testing_server.contracts.fold import WORK_TIMER, AttemptState
from testing_server.contracts.timers import exam_elapsed_ms

OUTAGE = "outage"


@dataclass(frozen=True)
class Outage:
    """`lost_ms`: measured in all; `owed_ms`: of it neither the seat by itself nor an organizer gave back."""

    lost_ms: int = 0
    owed_ms: int = 0


def measure_outage(state: AttemptState, returned_ms: int = 0) -> Outage:
    """What the seat measured so far. `returned_ms`: given back for outages by directives.

    A moment counts once, however many faults met in it, and not at all where the clock stood anyway.
    """
    timer = state.timers.get(WORK_TIMER)
    spans = join_spans(_list_measured(state, timer.started_at_ms)) if timer else []
    if not spans:
        return Outage()
    stopped = state.list_stopped()
    otherwise = [span for span in stopped if span not in state.outages]
    lost, left = (sum(exam_elapsed_ms(start, end, still, state.sounding, state.pace) for start, end in spans)
                  for still in (otherwise, stopped))
    return Outage(lost, max(0, left - returned_ms))


def _list_measured(state: AttemptState, from_ms: int) -> list[tuple[int, int]]:
    found = [(one.get("from_ms"), one.get("to_ms")) for one in state.incidents if one["kind"] == OUTAGE]
    return [(max(start, from_ms), end) for start, end in found
            if isinstance(start, int) and isinstance(end, int) and max(start, from_ms) < end]


def join_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same moments as spans that do not overlap, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def count_returned_ms(bodies: Iterable[Mapping[str, Any]]) -> int:
    """Of bodies of `credit` directives: what was given back for outages; other credits are for other reasons."""
    return sum(int(body.get("ms", 0)) for body in bodies if body.get(OUTAGE))
