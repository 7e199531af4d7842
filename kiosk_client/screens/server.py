"""Serves the page on loopback with waitress, in a thread of its own."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from waitress.server import create_server

from kiosk_client.agent import Agent
from kiosk_client.screens.app import Screens
from kiosk_client.screens.guard import Guard

HOST = "127.0.0.1"
THREADS = 12
PORT = "page_port"


class PageServer:
    """`port` 0 = the one of the last start, else a free one; `launch_address()` opens the page once."""

    def __init__(self, agent: Agent, port: int = 0) -> None:
        sock = open_socket(port or int(agent.journal.get(PORT) or 0), must_have=bool(port))
        self.port = sock.getsockname()[1]
        agent.journal.set(PORT, self.port)
        self.guard = Guard(self.port, agent.journal.get, agent.journal.set)
        self.screens = Screens(agent, self.guard)
        # waitress sends every chunk at once (since 3.0), as the event stream needs.
        self._server = create_server(self.screens.app, sockets=[sock], threads=THREADS,
                                     clear_untrusted_proxy_headers=True, ident=None)
        self._thread = threading.Thread(target=self._server.run, name="page", daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def launch_address(self) -> str:
        """A fresh address that works once."""
        return self.guard.make_launch_address()

    def stop(self) -> None:
        """Answer no more; returns when the port is free."""
        is_running = self._thread.is_alive()
        if is_running:
            # The server's own thread closes what it waits on; its workers still wake it as they end.
            self._do_in_server(self._drop_pages)
        self._server.task_dispatcher.shutdown()
        if is_running:
            self._do_in_server(self._close)
            self._thread.join(timeout=5)
        else:
            self._server.close()

    def _do_in_server(self, act: Callable[[], None]) -> None:
        # A server that is closing by itself has no pipe left to be woken by, and needs no waking.
        with suppress(OSError):
            self._server.trigger.pull_trigger(act)

    def _close(self) -> None:
        # A page that came back meanwhile would keep the thread waiting for it.
        self._drop_pages()
        self._server.close()

    def _drop_pages(self) -> None:
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()


def open_socket(port: int, must_have: bool) -> socket.socket:
    """A listening socket on loopback; a port that is taken is only an error when a person asked for it."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":
        # On Windows this would let another program take the port over.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError:
        if must_have or not port:
            sock.close()
            raise
        sock.bind((HOST, 0))
    return sock
