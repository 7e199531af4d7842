"""Looks for the paired server elsewhere while it does not answer: it got another address, or another is in its place.

Takes the connection and the discovery; moves the connection to the first address whose server proves by TLS that it is
of the paired school and knows the attempt of this seat. On a network where all is well it asks nothing.
"""

from __future__ import annotations

import logging
import threading

from kiosk_client.connection import Connection
from kiosk_client.discovery import Discovery
from kiosk_client.refusals import SeatRefusal

SEEK_SECONDS = 2.0

log = logging.getLogger(__name__)


class Seeker(threading.Thread):
    """Runs beside a connection until it is stopped."""

    def __init__(self, connection: Connection, discovery: Discovery) -> None:
        super().__init__(name="seeker", daemon=True)
        self._connection, self._discovery = connection, discovery
        self._wake, self._stopping = threading.Event(), threading.Event()

    def wake(self) -> None:
        """A server has announced itself: look at once."""
        self._wake.set()

    def stop(self) -> None:
        """End after the address that is being tried now."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(SEEK_SECONDS)
            self._wake.clear()
            try:
                if not self._stopping.is_set():
                    self._look()
            except Exception:
                # Whatever a network holds, the next look may find the server.
                log.exception("looking for the server failed")

    def _look(self) -> None:
        if not self._connection.is_away:
            self._discovery.stop()
            return
        self._discovery.start()
        for address in self.list_candidates():
            if self._stopping.is_set() or not self._connection.is_away:
                return
            self._try(address)

    def list_candidates(self) -> list[str]:
        """Addresses worth trying. Plain HTTP proves nothing: a server that is used so is never looked for elsewhere."""
        here = self._connection.paired.server
        known = [*self._discovery.servers, *self._connection.list_addresses()]
        if not here.startswith("https://"):
            return []
        return [one for one in dict.fromkeys(known) if one.startswith("https://") and one != here]

    def _try(self, address: str) -> None:
        try:
            self._connection.move_to(address)
        except SeatRefusal as refusal:
            log.info("not at %s: %s %s", address, refusal.code, refusal.details)
