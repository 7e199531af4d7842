"""The first page after signing in and the health line. Takes the menu of the mounts; gives links to it."""
from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from testing_server.foundation.access import ANYONE, SIGNED_IN
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("home", __name__)


@pages.get("/")
def show_home() -> str:
    return render_template("home.html")


@pages.get("/v1/health")
def show_health() -> ResponseReturnValue:
    """{status, role, at_ms}; says nothing a stranger could use."""
    offered = services()
    answer: dict[str, Any] = {"status": "ok", "role": offered.settings.role, "at_ms": offered.clock.now_ms()}
    return jsonify(answer)


MOUNT = Mount(blueprint=pages,
              access={"show_home": frozenset({SIGNED_IN}), "show_health": frozenset({ANYONE})})
