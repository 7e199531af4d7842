"""The organizer's exit code at the seat: known without the server, tried five times a minute, told as an incident."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom
from kiosk_client.lockdown import exit_guard
from kiosk_client.lockdown.exit_guard import ExitTooOften, ExitWrong, Tries
from tests.kiosk_client.conftest import sit_down, wait_until

CODE = "042817"


def list_incidents(agent: Agent) -> list[str]:
    return [str(one["kind"]) for one in agent.require_seat().state.incidents]


@pytest.fixture
def seated(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> Agent:
    classroom.exit_code = CODE
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    wait_until(lambda: agent.exit_guard.needs_code)
    return agent


def test_the_code_leaves_and_the_work_stays_unfinished(seated: Agent, classroom: FakeClassroom) -> None:
    seated.exit_guard.leave("042 817")
    assert seated.exit_guard.left.is_set() and list_incidents(seated) == ["exit"]
    assert seated.exit_guard.wait_delivered()
    attempt = next(iter(classroom.attempts.values()))
    # the clock of the work may tick once more behind it
    told = [event.body.get("kind") for event in attempt.events if event.kind == "incident_raised"]
    assert told[-1:] == ["exit"] and not attempt.state.finished


def test_the_code_opens_without_the_server_and_after_a_restart(
        seated: Agent, classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    classroom.stop()
    seated.stop()
    again = make_agent(classroom.url)
    with pytest.raises(ExitWrong):
        again.exit_guard.leave("042818")
    again.exit_guard.leave(CODE)
    assert again.exit_guard.left.is_set() and not again.exit_guard.wait_delivered(0.3)


def test_five_wrong_codes_close_the_door_for_a_minute(seated: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(exit_guard.MOST_TRIES):
        with pytest.raises(ExitWrong):
            seated.exit_guard.leave("000000")
    with pytest.raises(ExitTooOften):
        seated.exit_guard.leave(CODE)
    assert list_incidents(seated) == ["exit_refused"] and not seated.exit_guard.left.is_set()
    later = exit_guard.time.monotonic_ns() + 61_000_000_000
    monkeypatch.setattr(exit_guard.time, "monotonic_ns", lambda: later)
    seated.exit_guard.leave(CODE)
    assert seated.exit_guard.left.is_set()


def test_the_code_lies_nowhere_in_the_folder(seated: Agent) -> None:
    seated.stop()
    files = [path for path in seated.options.folder.rglob("*") if path.is_file()]
    assert files and not any(CODE.encode() in path.read_bytes() for path in files)


def test_a_workstation_that_knows_no_server_keeps_nobody(make_agent: Callable[..., Agent]) -> None:
    agent = make_agent("http://127.0.0.1:9")
    agent.exit_guard.leave("")
    assert agent.exit_guard.left.is_set()


def test_after_the_end_of_the_work_no_event_is_written(seated: Agent) -> None:
    seated.require_seat().finish("organizer")
    count = len(seated.require_seat().log.journal.list_events(seated.require_seat().log.attempt))
    seated.exit_guard.leave(CODE)
    assert len(seated.require_seat().log.journal.list_events(seated.require_seat().log.attempt)) == count


def test_tries_are_counted_by_the_minute() -> None:
    tries = Tries(most=2, wait_ms=100)
    assert not tries.note_wrong(0) and tries.note_wrong(50)
    assert not tries.is_open(99) and tries.is_open(100) and tries.note_wrong(140)


class Program:
    """`kiosk-client` as a process; `address`: of its page."""

    def __init__(self, folder: Path) -> None:
        self.command = [sys.executable, "-m", "kiosk_client", "--server", "http://127.0.0.1:9", "--data", str(folder),
                        "--json"]
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout
        self.address = str(json.loads(self.process.stdout.readline())["address"])


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    started = Program(tmp_path / "data")
    yield started
    if started.process.poll() is None:
        os.kill(started.process.pid, signal.SIGKILL)
    started.process.wait()


def test_the_program_ends_by_itself_once_somebody_has_left(program: Program) -> None:
    origin = program.address.partition("/launch")[0]
    with httpx.Client(base_url=origin, headers={"Origin": origin}, trust_env=False) as page:
        assert page.get(program.address).status_code == 303
        assert page.get("/v1/state").json()["exit"] == {"needs_code": False}
        assert page.post("/v1/actions/leave_kiosk", json={}).json() == {"ok": True}
    assert program.process.wait(10) == 0


def test_a_second_program_is_refused_in_a_plain_word(program: Program) -> None:
    second = subprocess.run(program.command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1 and "already_running" in second.stderr
    assert "уже запущено" in second.stderr
