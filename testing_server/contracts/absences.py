"""A candidate out of the room: the screen is covered, and the clock of the work goes on or stands by the work's rule.

Takes what `room_left` and `room_returned` say; gives spans. What the assessment says of it is `leaving`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from testing_server.contracts.timers import Span

RUNS, STANDS = "runs", "stands"


class By(StrEnum):
    """Who said that the candidate left or came back."""

    CANDIDATE = "candidate"
    ORGANIZER = "organizer"


@dataclass(frozen=True)
class Absence:
    """From when to when (server time, ms; None = still out), and what the work's clock does meanwhile."""

    from_ms: int
    to_ms: int | None
    work_clock: str

    @property
    def span(self) -> Span:
        """(from, to)."""
        return self.from_ms, self.to_ms


def name_work_clock(assessment: Mapping[str, Any]) -> str:
    """What an assessment's `leaving` rule does to the clock: it runs unless the work says that it stands."""
    rule = assessment.get("leaving")
    return STANDS if isinstance(rule, Mapping) and rule.get("work_clock") == STANDS else RUNS


def begin_absence(known: list[Absence], at_ms: int, work_clock: str) -> list[Absence]:
    """Gone out; who is out already does not go out again."""
    return known if find_absence(known) else [*known, Absence(at_ms, None, work_clock)]


def end_absence(known: list[Absence], at_ms: int) -> list[Absence]:
    """Come back."""
    return [replace(one, to_ms=max(one.from_ms, at_ms)) if one.to_ms is None else one for one in known]


def find_absence(known: list[Absence]) -> Absence | None:
    """The absence of now."""
    return next((one for one in known if one.to_ms is None), None)
