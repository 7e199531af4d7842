"""SIGKILL of real server processes while answers and sound arrive: whatever was acknowledged is there afterwards."""
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from testing_server.exam_day.responses.parts import RecordingName, read_parts, read_ranges, sum_ranges
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.supervision import read_ports
from testing_server.migrations import upgrade_database
from tests.testing_server.exam_day.builders import Classroom, make_classroom, make_entries, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk, HttpWire

SEATS = 4
KILLS = 2


@dataclass
class Server:
    """A classroom server of real processes over a prepared data folder."""

    data: Path
    process: subprocess.Popen[bytes]
    kiosks: list[FakeKiosk] = field(default_factory=list)

    def kill(self, name: str) -> None:
        pid = json.loads((self.data / "run" / "pids.json").read_text())[name]
        os.kill(pid, signal.SIGKILL)

    def connect(self, kiosk: FakeKiosk) -> None:
        ports = read_ports(self.data)
        kiosk.core = HttpWire(httpx.Client(base_url=f"https://127.0.0.1:{ports['port']}", verify=False, timeout=10))
        kiosk.files = HttpWire(httpx.Client(base_url=f"https://127.0.0.1:{ports['files_port']}", verify=False,
                                            timeout=10))


def prepare(data: Path) -> Classroom:
    """A sitting that runs, in a folder nobody serves yet."""
    room = begin(data)
    room.close()
    return room


def begin(data: Path) -> Classroom:
    """The same while this process still serves it."""
    upgrade_database(f"sqlite:///{data / 'classroom.sqlite'}")
    clock = SystemClock()
    room = make_classroom(data, clock)  # type: ignore[arg-type]
    room.set_up()
    room.open_archive(room.take_archive(make_entries()))
    room.make_sitting(SEATS)
    for number in range(SEATS):
        kiosk = room.seat(number)
        kiosk.now_ms = clock.now_ms()
    room.start(*room.kiosks)
    return room


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    kiosks = prepare(data).kiosks
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "testing_server.cli", "classroom", "--data", str(data)],
                                   stdout=log, stderr=log)
    running = Server(data, process, kiosks)
    wait_for(lambda: (data / "run" / "ports.json").exists())
    for kiosk in kiosks:
        running.connect(kiosk)
    wait_for(lambda: is_up(kiosks[0]))
    yield running
    process.terminate()
    process.wait(20)


def is_up(kiosk: FakeKiosk) -> bool:
    try:
        assert kiosk.files is not None
        return kiosk.send([]).status == 200 and kiosk.files.ask("GET", "/v1/bundles/0").status == 401
    except httpx.TransportError:
        return False


def wait_for(condition: object, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass in time")


def type_answers(kiosk: FakeKiosk, acknowledged: dict[str, int], stop: threading.Event) -> None:
    """Answers as fast as they are accepted; remembers the highest number that was acknowledged."""
    while not stop.is_set():
        kiosk.write("answer_set", item="i1", response="r1", value=f"{len(kiosk.lines[kiosk.lease])}")
        try:
            told = kiosk.send()
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if told.status == 200:
            acknowledged[kiosk.attempt] = max(acknowledged.get(kiosk.attempt, 0), told.json["acked"])


def test_every_acknowledged_answer_survives_sigkill(server: Server) -> None:
    acknowledged: dict[str, int] = {}
    stop = threading.Event()
    # a thread that types on after a failure would keep the whole run from ending
    typing = [threading.Thread(target=type_answers, args=(kiosk, acknowledged, stop), daemon=True)
              for kiosk in server.kiosks]
    for thread in typing:
        thread.start()
    for _ in range(KILLS):
        time.sleep(1.0)
        server.kill("core")
        time.sleep(1.0)
        wait_for(lambda: is_up(server.kiosks[0]))
    wait_for(lambda: len(acknowledged) == len(server.kiosks) and min(acknowledged.values()) > 20)
    stop.set()
    for thread in typing:
        thread.join()
    assert min(acknowledged.values()) > 20
    with sqlite3.connect(server.data / "classroom.sqlite") as database:
        for kiosk in server.kiosks:
            stored = dict(database.execute("SELECT number, line FROM room_event WHERE attempt = ?", (kiosk.attempt,)))
            for number in range(1, acknowledged[kiosk.attempt] + 1):
                assert stored[number] == kiosk.lines[kiosk.lease][number - 1]


def send_until_safe(kiosk: FakeKiosk, number: int, part: int, offset: int, body: bytes) -> int:
    """As a kiosk does: again and again until the server says that it is durable."""
    for _ in range(200):
        try:
            found = kiosk.put_part(number, part, offset, body)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        assert found.status == 200, found.json
        return int(found.json["durable_bytes"])
    raise AssertionError("the files process did not come back")


def test_every_acknowledged_part_survives_sigkill(server: Server) -> None:
    kiosk, pcm = server.kiosks[0], make_speech(8)
    kiosk.write("recording_started", item="i2", response="r2", rate_hz=24_000, device="fake")
    number, step, durable = len(kiosk.lines[kiosk.lease]), 24_000, 0
    for part, offset in enumerate(range(0, len(pcm), step)):
        if part in (3, 9):
            server.kill("files")
        durable = send_until_safe(kiosk, number, part, offset, pcm[offset:offset + step])
    name = RecordingName(kiosk.attempt, kiosk.lease, number)
    with read_parts(server.data) as database:
        assert database is not None
        assert sum_ranges(read_ranges(database, name)).durable_bytes == durable == len(pcm)
    kept = (server.data / "recordings" / kiosk.attempt / f"{kiosk.lease}-{number}.pcm").read_bytes()
    assert hashlib.sha256(kept).digest() == hashlib.sha256(pcm).digest()
