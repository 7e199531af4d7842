"""The room of a drill: servers of its own in a folder of its own, a school, opened material, logins.

Takes a folder; gives `Stage`. Demonstration material comes with a hub of its own, to which the works are sent. A real
archive is opened by its cipher without any hub: the school's is not disturbed, the works stay here.
"""
from __future__ import annotations

import os
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.check_digits import make_login
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import read_unverified, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import load_settings
from testing_server.foundation.supervision import find_free_port, read_ports
from testing_server.migrations import upgrade_database
from testing_server.rehearsal.drill.moved_clock import ServerClock
from testing_server.rehearsal.drill.recovering import (
    Pocket, empty_folder, fetch_cipher, fill_pocket, start_recovery)
from testing_server.rehearsal.founding import CAMPAIGN, ENGLISH, draw_account, found_demonstration
from testing_server.rehearsal.organizer import RobotOrganizer
from testing_server.rehearsal.person import Refused
from testing_server.rehearsal.processes import Server

HOST, ROOM = "127.0.0.1", "Репетиция"
DAY_MS = 24 * 3_600_000
ARCHIVE_FILES = ("archive.age", "archive.tar", "key.age", "statement.json")
DEMONSTRATION = "demonstration"


class NoArchive(Exception):
    """The folder holds no archive that can be rehearsed with; the text says why."""


@dataclass
class Stage:
    """What runs. `hub` None: the works are not sent anywhere; `logins`: code → login."""

    folder: Path
    stack: ExitStack
    hub: Server | None
    classroom: Server
    organizer: RobotOrganizer
    passphrase: str
    archive: str
    day: str
    campaign: str
    material: str
    logins: dict[str, str]
    cipher: str = ""

    @property
    def ports(self) -> tuple[int, int]:
        """Of the classroom: pages and answers, files."""
        found = read_ports(self.classroom.data)
        return found["port"], found["files_port"]

    def open_sitting(self, pace: int) -> tuple[str, int]:
        """(sitting, pace): a counted work runs at the clock's own pace, whatever was asked for."""
        def ask(wanted: int) -> str:
            return self.organizer.open_sitting(
                self.archive, self.day, self.campaign, ROOM, sorted(self.logins), wanted)
        try:
            return ask(pace), pace
        except Refused as refusal:
            if pace == 1 or "pace_refused" not in str(refusal):
                raise
            return ask(1), 1

    def kill_classroom(self) -> None:
        """SIGKILL to the supervisor and all it keeps."""
        self.classroom.kill()

    def restart_classroom(self) -> None:
        """On the same folder and ports; the organizer opens the school's key. Raises NotUp."""
        before = self.classroom
        self.classroom = start_classroom(self.folder, self.stack, port=before.port, console_port=before.console_port)
        self.organizer.unlock_key(self.passphrase)

    def move_clock(self) -> None:
        """The server's machine shows tomorrow; sign-ins of yesterday are over, so the organizer signs in anew."""
        find_clock(self.folder).move(DAY_MS)
        self.organizer.sign_in_again()

    def mend_clock(self) -> None:
        """It shows today again."""
        find_clock(self.folder).mend()
        self.organizer.sign_in_again()

    def fill_pocket(self) -> Pocket:
        """What the organizer takes along in the morning: the key, the archive and its cipher."""
        cipher = self.cipher or fetch_cipher(self.classroom.data, self.archive, self.passphrase)
        return fill_pocket(self.classroom.data, self.folder / "stick", self.archive, self.passphrase, cipher)

    def lose_classroom(self) -> None:
        """Power off, and nothing is left on its disk."""
        self.classroom.kill()
        empty_folder(self.classroom.data)

    def recover_classroom(self, pocket: Pocket) -> None:
        """Another server at the same address, from the pocket and the workstations. Raises NotUp, TookTooLong."""
        self.classroom, password = start_recovery(
            self.classroom, pocket, self.folder / "classroom.log", find_clock(self.folder).describe(os.environ),
            host=HOST, title=ROOM)
        self.stack.callback(self.classroom.stop)
        self.classroom.wait_until_healthy()
        self.organizer.replace_password("organizer", password)
        self.organizer.wait_opened()

    def read_title(self) -> str:
        """The name of the work."""
        return self.organizer.read_archive_title(self.archive)


