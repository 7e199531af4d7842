"""What a rehearsal does to the machine a robot sits at: its clock is moved, its microphone muted.

Takes a small JSON file that whoever harms writes anew ({"muted": bool, "clock_ms": int}); gives the clock and the
sources the agent is started with. Everything behind them is the agent as it is.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from audio.sources import Door, Source
from kiosk_client.clock import SystemClock

LOOK_SECONDS = 0.1


class Harm:
    """The file as it stands, looked at ten times a second at most."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._asked = 0.0
        self._orders: dict[str, Any] = {}

    def _read(self) -> dict[str, Any]:
        with self._lock:
            if time.monotonic() - self._asked > LOOK_SECONDS:
                self._asked = time.monotonic()
                # A file that is not there, or half written, harms nobody: the last orders hold.
                with suppress(OSError, ValueError, TypeError):
                    self._orders = dict(json.loads(self._path.read_text(encoding="utf-8")))
            return self._orders

    @property
    def is_muted(self) -> bool:
        """Whether the microphone gives silence."""
        return bool(self._read().get("muted"))

    @property
    def clock_ms(self) -> int:
        """What the machine's clock shows beside the truth, in ms."""
        return int(self._read().get("clock_ms", 0))


class HarmedClock(SystemClock):
    """The machine's clocks, of which people and flat batteries change one."""

    def __init__(self, harm: Harm) -> None:
        super().__init__()
        self._harm = harm

    def wall_ms(self) -> int:
        return super().wall_ms() + self._harm.clock_ms


class MutedSource:
    """Another source that gives zeros while it is muted, as a switch on a headset's cord does."""

    def __init__(self, source: Source, harm: Harm) -> None:
        self.rate, self.name = source.rate, source.name
        self._source, self._harm = source, harm
        self._door: Door | None = None

    def start(self, door: Door) -> None:
        self._door = door
        self._source.start(self)

    def stop(self) -> None:
        self._source.stop()

    def is_right_device(self) -> bool:
        return self._source.is_right_device()

    def take(self, block: bytes, overrun: bool = False) -> None:
        if self._door is not None:
            self._door.take(bytes(len(block)) if self._harm.is_muted else block, overrun)

    def finish(self, reason: str) -> None:
        if self._door is not None:
            self._door.finish(reason)

    def is_crowded(self) -> bool:
        return self._door is not None and self._door.is_crowded()


def mute_by(harm: Harm, make_source: Callable[[], Source]) -> Callable[[], Source]:
    """Sources that obey the file."""
    return lambda: MutedSource(make_source(), harm)
