"""Scopes of live hints and who may watch them. Takes changes; gives hints to consoles and seats."""
from __future__ import annotations

from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.live import Live
from testing_server.foundation.services import services

ROOM_STAFF = frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.ROOM_ORGANIZER.value,
                        AccountRole.TECHNICIAN.value})
ORGANIZERS = frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.ROOM_ORGANIZER.value})
WORKSTATIONS = "workstations"


def tell_sitting(sitting: str) -> None:
    """Hint to the consoles that watch a sitting; the time serves as the version."""
    services().live.changed(f"sitting:{sitting}", services().clock.monotonic_ms())


def watch_scopes(live: Live) -> None:
    """Room staff may watch sittings, workstations and archives."""
    def is_staff(_scope: str) -> bool:
        return current_user.is_authenticated and current_user.role in ROOM_STAFF

    for prefix in ("sitting", WORKSTATIONS, "archives", "packages"):
        live.allow_watching(prefix, is_staff)
