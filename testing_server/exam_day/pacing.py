"""How often something may go wrong. Pure: time comes as an argument."""
from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field

MINUTE_MS = 60_000


@dataclass
class Tries:
    """At most `limit` a `span_ms` for each key; after that the key waits `wait_ms` (by default the span)."""

    limit: int
    span_ms: int = MINUTE_MS
    wait_ms: int = MINUTE_MS
    _seen: dict[Hashable, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    _closed_until_ms: dict[Hashable, int] = field(default_factory=dict)

    def wait_left_s(self, key: Hashable, now_ms: int) -> int:
        """Whole seconds this key still has to wait, 0 when it may try."""
        left_ms = self._closed_until_ms.get(key, now_ms) - now_ms
        return max(0, -(-left_ms // 1000))

    def note(self, key: Hashable, now_ms: int) -> None:
        """One try that counts; the one that reaches the limit closes the door."""
        seen = self._seen[key]
        seen.append(now_ms)
        while seen and seen[0] <= now_ms - self.span_ms:
            seen.popleft()
        if len(seen) >= self.limit:
            self._closed_until_ms[key] = now_ms + self.wait_ms
            seen.clear()
