"""The core process: pages, JSON and Socket.IO of one role.

Takes a function that makes the application (called in the worker, after the fork: threads and database files do
not survive one) and settings with their ports chosen. Serves until SIGTERM.
"""
from __future__ import annotations

import gc
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.serving.handles import allow_connections
from testing_server.foundation.serving.plain import LOOPBACK, check_exposure
from testing_server.foundation.serving.worker import TwoSchemesWorker
from testing_server.foundation.settings import Settings
from testing_server.foundation.supervision import end_with_parent
from testing_server.foundation.tls import TlsFiles, ensure_tls

if TYPE_CHECKING:
    from flask import Flask

AppFactory = Callable[[], "Flask"]
CONNECTIONS = 4_000
GRACEFUL_S = 5


class CoreApplication(BaseApplication):
    """gunicorn's application object; also tells the worker which listener speaks TLS."""

    def __init__(self, app_factory: AppFactory, settings: Settings, tls: TlsFiles | None) -> None:
        self._app_factory = app_factory
        self._settings = settings
        self._tls = tls
        self._app: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_options(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("post_fork", lambda arbiter, worker: end_with_parent(worker.ppid))

    def load(self) -> Flask:
        self._app = self._app_factory()
        return self._app

    def context_for(self, address: tuple[str, int]) -> ssl.SSLContext | None:
        """None for the console's own plain port on loopback."""
        if self._tls is None or address[1] == self._settings.console_port:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._tls.certificate, self._tls.key)
        return context

    def close(self) -> None:
        """Writes what waits before the process ends."""
        if self._app is not None:
            self._app.extensions["testing_server"].storage.close()


def gunicorn_options(settings: Settings) -> dict[str, Any]:
    """One worker: Socket.IO keeps its clients in memory, SQLite has one writer."""
    return {
        "bind": [f"{settings.host}:{settings.port}", f"{LOOPBACK}:{settings.console_port}"],
        "worker_class": TwoSchemesWorker, "workers": 1, "worker_connections": CONNECTIONS,
        "timeout": 60, "graceful_timeout": GRACEFUL_S, "keepalive": 75, "loglevel": settings.log_level,
        "proc_name": f"testing-server-{settings.role}", "control_socket_disable": True,
        "forwarded_allow_ips": LOOPBACK if settings.trusted_proxies else "",
    }


def serve_core(app_factory: AppFactory, settings: Settings) -> None:
    """Serves both ports until SIGTERM. Raises PlainNetworkRefused before anything listens."""
    check_exposure(settings)
    allow_connections(CONNECTIONS)
    now_ms = SystemClock().now_ms()
    tls = ensure_tls(settings.keys_folder, now_ms, name=settings.title or settings.role) if settings.tls else None
    # what is imported by now is shared with the worker as long as no collection writes into it
    gc.collect()
    gc.freeze()
    CoreApplication(app_factory, settings, tls).run()
