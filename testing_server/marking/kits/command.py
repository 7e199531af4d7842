"""`testing-server marking-kit FILE`: the desk over a kit, on loopback, for one expert at a plain PC.

Takes the kit's path. Serves until it is interrupted; nothing stays in clear.
"""

from __future__ import annotations

import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from testing_server.exam_day.recovery.command import describe_refusal
from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.clock import Clock, SystemClock
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.foundation.settings import Settings
from testing_server.foundation.web import create_app
from testing_server.marking.kits.desk import MOUNT, VAULT_NAME
from testing_server.marking.kits.opened import Kit

LOOPBACK = "127.0.0.1"


def make_kit_app(settings: Settings, clock: Clock, kit: Kit) -> Flask:
    """The application over a kit. Its database knows one account, which only the kit's passphrase opens."""
    app = create_app(settings, clock, mounts=[MOUNT])
    offered: Services = app.extensions["testing_server"]
    offered.vault[VAULT_NAME] = kit
    # made anew at each start and thrown away: there is nothing to migrate
    offered.storage.create_tables()
    now_ms = clock.now_ms()
    offered.storage.write(lambda session: create_account(
        session, now_ms, str(kit.header["expert"]), "expert", password=secrets.token_urlsafe(32)))
    return app


@contextmanager
def serve_kit(path: Path, clock: Clock, port: int = 0) -> Iterator[BaseWSGIServer]:
    """A server over the kit. Raises KitUnreadable. When it ends nothing of the kit is in clear on the disk."""
    kit = Kit(path.absolute())
    with tempfile.TemporaryDirectory(prefix="marking-kit-", ignore_cleanup_errors=True) as folder:
        settings = Settings(role="hub", data=Path(folder), host=LOOPBACK, idle_minutes=0)
        app = make_kit_app(settings, clock, kit)
        try:
            yield make_server(LOOPBACK, port, app, threaded=True)
        finally:
            kit.close()
            app.extensions["testing_server"].storage.close()


@click.command("marking-kit")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--port", type=int, default=0, help="Port on loopback; 0 takes a free one.")
def mark_kit(file: Path, port: int) -> None:
    """Mark the answers of an offline kit in a browser on this computer, without a network."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with serve_kit(file, SystemClock(), port) as server:
            click.echo(f"http://{LOOPBACK}:{server.port}/kit  (Ctrl+C ends)")
            server.serve_forever()
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    except KeyboardInterrupt:
        click.echo("closed; the marks lie beside the kit")
