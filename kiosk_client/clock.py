"""The seat's clocks and its estimate of the server's time.

Takes readings of the machine's clocks and four-stamp exchanges; gives stamps for events: server time, how wrong it
may be, the monotonic clock and the boot it belongs to. Inside one boot a stamp never goes back.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

EXCHANGES_KEPT = 8
DRIFT_PER_MILLION = 50
JUMP_MS = 2_000
UNKNOWN_ERR_MS = 60_000
# A machine that was away longer than this had its clock changed, as far as anybody can tell without the server.
LONGEST_OUTAGE_MS = 2 * 3_600_000
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SeatClock(Protocol):
    """The machine's clocks."""

    boot_id: str

    def mono_ms(self) -> int:
        """Milliseconds that never jump; on Linux they count sleep as well."""

    def wall_ms(self) -> int:
        """Unix milliseconds as the machine believes them; people can change them."""


class SystemClock:
    """The real clocks of this machine."""

    def __init__(self) -> None:
        self.boot_id = _read_boot_id()

    def mono_ms(self) -> int:
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        return int(time.clock_gettime(boottime) * 1000) if boottime is not None else int(time.monotonic() * 1000)

    def wall_ms(self) -> int:
        return int(time.time() * 1000)


def _read_boot_id() -> str:
    # Where the system names no boot, every start of the agent counts as one.
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else str(uuid.uuid4())


@dataclass(frozen=True)
class Exchange:
    """One four-stamp exchange: server time = monotonic + offset, at `mono_ms`, with this round trip."""

    offset_ms: int
    round_trip_ms: int
    mono_ms: int

    def err_ms(self, mono_ms: int) -> int:
        """How wrong the offset may be by now: half the round trip and the drift since."""
        return self.round_trip_ms // 2 + 1 + abs(mono_ms - self.mono_ms) * DRIFT_PER_MILLION // 1_000_000


@dataclass(frozen=True)
class Stamp:
    """When something happened, as an event carries it."""

    at_ms: int
    err_ms: int
    mono_ms: int
    boot_id: str


class ServerTime:
    """The server's time estimated at the seat. `save(data)` is called with the best exchange, `saved` is its data
    from an earlier start: inside one boot it holds on, so a restart without the server keeps the right time. After
    another boot, and until the server is asked, the machine's clock is believed only where it goes on from there."""

    def __init__(self, clock: SeatClock, saved: dict[str, Any] | None = None,
                 save: Callable[[dict[str, Any]], None] = lambda data: None) -> None:
        self._clock, self._save = clock, save
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_KEPT)
        self._last_at_ms = 0
        self._wall_offset_ms = clock.wall_ms() - clock.mono_ms()
        self._guessed_offset_ms = guess_server_ms(saved or {}, clock.wall_ms()) - clock.mono_ms()
        if saved and saved.get("boot_id") == clock.boot_id:
            self._exchanges.append(Exchange(saved["offset_ms"], saved["round_trip_ms"], saved["mono_ms"]))

    @property
    def is_known(self) -> bool:
        """Whether the server has been asked in this boot."""
        return bool(self._exchanges)

    def add_exchange(self, t0_ms: int, t1_ms: int, t2_ms: int, t3_ms: int) -> None:
        """Sent at t0 and answered at t3 (seat, monotonic); received at t1 and answered at t2 (server)."""
        offset = ((t1_ms - t0_ms) + (t2_ms - t3_ms)) // 2
        round_trip = max(0, (t3_ms - t0_ms) - (t2_ms - t1_ms))
        with self._lock:
            self._exchanges.append(Exchange(offset, round_trip, t3_ms))
        best, wall_ms = self._best(t3_ms), self._clock.wall_ms()
        at_ms = t3_ms + best.offset_ms
        self._save({**asdict(best), "boot_id": self._clock.boot_id, "at_ms": at_ms, "wall_behind_ms": at_ms - wall_ms})

    def _best(self, mono_ms: int) -> Exchange:
        with self._lock:
            known = list(self._exchanges)
        if not known:
            return Exchange(self._guessed_offset_ms, UNKNOWN_ERR_MS * 2, mono_ms)
        return min(known, key=lambda exchange: exchange.err_ms(mono_ms))

    def now_ms(self) -> int:
        """Server time now, at least that of the last stamp."""
        mono = self._clock.mono_ms()
        return max(self._last_at_ms, mono + self._best(mono).offset_ms)

    def wall_offset_ms(self) -> int:
        """Server time minus the machine's own clock."""
        return self.now_ms() - self._clock.wall_ms()

    def stamp(self) -> Stamp:
        """The stamp of an event that happens now."""
        mono = self._clock.mono_ms()
        best = self._best(mono)
        with self._lock:
            self._last_at_ms = max(self._last_at_ms, mono + best.offset_ms)
            return Stamp(self._last_at_ms, best.err_ms(mono), mono, self._clock.boot_id)

    def take_jump_ms(self) -> int | None:
        """By how much the machine's clock was changed since the last call, None if by 2 s or less."""
        offset = self._clock.wall_ms() - self._clock.mono_ms()
        jump = offset - self._wall_offset_ms
        if abs(jump) <= JUMP_MS:
            return None
        self._wall_offset_ms = offset
        return jump


def guess_server_ms(saved: dict[str, Any], wall_ms: int) -> int:
    """Server time at a start without the server: by the machine's clock, or, where that clock cannot be right, the
    last time known: an empty battery or a hand must not end anybody's work."""
    if "at_ms" not in saved:
        return wall_ms
    last_ms, guess_ms = int(saved["at_ms"]), wall_ms + int(saved["wall_behind_ms"])
    return guess_ms if last_ms <= guess_ms <= last_ms + LONGEST_OUTAGE_MS else last_ms
