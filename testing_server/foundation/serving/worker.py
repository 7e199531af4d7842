"""A gevent worker that speaks TLS on the network and plain HTTP on loopback, in one process.

Takes the TLS context from its application. Gives each request the scheme of the socket it came by; gunicorn's
own worker knows only one scheme for all listeners. Requests of an express lane are answered before gunicorn reads them.
"""
import gc
import signal
import ssl
import sys
from functools import partial
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn import http, util
from gunicorn.workers.ggevent import GeventWorker

from testing_server.foundation.serving.express import Connection

# fewer, larger collections: at a thousand sockets this halves the slowest answers (measured)
GARBAGE_THRESHOLDS = (200_000, 50, 100)
POLL_S = 1.0
# the committer's thread asks for the interpreter a few times a commit; Python's own 5 ms would be most of its time
SWITCH_INTERVAL_S = 0.000_5


class TwoSchemesWorker(GeventWorker):
    """Wraps accepted sockets in TLS unless their listener is the plain one."""

    def run(self) -> None:
        gc.collect()
        # what was made at the start lives as long as the process: no collection need look at it again
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._lanes = getattr(self.wsgi, "extensions", {}).get("express", [])
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

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        client.setblocking(1)
        try:
            self._serve(listener.getsockname(), client, addr)
        except (StopIteration, http.errors.NoMoreData, OSError) as gone:
            # the other side went away, or a request asked to close: nothing to answer
            self.log.debug("Closing connection. %s", gone)
        except Exception as error:
            self.handle_error(None, client, addr, error)
        finally:
            util.close(client)

    def _serve(self, listener_name: Any, client: Any, addr: Any) -> None:
        """Express and ordinary requests of one connection in the order in which they come."""
        parser = http.get_parser(self.cfg, client, addr)
        express = Connection(client, self._lanes, isinstance(client, ssl.SSLSocket), self.cfg.keepalive)
        read = b""
        while read := express.serve(read):
            parser.unreader.unread(read)
            request = self._next_request(parser)
            if request is None:
                return
            self.handle_request(listener_name, request, client, addr)
            if not parser.finish_body():
                return
            read = parser.unreader.take_buffered()

    def _next_request(self, parser: Any) -> Any:
        request = None
        with self.timeout_ctx():
            request = next(parser)
        return request

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        req.scheme = "https" if isinstance(sock, ssl.SSLSocket) else "http"
        super().handle_request(listener_name, req, sock, addr)

    def init_signals(self) -> None:
        super().init_signals()
        # the terminal's Ctrl-C reaches the whole group; the supervisor alone decides
        signal.signal(signal.SIGINT, signal.SIG_IGN)
