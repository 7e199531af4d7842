"""Socket.IO of the monitor: coordinators hear of changes, classrooms that somebody looks at one of their sittings.

Takes the application's Live. Gives the namespace /school: connect by the school's token, hint `watched {sitting}`.
"""
from __future__ import annotations

from typing import Any

from flask_login import current_user
from flask_socketio import ConnectionRefusedError, join_room

from testing_server.foundation.access import AccountRole
from testing_server.foundation.live import Live
from testing_server.foundation.services import services
from testing_server.foundation.tokens import BadToken, read_token

BOARD, NAMESPACE = "monitor", "/school"
# on the day something changes thirty times a second, and every board asks after each hint
BOARD_MS = 500
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})


def watch_boards(live: Live) -> None:
    """Who may hear of what, and how often."""
    live.pace(BOARD, BOARD_MS)
    live.allow_watching(BOARD, lambda scope: current_user.is_authenticated and current_user.role in COORDINATOR)
    live.socketio.on_event("connect", connect_school, namespace=NAMESPACE)


def connect_school(auth: Any = None) -> None:
    """Lets a classroom server in by its session token and puts it into its school's room."""
    text = auth.get("token", "") if isinstance(auth, dict) else ""
    try:
        token = read_token(services().mac_key, str(text), "school", services().clock.now_ms())
    except BadToken:
        raise ConnectionRefusedError("not_signed_in") from None
    join_room(f"school:{token.subject}")


def tell_school(school: str, sitting: str) -> None:
    """Hint: a coordinator looks at this sitting now."""
    services().live.socketio.emit("watched", {"sitting": sitting}, to=f"school:{school}", namespace=NAMESPACE)
