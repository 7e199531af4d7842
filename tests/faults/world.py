"""The world of the fault tests: a hub and a classroom as processes, a school enrolled, one planted work opened.

Takes a folder. Gives `World`, which seats robots, kills and restarts what it is told to. Everything is the real thing.
"""
from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import load_settings
from testing_server.foundation.supervision import find_free_port
from testing_server.migrations import upgrade_database
from testing_server.rehearsal.founding import (
    CAMPAIGN, ENGLISH, Account, Founded, draw_account, found_demonstration)
from testing_server.rehearsal.organizer import RobotOrganizer
from testing_server.rehearsal.processes import Server
from tests.faults.candidate import Candidate
from tests.faults.counting import count_kills
from tests.faults.planting import plant_packages

PACE, ROOM = 60, "Room 7"
# Two for every sitting of the random kills, however few of them it takes, and some for the other tests.
CANDIDATES = 40 + count_kills()
RATE = 24_000
SPEECH_S = 40
# Later than any moment of the school's own day, anywhere: the criteria stay closed while the tests run.
CRITERIA_LATER = {"kind": "at_hour", "hour": "23:59", "zone": "Pacific/Honolulu"}


@dataclass
class World:
    """What runs. `outages`: how long each restart of the classroom took, in seconds."""

    folder: Path
    stack: ExitStack
    founded: Founded
    hub: Server
    classroom: Server
    organizer: RobotOrganizer
    account: Account
    passphrase: str
    logins: dict[str, str]
    speech: Path
    pace: int = PACE
    candidates: list[Candidate] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)

    @property
    def archive(self) -> str:
        """The materials archive of the work."""
        return self.founded.archives[ENGLISH]

    @property
    def room(self) -> Path:
        """The classroom's data folder."""
        return self.classroom.data

    def take_code(self) -> str:
        """A code nobody sits under yet."""
        return self._codes.pop(0)

    def __post_init__(self) -> None:
        self._codes = sorted(self.logins)

    def open_sitting(self, codes: list[str]) -> str:
        """Open for sign-in."""
        return self.organizer.open_sitting(self.archive, self.founded.day, CAMPAIGN, ROOM, codes, self.pace)

    def make_candidate(self, code: str, **options: Any) -> Candidate:
        """A robot at a workstation of its own, not started yet."""
        number = len(self.candidates) + 1
        candidate = Candidate(self.folder / "seats" / str(number), f"https://127.0.0.1:{self.classroom.port}",
                              self.logins[code], number, self.speech, self._confirm, **options)
        self.stack.callback(candidate.stop)
        self.candidates.append(candidate)
        return candidate

    def _confirm(self, digits: str, seat: int) -> None:
        self.organizer.pair(digits, str(seat))

    def seat_all(self, sitting: str, candidates: list[Candidate]) -> None:
        """Starts the robots one after another: each is paired by its digits. They wait for the start of the work."""
        for candidate in candidates:
            candidate.start()
            candidate.robot.wait_for("paired", 60)
        for candidate in candidates:
            candidate.robot.wait_for("ready", 60)

    def start_work(self, sitting: str, *candidates: Candidate) -> None:
        """The organizer's start for some of them."""
        attempts = [str(candidate.robot.wait_for("signed_in", 60)["attempt"]) for candidate in candidates]
        self.organizer.command(sitting, "start", attempts)

    # Faults.

    def kill_classroom(self) -> None:
        """SIGKILL to the supervisor and all it keeps."""
        self.classroom.kill()

    def kill_supervisor(self) -> None:
        """SIGKILL to the supervisor alone: what it kept must end by itself."""
        self.classroom.process.kill()
        self.classroom.process.wait()

    def list_alive(self) -> list[str]:
        """Processes of the classroom that still run, by name."""
        return [name for name, number in self.classroom.read_pids().items() if is_running(number)]

    def restart_classroom(self) -> float:
        """On the same folder and ports; unlocks the school key as an organizer would. Seconds until it answers."""
        began = time.monotonic()
        self.classroom = self._start(start_classroom(self.folder, self.founded, self.classroom))
        self.organizer.unlock_key(self.passphrase)
        self.outages.append(time.monotonic() - began)
        return self.outages[-1]

    def restart_hub(self) -> None:
        """On the same folder and port."""
        self.hub = self._start(start_hub(self.folder, self.hub.port, self.hub.console_port))

    def _start(self, server: Server) -> Server:
        self.stack.callback(server.kill)
        server.wait_until_healthy()
        return server


