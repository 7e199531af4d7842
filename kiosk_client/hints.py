"""Hints over Socket.IO: the server says that something changed, the seat says how loud it is. All of it may be lost.

Everything works without this: facts travel over HTTP.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import socketio
from socketio.exceptions import SocketIOError

from kiosk_client.link import Link, make_context

NAMESPACE = "/seat"
RETRY_SECONDS = 5.0
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
        self._client = self._make_client()
        self._thread = threading.Thread(target=self._run, name="hints", daemon=True)

    def start(self) -> None:
        """Begin to connect in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End the connection."""
        self._stopping.set()
        if self._client.connected:
            self._client.disconnect()

    def tell_level(self, attempt: str, dbfs_x10: int, is_speech: bool) -> None:
        """At most five a second; silently nothing where there is no connection."""
        now = time.monotonic()
        if not self._client.connected or now - self._last_level < 1 / LEVELS_PER_SECOND:
            return
        self._last_level = now
        try:
            self._client.emit("level", {"attempt": attempt, "dbfs_x10": dbfs_x10, "speech": int(is_speech)}, NAMESPACE)
        except SocketIOError as error:
            log.debug("a level was lost: %s", error)

    def _make_client(self) -> socketio.Client:
        options: dict[str, Any] = dict(NO_PROXY)
        if self._context:
            options["sslopt"] = {"context": self._context}
        client = socketio.Client(reconnection=False, handle_sigint=False, websocket_extra_options=options)
        client.on("changed", self._hear, namespace=NAMESPACE)
        return client

    def _hear(self, told: Any) -> None:
        self._on_changed()

    def _run(self) -> None:
        while not self._stopping.wait(0.5):
            if not self._link.token:
                continue
            try:
                self._client.connect(self._link.wire.server, auth={"token": self._link.token},
                                     namespaces=[NAMESPACE], transports=["websocket"], wait_timeout=4)
                self._client.wait()
            except (SocketIOError, OSError, ValueError) as error:
                log.debug("no hints: %s", error)
            self._stopping.wait(RETRY_SECONDS)
