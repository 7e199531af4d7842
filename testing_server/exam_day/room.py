"""What a running classroom server knows beside its database.

Takes the services of the application. Gives `Room`: the steady clock, the school's key, who was heard when, the
folded states. `room()` answers for the application of the present request.
"""
from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from testing_server.exam_day.pacing import Tries
from testing_server.exam_day.responses.states import StateCache
from testing_server.exam_day.school.hearing import HubHearing
from testing_server.exam_day.school.keyring import KeyRing
from testing_server.exam_day.school.link import open_hub_link
from testing_server.exam_day.steady_clock import SteadyClock, read_boot_id
from testing_server.exam_day.workstations.presence import Challenges, Levels, Presence, Seats
from testing_server.foundation.services import Services, services
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.hub_link import HubLink

NAME = "room"
WRONG_DIGITS_WAIT_MS = 5 * 60_000


@dataclass
class Room:
    """`instance`: this data folder's name in claims; `open_hub` gives the line to the hub.

    `is_following`: whether the hub is being asked for changes of archives just now. `heard`: what the consoles were
    last told of each candidate who speaks.
    """

    data: Path
    instance: str
    clock: SteadyClock
    keys: KeyRing
    presence: Presence = field(default_factory=Presence)
    challenges: Challenges = field(default_factory=Challenges)
    levels: Levels = field(default_factory=Levels)
    seats: Seats = field(default_factory=Seats)
    states: StateCache = field(default_factory=StateCache)
    wrong_digits: Tries = field(default_factory=lambda: Tries(3, wait_ms=WRONG_DIGITS_WAIT_MS))
    wrong_logins: Tries = field(default_factory=lambda: Tries(5))
    open_hub: Callable[..., HubLink] = open_hub_link
    package_asked_ms: dict[str, int] = field(default_factory=dict)
    hearing: HubHearing = field(default_factory=HubHearing)
    is_following: bool = False
    heard: dict[str, str] = field(default_factory=dict)


def make_room(offered: Services) -> Room:
    """A room over the services' data folder."""
    data = offered.settings.data
    return Room(data=data, instance=_obtain_instance(data),
                clock=SteadyClock(offered.clock, offered.settings.run_folder / "anchor.json", read_boot_id()),
                keys=KeyRing(offered.settings.keys_folder, MemoryKeeper.inherit(os.environ)))


def attach_room(offered: Services) -> Room:
    """The room of these services, made at the first call."""
    found = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = make_room(offered)
    return found


def room() -> Room:
    """Of the application that handles the present request."""
    return attach_room(services())


def _obtain_instance(data: Path) -> str:
    path = data / "instance"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        path.write_text(str(uuid.uuid4()))
    return path.read_text().strip()
