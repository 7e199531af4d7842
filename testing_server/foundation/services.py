"""What the running application offers its stages.

Takes settings and a clock. Gives `Services`, one object of the current application, reached by `services()`.
"""
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from testing_server.foundation.clock import Clock
from testing_server.foundation.files import FileStore
from testing_server.foundation.files.choosing import make_files, make_pieces
from testing_server.foundation.files.pieces import Pieces
from testing_server.foundation.jobs.queue import Jobs, make_jobs
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.live.live import Live
from testing_server.foundation.settings import Settings
from testing_server.foundation.storage import Storage

EXTENSION = "testing_server"


@dataclass
class Services:
    """`mac_key` signs session tokens, `internal_secret` is what our own processes show to each other.
    `vault` holds what only some roles have, by name: signing keys, an opened archive."""

    settings: Settings
    clock: Clock
    storage: Storage
    files: FileStore
    pieces: Pieces
    live: Live
    jobs: Jobs
    mac_key: bytes
    internal_secret: str
    vault: dict[str, Any] = field(default_factory=dict)


def build_services(settings: Settings, clock: Clock) -> Services:
    """The usual services of a role on this machine; a stage's things go into `vault` afterwards."""
    return Services(
        settings=settings, clock=clock,
        storage=Storage(settings.storage_url),
        files=make_files(settings),
        pieces=make_pieces(settings),
        live=Live(settings.redis_url or None),
        jobs=make_jobs(settings),
        mac_key=obtain_key(settings.mac_folder, "mac.key"),
        internal_secret=obtain_key(settings.run_folder, "internal.key").hex())


def services() -> Services:
    """Of the application that handles the present request."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def attach_services(app: Flask, offered: Services) -> None:
    """Makes `services()` answer with `offered` inside this application."""
    app.extensions[EXTENSION] = offered
