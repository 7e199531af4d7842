"""Rehearsals of this server as processes of their own, each with a folder under `rehearsals/`.

Takes what was picked; starts the command, reads what it says from files: a console that was started again finds all.
The child has servers, ports and data of its own; nothing of a real sitting is touched.
"""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testing_server.contracts.rehearsals import Rehearsal, read_rehearsal
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.rehearsals.rules import Wanted
from testing_server.foundation.refusals import NotFound

FOLDER = "rehearsals"
STATEMENT, CERTIFICATE, ASKED, STEPS, LOG, PID, SENT = (
    "statement.json", "certificate.json", "asked.json", "steps.jsonl", "log.txt", "pid", "sent")
ROOM = "room"
COMMAND = (sys.executable, "-m", "testing_server.cli", "rehearse")


@dataclass(frozen=True)
class Run:
    """A rehearsal as its folder tells it. `state`: running, found (not signed yet), signed, ended (without a result).

    `steps`: what the child has said; `is_sent`: the hub has the certificate.
    """

    id: str
    state: str
    at_ms: int
    seats: int
    faults: list[str]
    title: str
    steps: list[dict[str, Any]]
    rehearsal: Rehearsal | None
    is_sent: bool
    said: str

    @property
    def last_step(self) -> dict[str, Any]:
        """The newest step that is no result of a fault, {} before the first."""
        return next((step for step in reversed(self.steps) if step["step"] != "trial"), {})

    @property
    def trials(self) -> list[dict[str, Any]]:
        """Faults that are over."""
        return [step["trial"] for step in self.steps if step["step"] == "trial"]


def start_run(data: Path, wanted: Wanted, source: Path | None, cipher: str, school: str, at_ms: int, title: str) -> str:
    """Begins a rehearsal; returns its id. `source`: folder of the archive, None for demonstration material."""
    run = f"{at_ms}-{uuid.uuid4().hex[:8]}"
    folder = data / FOLDER / run
    folder.mkdir(parents=True)
    (folder / ASKED).write_text(json.dumps({
        "at_ms": at_ms, "seats": wanted.seats, "faults": wanted.faults, "title": title}), encoding="utf-8")
    command = [*COMMAND, "--seats", str(wanted.seats), "--faults", ",".join(wanted.faults), "--school", school,
               "--data", str(folder / ROOM), "--statement", str(folder / STATEMENT), "--end-with", str(os.getpid())]
    if source is not None:
        command += ["--archive", str(source)]
    # The cipher travels in the environment: other users of the machine can read a command's words.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TESTING_SERVER_")}
    environ |= {"TESTING_SERVER_CIPHER": cipher} if cipher else {}
    with open(folder / STEPS, "wb") as steps, open(folder / LOG, "wb") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=steps, stderr=log, env=environ,
                                 start_new_session=True)
    (folder / PID).write_text(str(child.pid))
    _CHILDREN[child.pid] = child
    return run


# Of this process: a child that has ended must be waited for, or it is taken for one that runs.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


def stop_run(data: Path, run: str) -> None:
    """Tells it to end; it ends what it started."""
    folder = find_folder(data, run)
    if is_alive(folder):
        with suppress(ProcessLookupError):
            os.kill(int((folder / PID).read_text()), signal.SIGTERM)


def find_folder(data: Path, run: str) -> Path:
    """Raises NotFound."""
    folder = data / FOLDER / run
    if run != Path(run).name or not (folder / ASKED).is_file():
        raise NotFound()
    return folder


def list_runs(data: Path) -> Iterator[Path]:
    """Folders, newest first."""
    return iter(sorted((path.parent for path in (data / FOLDER).glob(f"*/{ASKED}")), reverse=True))


def find_running(data: Path) -> str:
    """The rehearsal that goes on, "" for none."""
    return next((folder.name for folder in list_runs(data) if is_alive(folder)), "")


def is_alive(folder: Path) -> bool:
    """Whether its process still runs, and is that process and no other of the same number."""
    try:
        number = int((folder / PID).read_text())
    except (OSError, ValueError):
        return False
    child = _CHILDREN.get(number)
    if child is not None and child.poll() is not None:
        return False
    command = Path(f"/proc/{number}/cmdline")
    if command.parent.parent.joinpath("self").exists():
        return command.exists() and str(folder).encode() in _read_quietly(command)
    return _answers(number)


def _answers(number: int) -> bool:
    try:
        os.kill(number, 0)
    except OSError:
        return False
    return True


def _read_quietly(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def read_run(folder: Path) -> Run:
    """Everything its files say."""
    asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    found, alive = _read_found(folder), is_alive(folder)
    state = "signed" if (folder / CERTIFICATE).exists() else "running" if alive else "found" if found else "ended"
    return Run(folder.name, state, asked["at_ms"], asked["seats"], list(asked["faults"]), asked["title"],
               list(_read_steps(folder)), found, (folder / SENT).exists(),
               "" if state != "ended" else _read_last_line(folder / LOG))


def _read_found(folder: Path) -> Rehearsal | None:
    try:
        if (folder / CERTIFICATE).exists():
            return read_rehearsal(read_unverified((folder / CERTIFICATE).read_bytes()).payload)
        return read_rehearsal((folder / STATEMENT).read_bytes())
    except (OSError, BadStatement):
        return None


def _read_steps(folder: Path) -> Iterator[dict[str, Any]]:
    for line in _read_quietly(folder / STEPS).splitlines():
        # the last line may be half written
        with suppress(ValueError):
            step = json.loads(line)
            if isinstance(step, dict) and "step" in step:
                yield step


def _read_last_line(path: Path) -> str:
    lines = _read_quietly(path).decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""


def tidy(folder: Path) -> None:
    """The drill's servers are not needed once it is signed."""
    shutil.rmtree(folder / ROOM, ignore_errors=True)
