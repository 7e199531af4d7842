"""A robot candidate sits the whole trial work at the real agent, alone or killed on the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue
from typing import Any

from kiosk_client.fake_work import SPEAKING, FakeWork
from kiosk_client.fakes import FakeClassroom
from tests.kiosk_client.conftest import LOGIN, wait_until


class RobotProcess:
    """The robot's process and the steps it told."""

    def __init__(self, server: str, folder: Path, speech: Path) -> None:
        command = [sys.executable, "-m", "kiosk_client.robot", "--server", server, "--data", str(folder), "--login",
                   LOGIN, "--speech", str(speech), "--seed", "5", "--think", "1"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.steps: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.steps.put(json.loads(line))

    def wait_for(self, step: str) -> dict[str, Any]:
        """The next step of this name."""
        while True:
            told = self.steps.get(timeout=40)
            assert told["step"] != "failed", told
            if told["step"] == step:
                return told


def test_a_robot_sits_the_whole_work(classroom: FakeClassroom, tmp_path: Path, speech: Path) -> None:
    robot = RobotProcess(classroom.url, tmp_path / "robot", speech)
    assert classroom.type_digits(robot.wait_for("pairing")["code"])
    robot.wait_for("ready")
    attempt = classroom.find_attempt(LOGIN)
    classroom.start_work(attempt, pace=20)
    spoke = robot.wait_for("spoke")
    robot.wait_for("done")
    assert robot.process.wait(timeout=10) == 0
    assert attempt.state.finish_reason == "candidate"
    assert set(attempt.state.responses) == {"i1/r1", "i2/r1", "i4/r1"}
    [recording] = attempt.state.recordings
    assert recording.sha256 == spoke["sha256"]
    assert len(attempt.sound[recording.lease, recording.number]) == recording.bytes > 48_000


def test_a_killed_robot_goes_on_and_loses_no_speech(classroom: FakeClassroom, tmp_path: Path, speech: Path) -> None:
    # Time enough to start anew on a busy machine: shorter than 10 s is no outage and is not given back.
    classroom.work = FakeWork({**SPEAKING, "record_s": 40}, sound_check=False)
    robot = RobotProcess(classroom.url, tmp_path / "robot", speech)
    assert classroom.type_digits(robot.wait_for("pairing")["code"])
    robot.wait_for("ready")
    attempt = classroom.find_attempt(LOGIN)
    classroom.start_work(attempt, pace=20)
    wait_until(lambda: any(attempt.sound.values()), 40)
    robot.process.send_signal(signal.SIGKILL)
    robot.process.wait()
    again = RobotProcess(classroom.url, tmp_path / "robot", speech)
    again.wait_for("done")
    first, *further = attempt.state.recordings
    assert first.end_reason == "recovered" and further
    assert all(len(attempt.sound[r.lease, r.number]) == r.bytes for r in attempt.state.recordings)
    assert attempt.state.finished
