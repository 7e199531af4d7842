"""Servers and robots as processes of their own, with their logs in a folder. Stops what it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from testing_server.foundation.supervision import find_free_port

# a machine full of other work gives a starting server a fiftieth of its time; one that has ended is seen at once
HEALTH_S = 300
STOP_S = 15


class NotUp(Exception):
    """A process did not come up, or ended; the text names its log."""


class Running:
    """A child process in a session of its own, so that stopping it stops all of its children."""

    def __init__(self, name: str, command: list[str], log: Path, environ: Mapping[str, str] | None = None,
                 typed: str = "") -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(log, "ab")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._file, start_new_session=True,
            env={**os.environ, **(environ or {})})
        self._type(typed)

    def _type(self, typed: str) -> None:
        """What a person types at its terminal, and then nothing more."""
        keyboard = self.process.stdin
        assert keyboard is not None
        with suppress(BrokenPipeError), keyboard:
            keyboard.write(typed.encode())

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL to the whole group: no goodbye."""
        self._signal(signal.SIGKILL)
        self.process.wait(STOP_S)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to what does not listen."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self._file.close()

    def _signal(self, number: signal.Signals) -> None:
        _signal_group(self.process.pid, number)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        # everyone in it has already ended
        return


class Server(Running):
    """A role under its supervisor; `address` = its plain port on loopback; `said`: its lines on stdout.

    `flags`: words after the role; `typed`: what it is told at its terminal.
    """

    def __init__(self, role: str, data: Path, log: Path, environ: Mapping[str, str] | None = None,
                 flags: Sequence[str] = (), typed: str = "", **options: str | int) -> None:
        self.data = data
        self.said: list[str] = []
        self.console_port = int(options.pop("console_port", 0)) or find_free_port()
        self.port = int(options.pop("port", 0)) or find_free_port()
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        super().__init__(role, [
            sys.executable, "-m", "testing_server.cli", role, *flags, "--data", str(data), "--port", str(self.port),
            "--console-port", str(self.console_port), *words], log,
            # half a gigabyte for each demonstration and drill helps nobody
            {"TESTING_SERVER_BALLAST_MB": "0", **(environ or {})}, typed)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line.decode(errors="replace"))

    @property
    def address(self) -> str:
        """Where pages and JSON are on this machine."""
        return f"http://127.0.0.1:{self.console_port}"

    def read_pids(self) -> dict[str, int]:
        """Process numbers by name: supervisor, core, files, worker; those of the last start known."""
        path = self.data / "run" / "pids.json"
        found: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def kill(self) -> None:
        """SIGKILL to the supervisor and to every process it keeps, each with its own group: a power cut."""
        groups = [number for name, number in self.read_pids().items() if name != "supervisor"]
        super().kill()
        for group in groups:
            _signal_group(group, signal.SIGKILL)

    def kill_process(self, name: str) -> int:
        """SIGKILL to one of the supervisor's processes with its group; returns its number."""
        number = self.read_pids()[name]
        _signal_group(number, signal.SIGKILL)
        return number

    def wait_until_healthy(self) -> None:
        """Raises NotUp."""
        end = time.monotonic() + HEALTH_S
        while time.monotonic() < end:
            if not self.is_alive():
                break
            try:
                if httpx.get(f"{self.address}/v1/health", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.2)
        raise NotUp(f"{self.name}: see {self.log}")


class Teller(Running):
    """A process that tells JSON lines; `on_step` gets each, in a thread of its own."""

    def __init__(self, name: str, command: list[str], log: Path, on_step: Callable[[dict[str, Any]], None],
                 environ: Mapping[str, str] | None = None) -> None:
        super().__init__(name, command, log, environ)
        self.steps: list[dict[str, Any]] = []
        self._on_step = on_step
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            step = json.loads(line)
            with self._changed:
                self.steps.append(step)
                self._changed.notify_all()
            self._on_step(step)
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, name: str, seconds: float) -> dict[str, Any]:
        """The first step of that name. Raises NotUp when the process ends or the time is out before."""
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for step in self.steps:
                    if step["step"] == name:
                        return step
                    if step["step"] == "failed":
                        raise NotUp(f"{self.name}: {step['details']}")
                left = end - time.monotonic()
                if left <= 0 or not (self.is_alive() or self._is_told(name)):
                    raise NotUp(f"{self.name} never told {name!r}: see {self.log}")
                self._changed.wait(min(left, 1.0))

    def _is_told(self, name: str) -> bool:
        return any(step["step"] == name for step in self.steps)

    def find(self, name: str) -> list[dict[str, Any]]:
        """All steps of that name so far."""
        return [step for step in self.steps if step["step"] == name]
