"""The event stream of the page: snapshots when something changed, levels while sound is recorded, a beat.

Takes `wake()` and `tell_level()` from any thread; gives Server-Sent Events. A page that hears no beat knows that the
agent is gone.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from audio.recording import Level

BEAT_SECONDS = 1.0
SHORTEST_SECONDS = 0.05


class Stream:
    """`take()` makes the snapshot; `attach`/`detach` tell that a page looks or does not any more."""

    def __init__(self, take: Callable[[], dict[str, Any]], attach: Callable[[], None],
                 detach: Callable[[], None]) -> None:
        self._take, self._attach, self._detach = take, attach, detach
        self._changed = threading.Condition()
        self._version, self._level_number = 0, 0
        self._level: dict[str, Any] = {}

    def wake(self) -> None:
        """Something changed."""
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def tell_level(self, level: Level) -> None:
        """How loud it is now."""
        with self._changed:
            self._level = {"dbfs_x10": level.level_db10, "speech": level.is_speech, "clipped": level.is_clipped}
            self._level_number += 1
            self._changed.notify_all()

    def listen(self) -> Iterator[bytes]:
        """Events for one page, until it goes away."""
        self._attach()
        try:
            yield from self._events()
        finally:
            self._detach()

    def _events(self) -> Iterator[bytes]:
        version, level_number, sent = -1, self._level_number, time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: (self._version, self._level_number) != (version, level_number),
                                       timeout=BEAT_SECONDS)
                is_new, is_louder = self._version != version, self._level_number != level_number
                version, level_number, level = self._version, self._level_number, self._level
            if is_new:
                yield write_event("state", self._take())
                sent = time.monotonic()
            if is_louder:
                yield write_event("level", level)
            if time.monotonic() - sent >= BEAT_SECONDS or not (is_new or is_louder):
                yield write_event("state", self._take())
                sent = time.monotonic()
            time.sleep(SHORTEST_SECONDS)


def write_event(name: str, data: dict[str, Any]) -> bytes:
    """One Server-Sent Event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
