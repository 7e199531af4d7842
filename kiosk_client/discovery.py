"""Finds classroom servers on the network; a server named by a person always wins.

Gives addresses as they come and go. What hears the network is read when it is first needed: a seat that starts again
in the middle of a work knows its server.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk_client.announcements import Announcements

log = logging.getLogger(__name__)


class Discovery:
    """`on_change()` whenever the list of servers changed."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._servers: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._announcements: Announcements | None = None

    @property
    def servers(self) -> list[str]:
        """Addresses of what is on the network now."""
        with self._lock:
            return sorted({address for addresses in self._servers.values() for address in addresses})

    def start(self) -> None:
        """Begin to look; harmless when repeated. A machine without a network simply finds nothing."""
        from kiosk_client.announcements import Announcements

        if self._announcements is not None:
            return
        try:
            self._announcements = Announcements(self._hear)
        except OSError as error:
            log.info("no discovery: %s", error)

    def stop(self) -> None:
        """Look no more, and forget what was found: it may be gone the next time."""
        if self._announcements is not None:
            self._announcements.close()
            self._announcements = None
            with self._lock:
                self._servers.clear()

    def _hear(self, name: str, addresses: list[str]) -> None:
        with self._lock:
            self._servers.pop(name, None)
            if addresses:
                self._servers[name] = addresses
        self._on_change()
