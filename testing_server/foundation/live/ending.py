"""A socket lives no longer than the sign-in it was opened by.

Takes who opened which socket, and a question whether that sign-in still stands. Gives the sockets to close: at once
those of a sign-in that ends in this process, within a round those that ended elsewhere or by themselves.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROUND_S = 20


@dataclass(frozen=True)
class Opener:
    """`account`: what the session's cookie carries; `sign_in`: its id."""

    account: str
    sign_in: str


@dataclass
class PeoplesSockets:
    """Sockets of people by their id; programs come with tokens and are not here.

    `is_over` answers whether a sign-in has ended; `io` is the Flask-SocketIO instance.
    """

    io: Any
    is_over: Callable[[Opener], bool] = lambda opener: False
    _openers: dict[str, Opener] = field(default_factory=dict)
    _going_round: bool = False

    def add(self, socket: str, opener: Opener) -> None:
        """A person has connected."""
        self._openers[socket] = opener
        if not self._going_round:
            self._going_round = True
            self.io.start_background_task(self._go_round)

    def forget(self, socket: str) -> None:
        """The socket is closed."""
        self._openers.pop(socket, None)

    def close(self, sign_in: str) -> None:
        """All sockets of a sign-in that has just ended."""
        self._close_where(lambda opener: opener.sign_in == sign_in)

    def close_ended(self) -> None:
        """All sockets whose sign-in is over, for whatever reason."""
        openers = set(self._openers.values())
        ended = {opener for opener in openers if self.is_over(opener)}
        self._close_where(lambda opener: opener in ended)

    def _go_round(self) -> None:
        try:
            while self._openers:
                self.io.sleep(ROUND_S)
                self.close_ended()
        finally:
            self._going_round = False

    def _close_where(self, chosen: Callable[[Opener], bool]) -> None:
        for socket in [one for one, opener in self._openers.items() if chosen(opener)]:
            self.forget(socket)
            self.io.server.disconnect(socket)
