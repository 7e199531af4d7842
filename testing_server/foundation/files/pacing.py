"""Downloads share one pace: a room that downloads leaves the network and the processor to its answers and sound.

Takes files as they are sent, and how long parts of sound waited. Gives files piece by piece, all downloads of the
process together no faster than the pace, which gives way while sound is late; refuses more downloads at once than would
leave threads for sound.
"""
from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from flask import Response

# Two hundred of them are in memory at once; smaller ones would cost the interpreter more changes of threads.
PIECE = 64 * 1024
# 1 Gbit/s less what frames, headers and the answers of the room need.
BYTES_PER_S = 115_000_000
DOWNLOADS = 200
RETRY_AFTER_S = 2
# A part of sound that was durable later than this after it had arrived came too late.
LATE_S = 0.2
# What is left of the pace at the least; each late part halves it, but one burst counts once; it doubles in RECOVERY_S.
LEAST_SHARE = 1 / 16
BURST_S = 0.25
RECOVERY_S = 2.0


@dataclass
class Pace:
    """When the next bytes may go. Pure: seconds come as an argument; whole pieces go ahead by at most `ahead_s`."""

    bytes_per_s: float = BYTES_PER_S
    ahead_s: float = 0.05
    _free_at_s: float = field(default=0.0)
    _share: float = field(default=1.0)
    _gave_way_at_s: float = field(default=-math.inf)

    def take(self, length: int, now_s: float) -> float:
        """Seconds to wait before `length` bytes are sent."""
        rate = self.bytes_per_s * self.find_share(now_s)
        self._free_at_s = max(self._free_at_s, now_s - self.ahead_s) + length / rate
        return max(0.0, self._free_at_s - now_s)

    def find_share(self, now_s: float) -> float:
        """How much of the pace is left, 1 when nothing was late for long."""
        doublings = (now_s - self._gave_way_at_s) / RECOVERY_S
        return 1.0 if doublings >= -math.log2(self._share) else self._share * 2 ** doublings

    def give_way(self, now_s: float) -> None:
        """Something more urgent was late."""
        if now_s - self._gave_way_at_s >= BURST_S:
            self._share, self._gave_way_at_s = max(LEAST_SHARE, self.find_share(now_s) / 2), now_s


class Downloads:
    """All downloads of one process; `send` makes a response of a file one of them."""

    def __init__(self, pace: Pace | None = None, most: int = DOWNLOADS,
                 sleep: Callable[[float], None] = time.sleep) -> None:
        self._pace, self._pacing = pace or Pace(), threading.Lock()
        self._slots = threading.BoundedSemaphore(most)
        self._sleep = sleep

    def send(self, make_response: Callable[[], Response]) -> Response:
        """A paced response; 503 with Retry-After where too many are under way (they go on by ranges)."""
        if not self._slots.acquire(blocking=False):
            return Response(b'{"code":"busy"}', 503, {"Retry-After": str(RETRY_AFTER_S)}, mimetype="application/json")
        try:
            response = make_response()
        except BaseException:
            self._slots.release()
            raise
        response.response = Sending(response.response, self.wait, self._slots)
        return response

    def wait(self, length: int) -> None:
        """Until `length` bytes may go."""
        with self._pacing:
            seconds = self._pace.take(length, time.monotonic())
        if seconds > 0:
            self._sleep(seconds)

    @contextmanager
    def behind(self) -> Iterator[None]:
        """Around what is more urgent than any download: while it takes too long, they give way."""
        began_s = time.monotonic()
        yield
        now_s = time.monotonic()
        if now_s - began_s > LATE_S:
            with self._pacing:
                self._pace.give_way(now_s)


class LargePieces:
    """What WSGI calls a file wrapper, with pieces a fast network deserves; put it into `wsgi.file_wrapper`."""

    def __init__(self, file: BinaryIO, size: int = PIECE) -> None:
        self.filelike = file

    def __iter__(self) -> LargePieces:
        return self

    def __next__(self) -> bytes:
        if piece := self.filelike.read(PIECE):
            return piece
        raise StopIteration

    def seekable(self) -> bool:
        return self.filelike.seekable()

    def seek(self, *place: int) -> int:
        return self.filelike.seek(*place)

    def tell(self) -> int:
        return self.filelike.tell()

    def close(self) -> None:
        self.filelike.close()


class Sending:
    """The pieces of one response; its slot is free again when it is closed, however it ended."""

    def __init__(self, pieces: Any, wait: Callable[[int], None], slot: AbstractContextManager[Any]) -> None:
        self._pieces, self._wait, self._slot = pieces, wait, slot
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._wait(len(piece))
            yield piece

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._slot.release()  # type: ignore[attr-defined]
            if hasattr(self._pieces, "close"):
                self._pieces.close()
