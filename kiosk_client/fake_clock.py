"""A seat's clock that a test moves by hand."""

from __future__ import annotations


class FakeSeatClock:
    """Starts somewhere; `advance` moves both clocks, `set_wall_ahead` only the one people can change."""

    def __init__(self, wall_ms: int = 1_800_000_000_000, boot_id: str = "boot-1") -> None:
        self.boot_id = boot_id
        self._mono_ms, self._ahead_ms = 50_000, wall_ms - 50_000

    def mono_ms(self) -> int:
        return self._mono_ms

    def wall_ms(self) -> int:
        return self._mono_ms + self._ahead_ms

    def advance(self, milliseconds: int) -> None:
        """Time passes."""
        self._mono_ms += milliseconds

    def set_wall_ahead(self, milliseconds: int) -> None:
        """Somebody changes the machine's clock."""
        self._ahead_ms += milliseconds
