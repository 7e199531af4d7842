"""What waits for the committer's thread, weighed: one request of two hundred events is the work of two hundred of one.

Takes anything with its weight from any thread. Gives it back in order; refuses more than the limit at once.
"""
from typing import Any

from testing_server.foundation.storage.refusals import Busy
from testing_server.foundation.storage.waiting import RealLock, RealQueue


class WeighedQueue:
    """`limit`: how much may wait; one thing is taken whatever its weight when less than that waits."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._queue: Any = RealQueue()
        self._weighing = RealLock()
        self._weight = 0

    def put(self, item: Any, weight: int = 1) -> None:
        """Raises Busy."""
        with self._weighing:
            if self._weight >= self._limit:
                raise Busy()
            self._weight += weight
        self._queue.put((item, weight))

    def put_end(self) -> None:
        """After everything that waits: `get` gives None."""
        self._queue.put((None, 0))

    def get(self, seconds: float | None = None) -> Any:
        """The next one, waited for. Raises QueueEmpty after `seconds`."""
        return self._take(self._queue.get(True, seconds))

    def get_nowait(self) -> Any:
        """The next one. Raises QueueEmpty."""
        return self._take(self._queue.get_nowait())

    def qsize(self) -> int:
        """How many wait, whatever their weight."""
        return int(self._queue.qsize())

    def _take(self, found: tuple[Any, int]) -> Any:
        item, weight = found
        with self._weighing:
            self._weight -= weight
        return item
