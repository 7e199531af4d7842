"""One workstation of the campaign: an agent and a page as processes, what the page was told, what lies in the folder.

Kills, starts, cuts the power. Nothing here judges.
"""
from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from testing_server.rehearsal.processes import Teller
from tests.faults.campaign.control import Control, Disk
from tests.faults.campaign.disk_log import DiskLog, make_environ
from tests.faults.candidate import JournalView, read_journal

START_S = 60
LOG_ENOUGH_BYTES = 64 * 1024 * 1024
MODULE = "tests.faults.campaign"


@dataclass(frozen=True)
class Saved:
    """An answer that the page was told to be saved, and when (monotonic s)."""

    lease: int
    number: int
    item: str
    response: str
    value: Any
    at: float


class NeverShown(Exception):
    """The page was not shown in time what it should have been."""


class Workplace:
    """`confirm(digits, seat)` types the digits of a pairing at the console."""

    def __init__(self, folder: Path, number: int, server: str, library: Path,
                 confirm: Callable[[str, int], None]) -> None:
        self.folder, self.number, self.server = folder / f"seat-{number}", number, server
        folder.mkdir(parents=True, exist_ok=True)
        self.control = Control(folder / f"seat-{number}.page")
        self.disk = DiskLog(self.control, self.folder)
        self._image = folder / f"seat-{number}.image"
        self._orders = folder / f"seat-{number}.orders"
        self._library, self._confirm = library, confirm
        self.told: list[dict[str, Any]] = []
        self._addresses: list[str] = []
        self._pages = self._pairings = 0
        self._is_wanted, self.revivals = False, 0
        self.agent: Teller | None = None
        self.page: Teller | None = None
        self.order()

    # Processes.

    def order(self, **orders: Any) -> None:
        """What the candidate is to do from now on."""
        partial = self._orders.with_suffix(".new")
        partial.write_text(json.dumps(orders))
        partial.replace(self._orders)

    def start_agent(self) -> None:
        """In the folder as it lies; the page that is open goes on with it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.control.log_used > LOG_ENOUGH_BYTES:
            # Half a minute later every disk has written what it was given: the log begins anew.
            self.disk.begin()
        command = [sys.executable, "-m", f"{MODULE}.seat_agent", "--server", self.server, "--data", str(self.folder),
                   "--control", str(self.control.path)]
        self._addresses, self._is_wanted = [], True
        self.agent = Teller(f"agent {self.number}", command, self.folder.with_suffix(".log"), self._hear,
                            make_environ(self._library, self.control, self.folder))

    def start_page(self) -> None:
        """A new page: waits for the agent's address."""
        end = time.monotonic() + START_S
        while not self._addresses:
            if time.monotonic() > end:
                raise NeverShown(f"seat {self.number}: no page")
            self.revive()
            time.sleep(0.01)
        self._pages += 1
        command = [sys.executable, "-m", f"{MODULE}.seat_page", self._addresses.pop(), str(self._orders),
                   str(self.number * 1000 + self._pages)]
        self.page = Teller(f"page {self.number}", command, self.folder.with_suffix(".page-log"), self._hear)

    def revive(self) -> None:
        """An agent that ended by itself is started again, as the system's service does."""
        if self._is_wanted and self.agent is not None and not self.agent.is_alive():
            self.revivals += 1
            self.disk.settle()
            self.start_agent()

    def _hear(self, step: dict[str, Any]) -> None:
        if step["step"] == "page":
            self._addresses = step["addresses"]
            return
        self.told.append({**step, "heard": time.monotonic()})
        if step["step"] == "pairing":
            self._pairings += 1
            # A PC that was set up anew is another workstation to the server: its place has another name.
            self._confirm(step["code"], self.number + 1000 * (self._pairings - 1))

    def kill_agent(self) -> None:
        """SIGKILL; what it was in the middle of writing is found out."""
        self._is_wanted = False
        self._end(self.agent)
        self.disk.settle()

    def kill_page(self) -> None:
        """SIGKILL."""
        self._end(self.page)

    def _end(self, process: Teller | None) -> None:
        if process is not None and process.is_alive():
            process.kill()

    def stop(self) -> None:
        """Both processes end."""
        self._is_wanted = False
        for process in (self.page, self.agent):
            self._end(process)

    def cut_power(self, chance: random.Random) -> int:
        """Everything ends at once, and the folder becomes what a disk would hold; bytes that were not synced."""
        self.stop()
        self.control.boot_anew()
        return self.disk.cut_power(chance)

    def lose_folder(self) -> None:
        """Another disk: nothing is left, and what it was reset to would be another workstation's."""
        self.stop()
        shutil.rmtree(self.folder)
        shutil.rmtree(self._image, ignore_errors=True)
        self.control.set_disk(Disk.sound)
        self.folder.mkdir()
        self.disk.begin()

    def keep_image(self) -> None:
        """What the machine is reset to at every start from `reset` on: as it lies now, between two instructions."""
        self.freeze(True)
        shutil.copytree(self.folder, self._image, dirs_exist_ok=True)
        self.freeze(False)

    @property
    def has_image(self) -> bool:
        """Whether there is one."""
        return self._image.exists()

    def reset(self) -> None:
        """A workstation that forgets at every start: everything ends and its folder is that of the image."""
        self.stop()
        shutil.rmtree(self.folder)
        shutil.copytree(self._image, self.folder)
        self.control.boot_anew()
        self.disk.begin()

    def freeze(self, is_frozen: bool) -> None:
        """SIGSTOP to agent and page, or SIGCONT: a machine that falls asleep and wakes up."""
        for process in (self.page, self.agent):
            if process is not None and process.is_alive():
                os.killpg(process.process.pid, signal.SIGSTOP if is_frozen else signal.SIGCONT)

    def read_workstation(self) -> str:
        """The id under which the server knows this computer."""
        with sqlite3.connect(f"file:{self.folder / 'journal.sqlite'}?mode=ro", uri=True, timeout=10) as database:
            row = database.execute("SELECT value FROM settings WHERE key = 'paired'").fetchone()
        database.close()
        return str(json.loads(row[0])["workstation"])

    # What the page was told.

    def list_saved(self) -> list[Saved]:
        """Every answer shown as saved."""
        return [Saved(one["lease"], one["number"], one["item"], one["response"], one["value"], one["at"])
                for one in list(self.told) if one["step"] == "saved"]

    def find_last_shown(self) -> dict[str, Any]:
        """The last thing the page was shown, {} at first."""
        return next((one for one in reversed(list(self.told)) if one["step"] == "shown"), {})

    def wait_shown(self, what: str, is_it: Callable[[dict[str, Any]], bool], seconds: float = 60,
                   after: float = 0.0) -> dict[str, Any]:
        """The first thing shown after a moment (monotonic s) that is it, or what is shown now. Raises NeverShown."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for one in list(self.told):
                if one["step"] == "shown" and one["at"] > after and is_it(one):
                    return one
            self.revive()
            time.sleep(0.05)
        raise NeverShown(f"seat {self.number}: {what} in {seconds:.0f} s; last {self.find_last_shown()}")

    # What lies in the folder.

    def look(self) -> JournalView:
        """The journal of now, read beside its owner."""
        with sqlite3.connect(f"file:{self.folder / 'journal.sqlite'}?mode=ro", uri=True, timeout=10) as database:
            database.execute("BEGIN")
            attempt = msgspec.json.decode(database.execute(
                "SELECT value FROM settings WHERE key = 'current_attempt'").fetchone()[0])
            view = read_journal(database, attempt)
        database.close()
        return view

    def read_sound(self, name: str) -> bytes:
        """The PCM of a recording of this seat, b"" when its file is not there."""
        path = self.folder / "recordings" / name
        return path.read_bytes() if path.exists() else b""
