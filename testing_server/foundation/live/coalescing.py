"""When a hint is sent. Pure: time comes as an argument. Gives at most one hint an interval for each scope."""
from dataclasses import dataclass, field

INTERVAL_MS = 250


@dataclass
class Coalescing:
    """Newest version by scope that still has to be sent, and when each scope was last told.

    `paces`: intervals of scopes that many watch and that change all the time.
    """

    interval_ms: int = INTERVAL_MS
    paces: dict[str, int] = field(default_factory=dict)
    _sent_at_ms: dict[str, int] = field(default_factory=dict)
    _waiting: dict[str, int] = field(default_factory=dict)

    def offer(self, scope: str, version: int) -> None:
        """Remembers the highest version."""
        self._waiting[scope] = max(version, self._waiting.get(scope, version))

    def take_due(self, now_ms: int) -> dict[str, int]:
        """Scopes to tell now; they will not be told again before the interval is over."""
        due = {scope: version for scope, version in self._waiting.items()
               if self._wait_ms(scope, now_ms) <= 0}
        for scope in due:
            del self._waiting[scope]
            self._sent_at_ms[scope] = now_ms
        return due

    def next_in_ms(self, now_ms: int) -> int | None:
        """How long until something is due; None when nothing waits."""
        if not self._waiting:
            self._forget_quiet(now_ms)
            return None
        return max(0, min(self._wait_ms(scope, now_ms) for scope in self._waiting))

    def _wait_ms(self, scope: str, now_ms: int) -> int:
        interval_ms = self.paces.get(scope, self.interval_ms)
        return self._sent_at_ms.get(scope, now_ms - interval_ms) + interval_ms - now_ms

    def _forget_quiet(self, now_ms: int) -> None:
        self._sent_at_ms = {scope: at for scope, at in self._sent_at_ms.items()
                            if now_ms - at < self.paces.get(scope, self.interval_ms)}
