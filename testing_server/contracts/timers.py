"""How much time is left: pure arithmetic over spans of server time (protocol.md §2 "Time").

A span is (from_ms, to_ms | None); None = still going on. While the exam is stopped (pause, credited outage)
its clock stands; while sound plays or records it runs at its real speed; else at `pace` (1 in counted works).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int | None]


@dataclass(frozen=True)
class TimerState:
    """A started timer. `allotted_ms` is what the candidate had when it started."""

    name: str
    started_at_ms: int
    allotted_ms: int


def exam_elapsed_ms(from_ms: int, now_ms: int, stopped: Sequence[Span], sounding: Sequence[Span], pace: int = 1) -> int:
    """Exam milliseconds between two moments."""
    edges = sorted({from_ms, now_ms, *_edges(stopped, from_ms, now_ms), *_edges(sounding, from_ms, now_ms)})
    elapsed = 0
    for start, end in zip(edges, edges[1:], strict=False):
        if _covers(stopped, start):
            continue
        elapsed += (end - start) * (1 if _covers(sounding, start) else pace)
    return elapsed


def _edges(spans: Sequence[Span], low: int, high: int) -> list[int]:
    return [edge for span in spans for edge in span if edge is not None and low < edge < high]


def _covers(spans: Sequence[Span], moment: int) -> bool:
    return any(start <= moment and (end is None or moment < end) for start, end in spans)


def time_left_ms(timer: TimerState, now_ms: int, stopped: Sequence[Span], sounding: Sequence[Span],
                 pace: int = 1, extra_ms: int = 0) -> int:
    """Milliseconds left on a timer, never below 0. `extra_ms`: extra time and credits given."""
    elapsed = exam_elapsed_ms(timer.started_at_ms, max(now_ms, timer.started_at_ms), stopped, sounding, pace)
    return max(0, timer.allotted_ms + extra_ms - elapsed)


def credit_outage(last_sign_ms: int, back_ms: int, auto_credit_ms: int, shortest_ms: int = 10_000) -> Span | None:
    """The part of an outage that is credited at once: a stopped span ending when the seat came back.

    `last_sign_ms` = last tick before, `back_ms` = first event after. Shorter than 10 s is no outage;
    more than `auto_credit_ms` is for an organizer to give.
    """
    length = back_ms - last_sign_ms
    if length <= shortest_ms:
        return None
    return back_ms - min(length, auto_credit_ms), back_ms
