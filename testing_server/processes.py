"""The processes of a role: core, files and worker, each as the supervisor starts it.

Takes what the supervisor passed on in the environment. Serves until SIGTERM. A process imports what it serves and
nothing else, and after gunicorn's fork: a page of memory that both sides of a fork write to is there twice.
"""
from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from testing_server.asked import read_settings

if TYPE_CHECKING:
    from flask import Flask

    from testing_server.foundation.settings import Settings

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Parts of libraries that import themselves wherever they are installed, and that no process ever calls.
NEVER_CALLED = ("httpx._main", "requests", "aiohttp")
# Nor these where the role keeps everything in files of its own.
FOR_A_CLUSTER = ("psycopg", "redis")


def leave_out(names: Iterable[str]) -> None:
    """Imports of these fail from now on as if they were not installed; what is imported already stays."""
    for name in names:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def begin(process: str) -> Settings:
    """Settings that the supervisor passed on; `process`: the name of its log. Raises ClickException."""
    from testing_server.exam_day.support.logs import keep_log
    from testing_server.foundation.supervision.orphans import PARENT, PROCESS, end_with_parent

    parent = os.environ.get(PARENT, "")
    if parent.isdecimal():
        end_with_parent(int(parent))
    settings = read_settings(os.environ.get("TESTING_SERVER_ROLE", "classroom"), {})
    keep_log(settings.data, os.environ.get(PROCESS, process))
    leave_out(NEVER_CALLED)
    if settings.storage_url.startswith("sqlite") and not settings.redis_url:
        leave_out(FOR_A_CLUSTER)
    return settings


@click.group()
def processes() -> None:
    """One process of the role in TESTING_SERVER_ROLE."""
    logging.basicConfig(level=logging.INFO, format=FORM)


@processes.command(hidden=True)
def core() -> None:
    """The core process of the role in TESTING_SERVER_ROLE."""
    settings = begin("core")
    from testing_server.foundation.serving.core import serve_core

    def make() -> Flask:
        from testing_server.foundation.clock import SystemClock
        from testing_server.roles import make_role_app
        return make_role_app(settings, SystemClock())

    serve_core(make, settings)


@processes.command(hidden=True)
def files() -> None:
    """The files process of the role in TESTING_SERVER_ROLE."""
    settings = begin("files")
    from testing_server.foundation.files.serving import serve_files

    def make() -> Flask:
        from testing_server.foundation.clock import SystemClock
        from testing_server.roles import make_files_app
        return make_files_app(settings, SystemClock())

    serve_files(make, settings)


@processes.command()
def worker() -> None:
    """The worker process of the role in TESTING_SERVER_ROLE."""
    settings = begin("worker")
    from testing_server.foundation.clock import SystemClock
    from testing_server.foundation.jobs.worker import run_worker
    from testing_server.roles import list_mounts
    list_mounts(settings)
    run_worker(settings, SystemClock())


if __name__ == "__main__":
    processes()
