"""Runs servers and load makers of the benchmarks and reads what they used.

Takes the folder of a classroom server; gives `Core`, a running core or files process, and `Load`, what was seen of it.
"""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

import httpx
import msgspec

from testing_server.foundation.settings import as_environment, load_settings
from testing_server.foundation.supervision import choose_ports
from testing_server.foundation.supervision.supervisor import FEW_ARENAS

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
UP_WITHIN_S = 240
SLOW_MS = 5


class NoCompiler(Exception):
    """The load maker is a C program: install gcc and the headers of OpenSSL (libssl-dev)."""


@dataclass(frozen=True)
class Load:
    """What the load maker saw; waits in milliseconds, `cpu` in cores it used itself."""

    answered: int
    refused: int
    broken: int
    received_bytes: int
    seconds: float
    p50_ms: float
    p99_ms: float
    longest_ms: float
    cpu_s: float
    acked: list[int] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return self.cpu_s / self.seconds if self.seconds else 0.0


@lru_cache
def build_tool(name: str, *options: str) -> Path:
    """A C file of this folder, compiled once a run. Raises NoCompiler."""
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"testing-server-benchmarks-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    target = folder / name
    if shutil.which("gcc") is None:
        raise NoCompiler(NoCompiler.__doc__)
    done = subprocess.run(["gcc", "-O2", "-Wall", "-o", str(target), str(HERE / f"{name}.c"), *options],
                          capture_output=True, text=True)
    if done.returncode:
        raise NoCompiler(f"{NoCompiler.__doc__}\n{done.stderr}")
    return target


class Core:
    """One server process over TLS; the numbers are of it and its children."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, files_port: int) -> None:
        self.process, self.port, self.files_port = process, port, files_port

    @property
    def cpu_s(self) -> float:
        """Seconds of processor used so far."""
        return sum(_read_cpu(pid) for pid in self._pids())

    @property
    def memory_mb(self) -> float:
        """Memory of its own, shared pages counted once."""
        return sum(_read_memory_kb(pid) for pid in self._pids()) / 1024

    @property
    def handles(self) -> int:
        """Open files and sockets."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self._pids())

    def _pids(self) -> list[int]:
        found, fresh = [], [self.process.pid]
        while fresh:
            found += fresh
            fresh = [int(child) for pid in fresh for child in
                     Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found


@contextmanager
def run_core(data: Path, mode: str = "product", slow: bool = False, command: str = "core",
             more: Mapping[str, str] | None = None, role: Literal["classroom", "hub"] = "classroom") -> Iterator[Core]:
    """The core (or `command`, "files") of a classroom server, or a `role`; `slow`: every fsync takes 5 ms longer."""
    settings = choose_ports(load_settings(role, {}, data=data, host="127.0.0.1", log_level="warning"))
    environ = {**os.environ, **FEW_ARENAS, **as_environment(settings), "TESTING_SERVER_ROLE": role,
               "BENCHMARK_MODE": mode, **(more or {})}
    if slow:
        environ |= {"LD_PRELOAD": str(build_tool("slow_fsync", "-shared", "-fPIC", "-ldl")),
                    "SLOW_FSYNC_MS": str(SLOW_MS)}
    runner = (["-m", "gevent.monkey", "--module", "tests.benchmarks.answers_server"] if command == "core"
              else ["-m", "testing_server.processes", command])
    with open(data / f"{command}.log", "ab") as log:
        process = subprocess.Popen([sys.executable, *runner], env=environ, stdout=log, stderr=log)
    core = Core(process, settings.port, settings.files_port)
    try:
        wait_until_up(settings.port if command == "core" else settings.files_port,
                      "https" if role == "classroom" else "http")
        yield core
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_up(port: int, scheme: str = "https") -> None:
    """Until it answers anything; a hub speaks plainly to its nginx. Raises TimeoutError."""
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{scheme}://127.0.0.1:{port}/", verify=False, timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


class Making:
    """A load maker that is connected and waits for the word."""

    def __init__(self, port: int, script: Path, interval_ms: float, seconds: float) -> None:
        self._acked = script.with_suffix(".acked")
        tool = build_tool("answers_load", "-lssl", "-lcrypto")
        self._process = subprocess.Popen(
            [str(tool), str(port), str(script), str(interval_ms), str(seconds), str(self._acked)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "connected\n":
            raise ConnectionError("the load maker could not connect")

    def begin(self) -> None:
        """Now."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def finish(self) -> Load:
        """What it saw, when it is done."""
        told, _nothing = self._process.communicate()
        found: Load = msgspec.convert({**msgspec.json.decode(told), "acked": [
            int(line) for line in self._acked.read_text().split()]}, Load)
        return found


def make_load(port: int, script: Path, interval_ms: float = 0, seconds: float = 10) -> Load:
    """Connects, sends, gives what was seen. `interval_ms` 0: as fast as answers come."""
    making = Making(port, script, interval_ms, seconds)
    making.begin()
    return making.finish()


def _read_cpu(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def _read_memory_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
