"""The supervisor: starts the processes of a role, restarts those that die, stops all on SIGTERM.

Takes the children's commands. Writes data/run/pids.json; gives its exit code when it was told to stop.
"""
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from testing_server.foundation.clock import Clock
from testing_server.foundation.settings import Settings, as_environment, change_settings
from testing_server.foundation.supervision.backoff import Backoff
from testing_server.foundation.supervision.memory import VARIABLE, MemoryKeeper
from testing_server.foundation.supervision.orphans import PARENT, PROCESS

log = logging.getLogger(__name__)
PROCESSES = ("core", "files", "worker")
# glibc keeps freed memory apart for every few threads: with two hundred of them that is most of a process
FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
STOP_S = 10.0
POLL_S = 0.1


@dataclass
class Child:
    """One process: `command` as for exec, started again whenever it ends."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    backoff: Backoff = field(default_factory=Backoff)
    process: subprocess.Popen[bytes] | None = None
    started_ms: int = 0
    start_after_ms: int = 0


class Supervisor:
    """Runs children in process groups of their own, so that a child's own children end with it."""

    def __init__(self, children: Sequence[Child], run_folder: Path, clock: Clock, memory: MemoryKeeper) -> None:
        self._children = list(children)
        self._run_folder = run_folder
        self._clock = clock
        self._memory = memory
        self._stopping = threading.Event()
        self.restarts = 0

    def run(self) -> int:
        """Until `stop`; call `listen_to_signals` first to be stopped by SIGTERM and Ctrl-C."""
        try:
            while not self._stopping.is_set():
                self._tend()
                self._stopping.wait(POLL_S)
        finally:
            self._stop_children()
        return 0

    def stop(self) -> None:
        """Asks `run` to end; may be called from a signal handler or another thread."""
        self._stopping.set()

    def listen_to_signals(self) -> None:
        """SIGTERM and Ctrl-C end the role in order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def _tend(self) -> None:
        now = self._clock.monotonic_ms()
        changed = False
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child, now)
                changed = True
            if child.process is None and now >= child.start_after_ms:
                self._start(child, now)
                changed = True
        if changed:
            self._write_pids()

    def _note_death(self, child: Child, now_ms: int) -> None:
        assert child.process is not None
        # its own children must not go on without it: two cores would write one file
        _signal_group(child.process.pid, signal.SIGKILL)
        waiting = child.backoff.after_death(now_ms - child.started_ms)
        log.warning("%s ended with %s, starts again in %d ms", child.name, child.process.returncode, waiting)
        child.process = None
        child.start_after_ms = now_ms + waiting
        self.restarts += 1

    def _start(self, child: Child, now_ms: int) -> None:
        environ = {**os.environ, **child.environ, PARENT: str(os.getpid())}
        passed: tuple[int, ...] = ()
        if self._memory.descriptor is not None:
            environ[VARIABLE] = str(self._memory.descriptor)
            passed = (self._memory.descriptor,)
        child.process = subprocess.Popen(list(child.command), env=environ, pass_fds=passed,
                                         stdin=subprocess.DEVNULL, start_new_session=True)
        child.started_ms = now_ms

    def _write_pids(self) -> None:
        self._run_folder.mkdir(parents=True, exist_ok=True)
        pids = {child.name: child.process.pid for child in self._children if child.process is not None}
        draft = self._run_folder / "pids.json.new"
        draft.write_text(json.dumps({"supervisor": os.getpid(), **pids}))
        os.replace(draft, self._run_folder / "pids.json")

    def _stop_children(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            _signal_group(process.pid, signal.SIGTERM)
        deadline = self._clock.monotonic_ms() + int(STOP_S * 1000)
        for process in running:
            left_s = max(0.1, (deadline - self._clock.monotonic_ms()) / 1000)
            try:
                process.wait(left_s)
            except subprocess.TimeoutExpired:
                log.warning("process %d did not stop in time", process.pid)
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()


def is_running(run_folder: Path) -> bool:
    """Whether the supervisor that wrote pids.json still lives."""
    try:
        supervisor = int(json.loads((run_folder / "pids.json").read_text())["supervisor"])
        os.kill(supervisor, 0)
    except (OSError, ValueError, KeyError):
        return False
    return True


def make_children(settings: Settings, processes: Sequence[str] = PROCESSES) -> list[Child]:
    """Children of a role by the usual commands: cores and workers as many as settings say, one files process."""
    counts = {"core": settings.servers, "worker": settings.workers}
    return [_make_child(settings, name, number) for name in processes for number in range(counts.get(name, 1))]


def _make_child(settings: Settings, name: str, number: int) -> Child:
    """The core is started through gevent's own runner: everything must be patched before it is imported."""
    if name == "core":
        own = change_settings(settings, port=settings.port + number, console_port=settings.console_port + number)
    else:
        own = settings
    told = name if number == 0 else f"{name}-{number + 1}"
    environ = FEW_ARENAS | as_environment(own) | {"TESTING_SERVER_ROLE": settings.role, PROCESS: told}
    patched = ["gevent.monkey", "--module"] if name == "core" else []
    command = [sys.executable, "-m", *patched, "testing_server.processes", name]
    return Child(told, command, environ)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        # everyone in it has already ended
        return