def is_running(number: int) -> bool:
    """Whether there is such a process and it is no corpse waiting for its parent."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def raise_world(folder: Path, stack: ExitStack, plant: Callable[[Path], object] = plant_packages,
                candidates: int = CANDIDATES, pace: int = PACE) -> World:
    """A hub with the planted work sealed, a classroom that has opened it."""
    hub_data, hub_port = folder / "hub", find_free_port()
    hub_data.mkdir(parents=True)
    plant(hub_data / "assessments")
    plant_campaign(hub_data / "campaigns")
    founded = found_hub(hub_data, hub_port, candidates)
    hub = start_hub(folder, hub_port, 0)
    classroom = start_classroom(folder, founded, None)
    for server in (hub, classroom):
        stack.callback(server.kill)
    for server in (hub, classroom):
        server.wait_until_healthy()
    organizer, account, passphrase = RobotOrganizer(classroom.address), draw_account("organizer"), "correct horse"
    stack.callback(organizer.close)
    organizer.set_up(founded.school_name, ROOM, passphrase, account, founded.credentials)
    organizer.fetch_archives([founded.archives[ENGLISH]])
    logins = organizer.fetch_roster(founded.day)
    return World(folder, stack, founded, hub, classroom, organizer, account, passphrase, logins,
                 make_speech(folder / "speech.wav"), pace)


def plant_campaign(folder: Path) -> None:
    """The demonstration's campaign, with criteria that open later."""
    folder.mkdir(parents=True)
    (folder / "demo-2026.json").write_text(json.dumps({
        "id": CAMPAIGN, "title": "Faults", "counted": False, "max_pace": PACE, "marking": {"rounds": 1},
        "rules": {"cipher": {"kind": "at_sealing"}, "criteria": CRITERIA_LATER,
                  "window": {"kind": "around_now", "before_h": 1, "after_h": 24}}}))


def found_hub(data: Path, port: int, candidates: int) -> Founded:
    """School, codes and sealed works."""
    settings = load_settings("hub", {}, data=data)
    upgrade_database(settings.storage_url)
    offered = build_services(settings, SystemClock())
    try:
        return found_demonstration(offered, f"http://127.0.0.1:{port}", candidates)
    finally:
        offered.storage.close()


def start_hub(folder: Path, port: int, console_port: int) -> Server:
    return Server("hub", folder / "hub", folder / "hub.log", port=port, console_port=console_port, host="127.0.0.1")


def start_classroom(folder: Path, founded: Founded, before: Server | None) -> Server:
    ports = {"port": before.port, "console_port": before.console_port} if before else {}
    return Server("classroom", folder / "classroom", folder / "classroom.log", host="127.0.0.1",
                  title=founded.school_name, **ports)


def make_speech(path: Path) -> Path:
    """Sound in which no two moments are alike, at the rate that is recorded: every lost or repeated block shows."""
    chance = np.random.default_rng(7)
    samples = chance.normal(0, 3_000, RATE * SPEECH_S).clip(-32_000, 32_000).astype(np.int16)
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return path


def read_speech(path: Path) -> bytes:
    """The PCM that a perfect recording of the file begins with."""
    samples, _ = soundfile.read(path, dtype="int16")
    return bytes(samples.astype("<i2").tobytes())


def copy_folder(source: Path, target: Path) -> Path:
    """A copy to look into while the owner goes on writing."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    return target
