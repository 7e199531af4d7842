"""How long an answer is waited for on a network that may have lost a connection without a word.

Takes a request, gives its answer. A request without an answer may lie in a connection whose other end is gone (half
open): it is given up soon and made again on another one. A server that is only slow must not be asked ever more: every
wait in vain makes the next one longer, and a slow answer is waited for longer the next time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import httpx

from kiosk_client.refusals import ServerAway

SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 30.0
TIMES_THE_LAST = 4

Answered = TypeVar("Answered")


class Patience:
    """Of all requests to one process of the server; `clock` gives seconds that never jump."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = SHORTEST_SECONDS
        self._clock = clock

    def wait(self, ask: Callable[[httpx.Timeout], Answered]) -> Answered:
        """The answer of `ask(timeout)`. Raises what it raises."""
        began, seconds = self._clock(), self.seconds
        try:
            told = ask(httpx.Timeout(seconds))
        except ServerAway as error:
            if isinstance(error.__cause__, httpx.TimeoutException):
                self.seconds = min(LONGEST_SECONDS, seconds * 2)
            raise
        self.seconds = min(LONGEST_SECONDS, max(SHORTEST_SECONDS, TIMES_THE_LAST * (self._clock() - began)))
        return told
