"""How long to wait before a child is started again. Pure: times come as arguments, in milliseconds."""
from dataclasses import dataclass

FIRST_MS = 200
LONGEST_MS = 10_000
STEADY_MS = 30_000


@dataclass
class Backoff:
    """Doubles with every quick death; a child that lived for half a minute starts afresh."""

    delay_ms: int = FIRST_MS

    def after_death(self, lived_ms: int) -> int:
        """How long to wait now."""
        if lived_ms >= STEADY_MS:
            self.delay_ms = FIRST_MS
        waiting = self.delay_ms
        self.delay_ms = min(self.delay_ms * 2, LONGEST_MS)
        return waiting
