"""The hub is killed while a package is on its way to it: the sender goes on where it stopped, and it is one package."""
from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from testing_server.exam_day.packages.jobs import package_path
from testing_server.preparation import hub_upload
from testing_server.preparation.hub_answers import HubAway
from testing_server.preparation.hub_link import HubLink, Receipt
from testing_server.preparation.school_key import SchoolKey, unlock_school_key
from testing_server.rehearsal.drill.witness import ask
from testing_server.rehearsal.organizer import wait_until
from tests.faults.candidate import Candidate
from tests.faults.evidence import count_packages
from tests.faults.world import World

PIECE = 8 * 1024


class Sending:
    """The sending end, in small pieces, with the hub killed once after a third of them."""

    def __init__(self, world: World, link: HubLink, path: Path, metadata: dict[str, str]) -> None:
        self._world, self._link, self._path, self._metadata = world, link, path, metadata
        self.offsets: list[int] = []
        self.kills = 0

    def send(self) -> str:
        """Until all of it is at the hub; as the room's job does, again and again while the hub is away."""
        sent = wait_until("the package is at the hub", self._send_once)
        return str(sent)

    def _send_once(self) -> str | None:
        try:
            return self._link.upload_package(self._path, self._metadata, self._note)
        except HubAway:
            return None

    def _note(self, sent: int, whole: int) -> None:
        self.offsets.append(sent)
        if not self.kills and sent * 3 >= whole:
            self.kills += 1
            self._world.hub.kill()
            # the sender meets a closed port first
            threading.Thread(target=self._world.restart_hub).start()


@pytest.fixture
def packed(world: World, quick_sitting: tuple[str, Candidate]) -> tuple[str, str]:
    """A finished sitting, packaged while the hub was away; (sitting, package id)."""
    sitting = quick_sitting[0]
    world.organizer.close_sitting(sitting)
    world.hub.kill()
    world.organizer.make_package(sitting)
    rows = wait_until("the package is made", lambda: ask(
        world.room / "classroom.sqlite", "SELECT id FROM room_package WHERE sitting = ? AND bytes > 0", sitting))
    return sitting, str(rows[0][0])


def open_link(world: World) -> HubLink:
    """The school's own line, with its own key."""
    key: SchoolKey = unlock_school_key((world.room / "keys" / "school.key").read_bytes(), world.passphrase)
    rows = ask(world.room / "classroom.sqlite",
               "SELECT hub_url, root_fingerprint, certificate, hub_keys FROM room_school")
    url, root, certificate, hub_keys = rows[0]
    link = HubLink(url, root, certificate=certificate.encode(), hub_keys=hub_keys.encode())
    link.open_session(key)
    return link


def test_a_killed_hub_gets_the_rest_of_one_package(world: World, packed: tuple[str, str], tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    sitting, package = packed
    monkeypatch.setattr(hub_upload, "PIECE", PIECE)
    path = Path(shutil.copy(package_path(world.room, package), tmp_path / "copy.age"))
    world.restart_hub()
    sending = Sending(world, open_link(world), path, {"package": package, "sitting": sitting})
    assert sending.send() == package and sending.kills == 1
    assert sending.offsets == sorted(sending.offsets), "what the hub had confirmed was asked for again"
    receipt = wait_until("the receipt", lambda: ask_receipt(world, package))
    assert receipt.payload["verdict"] == "accepted"
    wait_until("the room's own receipt", lambda: world.organizer.read_package(sitting)["state"] == "receipted")
    assert count_packages(world.hub.data, sitting) == 1


def ask_receipt(world: World, package: str) -> Receipt | None:
    """The receipt once the hub has judged."""
    found = open_link(world).fetch_receipt(package)
    return found if isinstance(found, Receipt) else None
