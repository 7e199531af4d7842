"""Socket.IO of the seats: levels come in, hints go out; nothing that must not be lost.

Takes the application's Live. Gives the namespace /seat: connect by token, `level`, and `tell_seat` for hints.
"""
from __future__ import annotations

from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError, join_room
from sqlalchemy import select

from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import watch_scopes
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.foundation.live import Live
from testing_server.foundation.services import services
from testing_server.foundation.tokens import BadToken, read_token

NAMESPACE = "/seat"


def join_seats(live: Live) -> None:
    """Registers the seats' handlers and the consoles' watch rules."""
    watch_scopes(live)
    live.socketio.on_event("connect", connect_seat, namespace=NAMESPACE)
    live.socketio.on_event("disconnect", disconnect_seat, namespace=NAMESPACE)
    live.socketio.on_event("level", note_level, namespace=NAMESPACE)


def connect_seat(auth: Any = None) -> None:
    """Lets a workstation in by its session token and puts it into its own room."""
    text = auth.get("token", "") if isinstance(auth, dict) else ""
    try:
        token = read_token(services().mac_key, str(text), "workstation", services().clock.now_ms())
    except BadToken:
        raise ConnectionRefusedError("not_signed_in") from None
    room().seats.connected[_connection()] = token.subject
    join_room(f"workstation:{token.subject}")


def disconnect_seat(*_reason: Any) -> None:
    """Forgets the connection."""
    room().seats.connected.pop(_connection(), None)


def note_level(message: Any) -> None:
    """{"attempt", "dbfs_x10", "speech"} → to the consoles that watch the sitting; lossy by design."""
    here = room()
    workstation = here.seats.connected.get(_connection())
    if workstation is None or not isinstance(message, dict):
        return
    level, attempt = message.get("dbfs_x10"), message.get("attempt")
    if not isinstance(level, int) or not isinstance(attempt, str):
        return
    here.presence.hear(workstation, here.clock.monotonic_ms())
    route = (attempt, workstation)
    if route not in here.seats.routes:
        here.seats.routes[route] = find_sitting_of_seat(attempt, workstation) or ""
    sitting = here.seats.routes[route]
    if not sitting:
        return
    here.levels.set(attempt, level, int(bool(message.get("speech"))), here.clock.monotonic_ms())
    services().live.socketio.emit("level", {"attempt": attempt, "dbfs_x10": level,
                                            "speech": int(bool(message.get("speech")))}, to=f"sitting:{sitting}")


def find_sitting_of_seat(attempt: str, workstation: str) -> str | None:
    """The sitting of an attempt that sits at this workstation, else None."""
    with services().storage.read() as session:
        return session.scalar(select(AttemptRecord.sitting).where(
            AttemptRecord.id == attempt, AttemptRecord.workstation == workstation))


def tell_seat(workstation: str | None, version: int) -> None:
    """Hint: there are new directives."""
    if workstation:
        services().live.socketio.emit("changed", {"scope": "directives", "version": version},
                                      to=f"workstation:{workstation}", namespace=NAMESPACE)


def _connection() -> str:
    return str(getattr(request, "sid", ""))
