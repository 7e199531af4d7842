"""Children come back, wait longer after each quick death, and end together; secrets outlive them in memory."""
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.supervision import Child, MemoryKeeper, Supervisor, choose_ports, read_ports
from testing_server.foundation.supervision.backoff import FIRST_MS, LONGEST_MS, STEADY_MS, Backoff
from testing_server.foundation.supervision.memory import LIMIT, VARIABLE
from tests.builders import make_settings

COUNT = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).open("a").write("x")
time.sleep(float(sys.argv[2]))
"""
KEEP = """
import os, sys
from testing_server.foundation.supervision import MemoryKeeper
memory = MemoryKeeper.inherit(os.environ)
print(memory.get("key")); memory.put("key", b"unlocked")
"""


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Running:
    def __init__(self, folder: Path, lives_s: float) -> None:
        self.marks = folder / "marks"
        child = Child("core", [sys.executable, "-c", COUNT, str(self.marks), str(lives_s)], {})
        self.supervisor = Supervisor([child], folder, SystemClock(), MemoryKeeper.create())
        self.folder = folder
        self.thread = threading.Thread(target=self.supervisor.run)
        self.thread.start()

    def starts(self) -> int:
        return len(self.marks.read_text()) if self.marks.exists() else 0

    def pid(self) -> int:
        found: int = json.loads((self.folder / "pids.json").read_text())["core"]
        return found

    def stop(self) -> None:
        self.supervisor.stop()
        self.thread.join(20)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    role = Running(tmp_path, lives_s=60)
    wait_until(lambda: role.starts() == 1)
    yield role
    role.stop()


def test_killed_child_is_started_again(running: Running) -> None:
    before = running.pid()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: running.starts() == 2 and running.pid() != before)


def test_stopping_ends_the_child(running: Running) -> None:
    pid = running.pid()
    running.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_child_that_dies_at_once_is_not_started_in_a_loop(tmp_path: Path) -> None:
    role = Running(tmp_path, lives_s=0)
    wait_until(lambda: role.starts() >= 2)
    time.sleep(0.5)
    role.stop()
    assert role.starts() <= 4


def test_waiting_doubles_and_is_forgiven() -> None:
    backoff = Backoff()
    assert [backoff.after_death(10) for _death in range(3)] == [FIRST_MS, FIRST_MS * 2, FIRST_MS * 4]
    for _death in range(20):
        longest = backoff.after_death(10)
    assert longest == LONGEST_MS
    assert backoff.after_death(STEADY_MS) == FIRST_MS


def test_secret_outlives_the_child_that_put_it() -> None:
    memory = MemoryKeeper.create()
    assert memory.descriptor is not None and memory.keeps

    def run_child() -> str:
        environ = os.environ | {VARIABLE: str(memory.descriptor)}
        return subprocess.run([sys.executable, "-c", KEEP], env=environ, capture_output=True, text=True,
                              pass_fds=[memory.descriptor or 0], check=True).stdout.strip()

    assert [run_child(), run_child()] == ["None", "b'unlocked'"]
    memory.forget("key")
    assert memory.get("key") is None


def test_forgotten_secret_leaves_no_bytes() -> None:
    memory = MemoryKeeper.create()
    memory.put("key", b"unlocked")
    memory.forget("key")
    assert os.pread(memory.descriptor or 0, LIMIT, 0).rstrip(b"\0") == b"{}"


def test_too_large_secret_is_refused() -> None:
    memory = MemoryKeeper.create()
    with pytest.raises(ValueError):
        memory.put("key", b"x" * LIMIT)


def test_without_supervisor_nothing_is_kept() -> None:
    memory = MemoryKeeper.inherit({})
    memory.put("key", b"unlocked")
    assert not memory.keeps and memory.get("key") is None


def test_ports_are_chosen_kept_and_used_again(tmp_path: Path) -> None:
    chosen = choose_ports(make_settings(tmp_path))
    ports = (chosen.port, chosen.console_port, chosen.files_port)
    assert 0 not in ports and len(set(ports)) == 3
    assert choose_ports(make_settings(tmp_path)) == chosen
    assert read_ports(tmp_path) == dict(zip(("port", "console_port", "files_port"), ports))


def test_named_port_is_taken_as_it_is(tmp_path: Path) -> None:
    assert choose_ports(make_settings(tmp_path, port=18443)).port == 18443