def raise_demonstration(folder: Path, stack: ExitStack, seats: int) -> Stage:
    """A hub with the demonstration sealed, a classroom that has opened it."""
    data, port = folder / "hub", find_free_port()
    data.mkdir(parents=True)
    settings = load_settings("hub", {}, data=data)
    upgrade_database(settings.storage_url)
    offered = build_services(settings, SystemClock())
    try:
        founded = found_demonstration(offered, f"http://{HOST}:{port}", seats)
    finally:
        offered.storage.close()
    hub = Server("hub", data, folder / "hub.log", port=port, host=HOST)
    stack.callback(hub.stop)
    classroom = start_classroom(folder, stack)
    hub.wait_until_healthy()
    organizer, passphrase = set_up(stack, classroom, founded.school_name, founded.credentials)
    organizer.fetch_archives([founded.archives[ENGLISH]])
    logins = organizer.fetch_roster(founded.day)
    return Stage(folder, stack, hub, classroom, organizer, passphrase, founded.archives[ENGLISH], founded.day, CAMPAIGN,
                 DEMONSTRATION, dict(sorted(logins.items())[:seats]))


def raise_archive(folder: Path, stack: ExitStack, seats: int, source: Path, cipher: str) -> Stage:
    """A classroom that has opened a real archive from a folder by its cipher. Raises NoArchive, Refused."""
    payload = read_archive(source)
    classroom = start_classroom(folder, stack)
    organizer, passphrase = set_up(stack, classroom, "Репетиция", None)
    organizer.bring_archive([source / name for name in ARCHIVE_FILES if (source / name).is_file()])
    organizer.open_archive(payload["archive"], cipher)
    roster = write_roster(payload, seats)
    organizer.bring_roster(roster)
    entries = read_unverified(roster).read()["entries"]
    return Stage(folder, stack, None, classroom, organizer, passphrase, payload["archive"], payload["day"],
                 "rehearsal", payload["archive"], {one["code"]: one["login"] for one in entries}, cipher)


def read_archive(source: Path) -> dict[str, Any]:
    """What the statement in a folder says. Raises NoArchive."""
    try:
        payload = read_unverified((source / "statement.json").read_bytes()).read()
        return {**payload, "archive": str(payload["archive"]), "day": str(payload["day"])}
    except (OSError, BadStatement, KeyError) as error:
        raise NoArchive(f"{source}: нет описания архива statement.json ({error})") from error


def write_roster(payload: dict[str, Any], seats: int) -> bytes:
    """Codes and logins that no candidate has, for the day of the archive, signed by a key that nobody keeps."""
    now_ms = SystemClock().now_ms()
    entries = [{"code": f"{10_000 + number}", "login": make_login(secrets.randbelow)} for number in range(seats)]
    roster = {
        "format": "roster/1", "school": payload.get("school", ""), "school_name": "Репетиция", "day": payload["day"],
        "version": 1, "campaign": {"id": "rehearsal", "title": "Репетиция", "counted": False, "max_pace": 60},
        "works": [], "window": {"opens_at_ms": now_ms - DAY_MS, "closes_at_ms": now_ms + DAY_MS},
        "entries": entries, "reserve": []}
    return sign_statement(roster, PAYLOAD_TYPES["roster"], Ed25519PrivateKey.generate())


def find_clock(folder: Path) -> ServerClock:
    """The clock of the classroom's machine."""
    return ServerClock(folder / "classroom.clock")


def start_classroom(folder: Path, stack: ExitStack, port: int = 0, console_port: int = 0) -> Server:
    """Up and answering. It listens on loopback only: no workstation of the room can find it."""
    classroom = Server("classroom", folder / "classroom", folder / "classroom.log",
                       find_clock(folder).describe(os.environ), port=port, console_port=console_port, host=HOST,
                       title=ROOM)
    stack.callback(classroom.stop)
    classroom.wait_until_healthy()
    return classroom


def set_up(stack: ExitStack, classroom: Server, school: str,
           credentials: dict[str, Any] | None) -> tuple[RobotOrganizer, str]:
    """The first steps; (organizer, passphrase of the key)."""
    organizer, passphrase = RobotOrganizer(classroom.address), draw_account("key").password
    stack.callback(organizer.close)
    organizer.set_up(school, ROOM, passphrase, draw_account("organizer"), credentials)
    return organizer, passphrase
