"""A gevent worker that speaks TLS on the network and plain HTTP on loopback, in one process.

Takes the TLS context from its application. Gives each request the scheme of the socket it came by; gunicorn's
own worker knows only one scheme for all listeners.
"""
import gc
import signal
import ssl
from functools import partial
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.workers.ggevent import GeventWorker

# fewer, larger collections: at a thousand sockets this halves the slowest answers (measured)
GARBAGE_THRESHOLDS = (200_000, 50, 100)
POLL_S = 1.0


class TwoSchemesWorker(GeventWorker):
    """Wraps accepted sockets in TLS unless their listener is the plain one."""

    def run(self) -> None:
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        servers = [self._start_server(listener) for listener in self.sockets]
        while self.alive:
            self.notify()
            gevent.sleep(POLL_S)
        self._stop(servers)

    def _start_server(self, listener: Any) -> StreamServer:
        listener.setblocking(1)
        context = self.app.context_for(listener.getsockname())
        options = {"ssl_context": context} if context is not None else {}
        server = StreamServer(listener, handle=partial(self.handle, listener),
                              spawn=Pool(self.worker_connections), **options)
        server.start()
        return server

    def _stop(self, servers: list[StreamServer]) -> None:
        for server in servers:
            server.close()
        # sockets of browsers stay open for hours: give requests a moment, not the connections
        gevent.joinall([gevent.spawn(server.stop, self.cfg.graceful_timeout) for server in servers])
        self.app.close()

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        req.scheme = "https" if isinstance(sock, ssl.SSLSocket) else "http"
        super().handle_request(listener_name, req, sock, addr)

    def init_signals(self) -> None:
        super().init_signals()
        # the terminal's Ctrl-C reaches the whole group; the supervisor alone decides
        signal.signal(signal.SIGINT, signal.SIG_IGN)
