"""Where marking takes its work from, whichever server it is mounted on: answers, opened criteria, the key that signs.

A hub has accepted packages and its own key; a classroom server its own closed sittings and the school's key. Each is
imported where it serves: a classroom carries nothing of a hub.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.services import Services


class Source(Protocol):
    """What a server offers to marking; hub_source and room_source are such."""

    def gather_works(self, offered: Services) -> int:
        """Brings answers whose criteria are open into the queue; returns how many attempts are new."""

    def open_criteria_folder(self, offered: Services, archive: str) -> Path:
        """The opened criteria of a work, by its materials archive. Refused before they are open."""

    def sign_protocol(self, offered: Services, payload: dict[str, Any]) -> bytes:
        """The signed envelope of a protocol."""

    def verify_protocol(self, offered: Services, envelope: bytes) -> str | None:
        """The id of this server's key whose signature fits these bytes; None when none does."""


def find_source(offered: Services) -> Source:
    """Of the role this server has."""
    if offered.settings.role == "hub":
        from testing_server.marking.gathering import hub_source
        return hub_source
    from testing_server.marking.gathering import room_source
    return room_source


def gather_due_works(offered: Services) -> int:
    """Brings answers whose criteria are open into the queue; returns how many attempts are new."""
    return find_source(offered).gather_works(offered)


def open_prompt_medium(offered: Services, archive: str, sha256: str) -> tuple[Path, str]:
    """Path and media type of a picture or sound of a task. Raises FileMissing, and what keeps the criteria closed."""
    folder = find_source(offered).open_criteria_folder(offered, archive)
    described = json.loads((folder / "media.json").read_bytes())
    if sha256 not in described:
        raise FileMissing()
    return folder / "media" / sha256, described[sha256]["type"]


def sign_protocol(offered: Services, payload: dict[str, Any]) -> bytes:
    """This server's signature under a protocol."""
    return find_source(offered).sign_protocol(offered, payload)


def verify_protocol(offered: Services, envelope: bytes) -> str | None:
    """The id of this server's key whose signature fits these bytes; None when none does."""
    return find_source(offered).verify_protocol(offered, envelope)
