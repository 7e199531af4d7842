"""The files process's worker: a thread is for a request, not for a connection that might make one.

Takes connections. Those that have said nothing yet wait in the poller, however many; one that falls silent in the
middle of its handshake, its request or its answer gives its thread back.
"""
from __future__ import annotations

import errno
import select
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import http
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

# Without a thread: from the connection to its first bytes, and from the handshake to the first request.
FIRST_WORD_S = 20.0
# With a thread: the whole handshake, and each silence in a request or an answer; a workstation gives up by then, too.
HANDSHAKE_S = 5.0
SILENT_S = 30.0


class PatientSocket(ssl.SSLSocket):
    """Where gunicorn means "as long as it takes", this one means SILENT_S; who is silent for longer has gone away."""

    def setblocking(self, flag: bool) -> None:
        self.settimeout(SILENT_S if flag else 0.0)

    def recv(self, *asked: Any) -> bytes:
        with silence_as_absence():
            return super().recv(*asked)

    def send(self, *said: Any) -> int:
        with silence_as_absence():
            return super().send(*said)


@contextmanager
def silence_as_absence() -> Iterator[None]:
    """gunicorn lets go of a connection that was reset without a word; of one that is late it makes an alarm."""
    try:
        yield
    except TimeoutError as silence:
        raise ConnectionResetError(errno.ECONNRESET, "fell silent") from silence


class PatientWorker(ThreadWorker):
    """gunicorn's own threaded worker keeps a thread for each connection that says nothing, reads the certificate again
    for each, and accepts nobody while it waits for another side to close."""

    def init_process(self) -> None:
        self._context = ssl_context(self.cfg) if self.cfg.is_ssl else None
        if self._context is not None:
            self._context.sslsocket_class = PatientSocket
        super().init_process()

    def accept(self, listener: Any) -> None:
        try:
            client, address = listener.accept()
        except OSError:
            # it went away before it was looked at, or somebody else took it
            return
        self.nr_conns += 1
        self._await_word(TConn(self.cfg, client, address, listener.getsockname()))

    def handle(self, conn: Any) -> Any:
        """In a thread, once there is something to read: the handshake, then each request."""
        if conn.initialized or self._context is None:
            return super().handle(conn)
        try:
            conn.sock.settimeout(HANDSHAKE_S)
            # in two steps: a failed handshake leaves a connection that can be closed
            conn.sock = self._context.wrap_socket(conn.sock, server_side=True, do_handshake_on_connect=False)
            conn.sock.do_handshake()
        except OSError as gone:
            self.log.debug("No handshake: %s", gone)
            return False
        conn.parser, conn.initialized = http.get_parser(self.cfg, conn.sock, conn.client), True
        return super().handle(conn) if has_word(conn.sock) else _DEFER

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        outcome = None if fs.cancelled() or fs.exception() is not None else fs.result()
        if self.alive and outcome is _DEFER:
            self._await_word(conn)
        elif self.alive and not outcome:
            self.nr_conns -= 1
            # waits up to two seconds for the other side: in the poller everybody would wait with it
            self.tpool.submit(conn.close, graceful=True)
        else:
            super().finish_request(conn, fs)

    def _await_word(self, conn: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + FIRST_WORD_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))


def has_word(connection: socket.socket) -> bool:
    """Whether there is something to read, in TLS's own memory or in the kernel's."""
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
