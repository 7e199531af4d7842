"""A break in an attempt: spans in which the candidate rests and no item is shown.

Takes what `break_started` and `break_ended` say; gives the break's state. Two seats that both began or ended it, each
without knowing of the other, give one break: nothing that was rest is counted as work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from testing_server.contracts.timers import Span

STANDS = "stands"
RUNS = "runs"
_TIMER = "break:"


@dataclass(frozen=True)
class BreakState:
    """`kind`: eyes or rest; `work_clock`, meanwhile: stands or runs; a span without an end goes on."""

    number: int
    kind: str
    work_clock: str
    spans: tuple[Span, ...]

    @property
    def is_going_on(self) -> bool:
        """Whether the candidate rests now."""
        return any(end is None for _, end in self.spans)

    def begin(self, at_ms: int) -> BreakState:
        """Begun once more; what goes on already is not begun anew."""
        return self if self.is_going_on else replace(self, spans=(*self.spans, (at_ms, None)))

    def end(self, at_ms: int) -> BreakState:
        """Ended; a second end, from a seat that knew of no first one, moves the end."""
        *before, (start, _end) = self.spans
        return replace(self, spans=(*before, (start, max(start, at_ms))))


def name_break_timer(number: int) -> str:
    """The name under which a break's timer is journalled."""
    return f"{_TIMER}{number}"


def is_break_timer(name: str) -> bool:
    """Whether a timer measures a break."""
    return name.startswith(_TIMER)
