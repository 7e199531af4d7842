"""Time as an argument.

Takes nothing. Gives the `Clock` every application, action and rule receives, the real one and the fake one.
The clock is an argument of the application factory and never a setting: no switch opens a gate early.
"""
import time
from typing import Protocol


class Clock(Protocol):
    """Two readings: the wall for people and gates, the monotonic one for durations."""

    def now_ms(self) -> int:
        """Unix milliseconds, UTC."""

    def monotonic_ms(self) -> int:
        """Milliseconds since an unnamed start; never goes back."""


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class FakeClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now_ms: int = 1_760_000_000_000, monotonic_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._monotonic_ms = monotonic_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_ms(self) -> int:
        return self._monotonic_ms

    def advance(self, ms: int) -> None:
        """Both clocks go on by `ms`."""
        if ms < 0:
            raise ValueError("time only goes forward; use jump_wall for a wall clock that was set back")
        self._now_ms += ms
        self._monotonic_ms += ms

    def jump_wall(self, ms: int) -> None:
        """Someone set the wall clock: only `now_ms` moves, in either direction."""
        self._now_ms += ms
