"""A robot candidate that can be killed and started again in its folder, and what its journal says then."""
from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from testing_server.contracts.directives import Directive
from testing_server.contracts.events import Event, digest_of, read_event
from testing_server.contracts.fold import AttemptState, fold
from testing_server.rehearsal.organizer import wait_until
from testing_server.rehearsal.processes import Teller

LOOK_S = 0.05


@dataclass(frozen=True)
class JournalView:
    """What the seat's journal holds at one moment."""

    attempt: str
    events: list[Event]
    digests: dict[tuple[int, int], str]
    acked: dict[int, int]
    directives: list[Directive]
    recordings: dict[tuple[int, int], tuple[str, int]]

    @property
    def state(self) -> AttemptState:
        """The fold of everything here."""
        return fold(self.events, self.directives)

    @property
    def heads(self) -> dict[int, int]:
        """Lease -> its last number."""
        return dict(sorted(self.digests))


class Candidate:
    """One login at one workstation; `steps` of all its lives."""

    def __init__(self, folder: Path, server: str, login: str, number: int, speech: Path,
                 confirm: Callable[[str, int], None], think_s: float = 60.0, speak_s: float = 7.0) -> None:
        self.folder, self.number = folder, number
        self._confirm = confirm
        self._told: list[dict[str, Any]] = []
        self._command = [
            sys.executable, "-m", "kiosk_client.robot", "--server", server, "--data", str(folder), "--login", login,
            "--seed", str(number), "--speech", str(speech), "--think", str(think_s), "--speak-seconds", str(speak_s)]
        self.robot: Teller

    def start(self) -> None:
        """A new process in the same folder."""
        self.robot = Teller(f"seat {self.number}", self._command, self.folder.with_suffix(".log"), self._hear)

    def _hear(self, step: dict[str, Any]) -> None:
        self._told.append({**step, "heard_s": time.monotonic()})
        if step["step"] == "pairing":
            self._confirm(step["code"], self.number)

    def kill(self) -> None:
        """SIGKILL to the agent and whatever it started."""
        self.robot.kill()

    def stop(self) -> None:
        """At the end of the tests."""
        if hasattr(self, "robot"):
            self.robot.kill()

    def count(self, step: str) -> int:
        """How often a step was told, over all lives."""
        return sum(told["step"] == step for told in self._told)

    def list_told(self, step: str) -> list[dict[str, Any]]:
        """Every step of that name, over all lives."""
        return [told for told in self._told if told["step"] == step]

    # Waiting.

    def wait_for_answers(self, more: int, seconds: float = 60) -> None:
        """Until so many more answers than now have been given."""
        wanted = self.count("answered") + more
        self.wait_until(f"{more} more answers", lambda: self.count("answered") >= wanted, seconds)

    def wait_until_speaking(self, spoken: int = 0, seconds: float = 60) -> None:
        """Until a recording goes on that began after `spoken` others had ended, and some sound of it is durable."""
        def speaks() -> bool:
            state = self.look().state
            open_ones = [one for one in state.recordings if not one.committed]
            return len(state.recordings) > spoken and bool(open_ones) and self.measure_open_file() > 96_000
        self.wait_until("speaking", speaks, seconds)

    def wait_until(self, what: str, is_done: Callable[[], bool], seconds: float = 60) -> None:
        """Raises TookTooLong; ends at once when the robot says that it cannot go on."""
        def look() -> bool:
            assert not self.robot.find("failed"), self.robot.find("failed")
            return is_done()
        wait_until(f"seat {self.number}: {what}", look, seconds)

    def wait_done(self, seconds: float = 120) -> dict[str, Any]:
        """Everything is delivered."""
        return self.robot.wait_for("done", seconds)

    # Evidence.

    def measure_open_file(self) -> int:
        """Bytes of the newest sound file at the seat."""
        files = [path for path in (self.folder / "recordings").glob("*.pcm") if not path.name.startswith("check-")]
        return max(files, key=lambda path: path.stat().st_mtime).stat().st_size if files else 0

    def read_sound(self, lease: int, number: int) -> bytes:
        """The PCM of a recording as it lies at the seat."""
        name, _ = self.look().recordings[lease, number]
        return (self.folder / "recordings" / name).read_bytes()

    def look(self) -> JournalView:
        """The journal of now, read beside its owner."""
        with sqlite3.connect(f"file:{self.folder / 'journal.sqlite'}?mode=ro", uri=True, timeout=10) as database:
            database.execute("BEGIN")
            attempt = msgspec.json.decode(database.execute(
                "SELECT value FROM settings WHERE key = 'current_attempt'").fetchone()[0])
            view = read_journal(database, attempt)
        database.close()
        return view


def read_journal(database: sqlite3.Connection, attempt: str) -> JournalView:
    """Everything of one attempt."""
    lines = [(row[0], row[1], row[2]) for row in database.execute(
        "SELECT lease, number, line FROM events WHERE attempt = ? ORDER BY lease, number", (attempt,))]
    leases = database.execute("SELECT lease, acked FROM leases WHERE attempt = ?", (attempt,)).fetchall()
    directives = database.execute("SELECT text FROM directives WHERE attempt = ?", (attempt,)).fetchall()
    recordings = database.execute("SELECT lease, number, path, durable FROM recordings WHERE attempt = ?",
                                  (attempt,)).fetchall()
    return JournalView(
        attempt, [read_event(line) for _, _, line in lines],
        {(lease, number): digest_of(line) for lease, number, line in lines}, dict(leases),
        [msgspec.json.decode(text, type=Directive) for text, in directives],
        {(lease, number): (path, durable) for lease, number, path, durable in recordings})
