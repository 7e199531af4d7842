"""The seats of a drill: robots with the kiosk's own code, each with a folder, a cable and a machine that can be harmed.

Takes logins; gives seats that are killed and started again in their folders. Nothing here judges.
"""
from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio.faults import SoundRefusal
from audio.virtual import speak_text
from testing_server.rehearsal.candidates import SPOKEN
from testing_server.rehearsal.drill.disks import SmallDisk
from testing_server.rehearsal.drill.witness import SeatDisk, look_at_seat
from testing_server.rehearsal.processes import NotUp, Teller

RESERVE_MB, DISK_MB = 32, 512
READY_S = 120
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Manner:
    """How all robots of a drill work. `think_s`: exam seconds for an answer; `speech`: files to say, [] = the robot's
    own phrases."""

    think_s: int
    speak_s: int
    speech: tuple[Path, ...] = ()


class DrillSeat:
    """`on_step(seat, step)` hears every step of every life; `confirm(digits, seat)` types digits at the console."""

    def __init__(self, number: int, login: str, server: str, folder: Path, manner: Manner,
                 on_step: Callable[[DrillSeat, dict[str, Any]], None], confirm: Callable[[str, str], None],
                 disk: SmallDisk | None = None) -> None:
        self.number, self.folder, self.disk = number, folder, disk
        self._on_step, self._confirm = on_step, confirm
        self._harm = folder.with_suffix(".harm")
        self.attempt = ""
        self.is_over = False
        speech = [word for sound in manner.speech for word in ("--speech", str(sound))]
        self._command = [
            sys.executable, "-m", "kiosk_client.robot", "--server", server, "--data", str(folder), "--login", login,
            "--seed", str(number), "--think", str(manner.think_s), "--speak-seconds", str(manner.speak_s),
            "--harm", str(self._harm), "--stay", "--reserve-mb", str(RESERVE_MB), *speech]
        self.robot: Teller | None = None
        self.order()

    @property
    def name(self) -> str:
        """As the console shows it."""
        return str(self.number)

    def start(self) -> None:
        """A new process in the same folder."""
        self.robot = Teller(f"seat {self.number}", self._command, self.folder.with_suffix(".log"), self._hear)

    def _hear(self, step: dict[str, Any]) -> None:
        if step["step"] == "pairing":
            self._confirm(step["code"], self.name)
        elif step["step"] == "signed_in":
            self.attempt = step["attempt"]
        elif step["step"] in ("done", "finished"):
            self.is_over = True
        self._on_step(self, step)

    def wait_for(self, step: str, seconds: float = READY_S) -> dict[str, Any]:
        """Raises NotUp."""
        if self.robot is None:
            raise NotUp(f"seat {self.number} was never started")
        return self.robot.wait_for(step, seconds)

    def kill(self) -> None:
        """SIGKILL to the agent and whatever it started."""
        if self.robot is not None:
            self.robot.kill()

    def order(self, **orders: Any) -> None:
        """What the machine does from now on: `muted`, `clock_ms`. A reader never meets half of it."""
        self._harm.parent.mkdir(parents=True, exist_ok=True)
        partial = self._harm.with_suffix(".new")
        partial.write_text(json.dumps(orders))
        partial.replace(self._harm)

    def mute(self) -> None:
        """The switch on the headset's cord."""
        self.order(muted=True)

    def move_clock(self) -> None:
        """The machine's clock shows tomorrow."""
        self.order(clock_ms=DAY_MS)

    def mend(self) -> None:
        """Clock and microphone are as they should be."""
        self.order()

    def fill_disk(self) -> None:
        """Of a seat that has a disk of its own."""
        if self.disk is not None:
            self.disk.fill()

    def free_disk(self) -> None:
        """There is room again."""
        if self.disk is not None:
            self.disk.free()

    # What lies in the folder.

    def look(self) -> SeatDisk:
        """Everything, for comparing."""
        return look_at_seat(self.folder)

    def read_heads(self) -> tuple[int, int]:
        """(events written, events acknowledged), over all leases; (0, 0) while there is no journal."""
        with suppress(sqlite3.Error):
            with sqlite3.connect(f"file:{self.folder / 'journal.sqlite'}?mode=ro", uri=True, timeout=10) as opened:
                written, = opened.execute("SELECT count(*) FROM events").fetchone()
                acked, = opened.execute("SELECT coalesce(sum(acked), 0) FROM leases").fetchone()
            opened.close()
            return int(written), int(acked)
        return 0, 0

    def is_speaking(self) -> bool:
        """Whether the newest sound file at the seat has grown within a moment."""
        return time.time() - self._find_newest_sound() < 1.0

    def _find_newest_sound(self) -> float:
        files = (path for path in (self.folder / "recordings").glob("*.pcm") if not path.name.startswith("check-"))
        return max((path.stat().st_mtime for path in files), default=0.0)


def make_speech(folder: Path) -> tuple[Path, ...]:
    """Speech for every robot, made once; () where no voice is installed: then robots say what they can."""
    try:
        return (speak_text(SPOKEN, "en", folder / "speech.wav"),)
    except SoundRefusal:
        return ()
