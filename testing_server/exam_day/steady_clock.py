"""The clock of the sittings: wall time that a wrong hand on the machine's clock does not move.

Takes the application's clock. Gives milliseconds that advance with the monotonic clock from an anchor, which is
kept in a file so that a restarted server goes on with it (monotonic time runs through within one boot).
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from testing_server.foundation.clock import Clock

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Anchor:
    """Wall and monotonic milliseconds read at one moment of one boot."""

    boot: str
    wall_ms: int
    monotonic_ms: int


class SteadyClock:
    """Anchor it when a sitting opens; read it for every fact of the exam."""

    def __init__(self, clock: Clock, path: Path, boot: str) -> None:
        self._clock = clock
        self._path = path
        self._boot = boot
        self._anchor = self._recall() or self._read_anchor()

    def now_ms(self) -> int:
        """Unix ms by the anchor."""
        return self._anchor.wall_ms + self._clock.monotonic_ms() - self._anchor.monotonic_ms

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms()

    def drift_ms(self) -> int:
        """How far the machine's own clock has gone from this one since the anchor."""
        return self._clock.now_ms() - self.now_ms()

    def anchor(self) -> None:
        """Take the machine's clock as right from now on."""
        self._anchor = self._read_anchor()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(vars(self._anchor)))
        draft.replace(self._path)

    def _read_anchor(self) -> Anchor:
        return Anchor(self._boot, self._clock.now_ms(), self._clock.monotonic_ms())

    def _recall(self) -> Anchor | None:
        try:
            kept = Anchor(**json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return kept if kept.boot == self._boot and self._boot else None


def read_boot_id() -> str:
    """Which boot of the machine this is; empty where the system does not tell (every start anchors afresh)."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
