"""The hub's hint that somebody looks at a sitting, over Socket.IO. It may be lost: replies to reports say so too.

Takes the line to the hub; calls `on_watched(sitting)`. Open while reports are sent, tried again when it breaks.
"""
from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from testing_server.preparation.hub_link import HubLink

NAMESPACE = "/school"
RETRY_S, CONNECT_S = 5.0, 10.0

log = logging.getLogger(__name__)


class WatchHints:
    """`keep` with every report, `stop` when there is nothing to report any more."""

    def __init__(self, link: HubLink, on_watched: Callable[[str], None]) -> None:
        self._link, self._on_watched = link, on_watched
        self._is_wanted, self._is_running = False, False
        self._client: Any = None

    @property
    def is_connected(self) -> bool:
        """Whether a hint would arrive now."""
        return self._client is not None and bool(self._client.connected)

    def keep(self, start: Callable[..., Any]) -> None:
        """Connects in the background, if that is not under way; `start(act)` runs something beside."""
        self._is_wanted = True
        if not self._is_running:
            self._is_running = True
            start(self._run)

    def stop(self) -> None:
        """Ends the connection."""
        self._is_wanted = False
        if self._client is not None and self._client.connected:
            self._client.disconnect()

    def _run(self) -> None:
        try:
            while self._is_wanted:
                self._listen_once()
                if self._is_wanted:
                    time.sleep(RETRY_S)
        finally:
            self._is_running = False

    def _listen_once(self) -> None:
        # read when it is needed first: a server without a sitting goes without the library
        import socketio
        client = self._client = socketio.Client(reconnection=False, handle_sigint=False)
        client.on("watched", self._hear, namespace=NAMESPACE)
        try:
            client.connect(self._link.url, auth={"token": self._link.token}, namespaces=[NAMESPACE],
                           transports=["websocket"], wait_timeout=CONNECT_S)
            client.wait()
        except Exception as error:
            # The library has errors of many kinds, and nothing here is worth more than the next try.
            log.debug("no hints from the hub: %s", error)

    def _hear(self, told: Any) -> None:
        sitting = told.get("sitting") if isinstance(told, dict) else None
        if isinstance(sitting, str):
            self._on_watched(sitting)
