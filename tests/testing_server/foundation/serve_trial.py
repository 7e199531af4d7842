"""A core with one live scope, for tests of serving: `python -m gevent.monkey --module … DATA PORT CONSOLE_PORT`."""
import sys
from pathlib import Path

from flask import Blueprint, Flask

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.live import Live
from testing_server.foundation.progress import post_progress
from testing_server.foundation.serving.core import serve_core
from testing_server.foundation.settings import Settings, load_settings
from testing_server.foundation.web import ANYONE, Mount, create_app, services
from tests.builders import make_services

pages = Blueprint("trial", __name__)


@pages.post("/v1/trial/<int:version>")
def change_trial(version: int) -> dict[str, int]:
    services().storage.write(lambda session: post_progress(session, "77", "", "", "materials", "ready", version))
    services().live.changed("trial", version)
    return {"version": version}


@pages.post("/v1/trial/flood/<int:count>")
def flood_trial(count: int) -> dict[str, int]:
    """Far more than a socket that nobody reads can hold."""
    for _ in range(count):
        services().live.socketio.emit("level", {"noise": "x" * 65_536}, to="trial:flood")
    return {"count": count}


def allow(live: Live) -> None:
    live.allow_connecting(lambda auth: auth == {"token": "kiosk"})
    live.allow_watching("trial", lambda scope: True)


def make_trial(settings: Settings) -> Flask:
    mount = Mount(pages, {"change_trial": frozenset({ANYONE}), "flood_trial": frozenset({ANYONE})}, live=allow)
    return create_app(settings, SystemClock(), make_services, [mount])


if __name__ == "__main__":
    chosen = load_settings("hub", {}, data=Path(sys.argv[1]), port=int(sys.argv[2]),
                           console_port=int(sys.argv[3]), tls=True)
    serve_core(lambda: make_trial(chosen), chosen)
