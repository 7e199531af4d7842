"""The files process: downloads and uploads, so that they never keep an answer waiting.

Takes a function that makes the application and settings. Serves the files port with threads, under TLS where
the network port has it.
"""
import gc
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.files.pacing import DOWNLOADS
from testing_server.foundation.files.worker import PatientWorker
from testing_server.foundation.serving.handles import allow_connections
from testing_server.foundation.serving.plain import check_exposure
from testing_server.foundation.settings import Settings
from testing_server.foundation.supervision import end_with_parent
from testing_server.foundation.tls import TlsFiles, ensure_tls

# every download may hold one for as long as its network is slow, and forty are left for sound
THREADS = DOWNLOADS + 40
# every workstation of a large room keeps one open between its requests
CONNECTIONS = 4_000


class FilesApplication(BaseApplication):
    """gunicorn's application object for one threaded worker."""

    def __init__(self, app_factory: Callable[[], Any], settings: Settings, tls: TlsFiles | None) -> None:
        self._app_factory = app_factory
        self._settings = settings
        self._tls = tls
        super().__init__()

    def load_config(self) -> None:
        for name, value in files_options(self._settings, self._tls).items():
            self.cfg.set(name, value)
        self.cfg.set("post_fork", lambda arbiter, worker: end_with_parent(worker.ppid))

    def load(self) -> Any:
        return self._app_factory()


def files_options(settings: Settings, tls: TlsFiles | None) -> dict[str, Any]:
    """One worker with threads: sending a file waits for the network and the disk, not for Python."""
    options: dict[str, Any] = {
        "bind": [f"{settings.host}:{settings.files_port}"], "worker_class": PatientWorker, "workers": 1,
        "threads": THREADS, "worker_connections": CONNECTIONS, "timeout": 120, "graceful_timeout": 5, "keepalive": 75,
        "loglevel": settings.log_level, "proc_name": f"testing-server-{settings.role}-files",
        "control_socket_disable": True,
        # a file sent by the kernel would know no pace
        "sendfile": False,
    }
    if tls is not None:
        options |= {"certfile": str(tls.certificate), "keyfile": str(tls.key)}
    return options


def serve_files(app_factory: Callable[[], Any], settings: Settings) -> None:
    """Serves until SIGTERM. Raises PlainNetworkRefused before anything listens."""
    check_exposure(settings)
    allow_connections(CONNECTIONS)
    now_ms = SystemClock().now_ms()
    tls = ensure_tls(settings.keys_folder, now_ms, name=settings.title or settings.role) if settings.tls else None
    # what is imported by now is shared with the worker as long as no collection writes into it
    gc.collect()
    gc.freeze()
    FilesApplication(app_factory, settings, tls).run()
