"""Hints over Socket.IO: the server says that something changed, the seat says how loud it is. All of it may be lost.

Everything works without this: facts travel over HTTP. So a seat that starts again is at work first: the library, a
quarter of all that a start reads, is read afterwards.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiosk_client.link import Link, make_context

if TYPE_CHECKING:
    import socketio

NAMESPACE = "/seat"
FIRST_SECONDS, RETRY_SECONDS = 1.5, 5.0
LEVELS_PER_SECOND = 5
# websocket-client asks the environment for a proxy unless it is given one, and reads what is to be spared only then.
# The classroom server is in this network: a proxy that is never used is named, and everything is spared.
NO_PROXY = {"http_proxy_host": "none", "http_proxy_port": 1, "http_no_proxy": ["*"]}

log = logging.getLogger(__name__)


class Hints:
    """A connection that is tried for ever. `on_changed()` when the server has something new."""

    def __init__(self, link: Link, authority_pem: str, on_changed: Callable[[], None]) -> None:
        self._link, self._on_changed = link, on_changed
        self._context: ssl.SSLContext | None = make_context(authority_pem) if authority_pem else None
        self._stopping = threading.Event()
        self._last_level = 0.0
        self._client: socketio.Client | None = None
        self._thread = threading.Thread(target=self._run, name="hints", daemon=True)

    def start(self) -> None:
        """Begin to connect in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End the connection."""
        self._stopping.set()
        client = self._client
        if client is not None and client.connected:
            client.disconnect()

    def tell_level(self, attempt: str, dbfs_x10: int, is_speech: bool) -> None:
        """At most five a second; silently nothing where there is no connection."""
        now, client = time.monotonic(), self._client
        if client is None or not client.connected or now - self._last_level < 1 / LEVELS_PER_SECOND:
            return
        self._last_level = now
        try:
            client.emit("level", {"attempt": attempt, "dbfs_x10": dbfs_x10, "speech": int(is_speech)}, NAMESPACE)
        except Exception as error:
            log.debug("a level was lost: %s", error)

    def _make_client(self) -> socketio.Client:
        import socketio

        options: dict[str, Any] = dict(NO_PROXY)
        if self._context:
            options["sslopt"] = {"context": self._context}
        client = socketio.Client(reconnection=False, handle_sigint=False, websocket_extra_options=options)
        client.on("changed", self._hear, namespace=NAMESPACE)
        return client

    def _hear(self, told: Any) -> None:
        self._on_changed()

    def _run(self) -> None:
        if self._stopping.wait(FIRST_SECONDS):
            return
        client = self._client = self._make_client()
        while not self._stopping.wait(0.5):
            if not self._link.token:
                continue
            try:
                client.connect(self._link.wire.server, auth={"token": self._link.token},
                               namespaces=[NAMESPACE], transports=["websocket"], wait_timeout=4)
                client.wait()
            except Exception as error:
                # The library has errors of many kinds, and nothing here is worth more than the next try.
                log.debug("no hints: %s", error)
            self._stopping.wait(RETRY_SECONDS)
