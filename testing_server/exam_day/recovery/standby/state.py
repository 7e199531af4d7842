"""How far this server is in what others hand it over; the places outlive a restart.

Takes the services. Gives `Standby`; places are numbers of the server they came from, so each has its own.
"""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from testing_server.exam_day.recovery.standby.line import Dial, Leader
from testing_server.foundation.services import Services

NAME = "standby"
FILE_NAME = "standby.json"


@dataclass
class Place:
    """The last page taken from one server: `events` as in `Handed.next`, `parts` as in `HandedParts.next`."""

    events: str = ""
    parts: int = 0


@dataclass
class Behind:
    """What the other server has and this one does not, as it was last told."""

    events: int = 0
    bytes: int = 0
    files: int = 0

    @property
    def is_level(self) -> bool:
        """Whether nothing is missing here."""
        return not (self.events or self.bytes or self.files)


@dataclass
class Standby:
    """`source`: the address typed at the start; `heard_ms`: when a round last ended well (monotonic), None for never;
    `trouble`: code of what stands in the way, "" for nothing; `led_elsewhere`: addresses of the server that leads now,
    as the one that was asked last told of it, [] while that one leads itself."""

    path: Path
    source: str = ""
    places: dict[str, Place] = field(default_factory=dict)
    behind: Behind = field(default_factory=Behind)
    heard_ms: int | None = None
    trouble: str = ""
    is_busy: bool = False
    rounds: int = 0
    led_elsewhere: list[str] = field(default_factory=list)
    dial: Dial | None = None
    leaders: dict[str, Leader] = field(default_factory=dict)

    def find_place(self, instance: str) -> Place:
        """Where to go on with this server."""
        return self.places.setdefault(instance, Place())

    def keep(self) -> None:
        """In one step."""
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps({"source": self.source, "places": {
            instance: asdict(place) for instance, place in self.places.items()}}))
        os.replace(draft, self.path)


def attach_standby(offered: Services) -> Standby:
    """Of these services, made at the first call."""
    found: Standby | None = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = read_standby(offered.settings.data)
    return found


def read_standby(data: Path) -> Standby:
    """As it was kept; with no source for a server that never stood by."""
    path = data / FILE_NAME
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return Standby(path, kept.get("source", ""), {
        instance: Place(**place) for instance, place in kept.get("places", {}).items()})
