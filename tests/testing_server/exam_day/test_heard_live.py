"""How soon the organizer sees what is heard: real processes, parts in real time, a console that only follows hints.

What is measured is the way from the spoken sample to the snapshot the console is given, by times written down on the
way. A machine that is late itself (the sender's own sleeps say by how much) is given as much more.
"""
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import socketio

from testing_server.exam_day.responses.heard_now import PartHeard, judge_now
from testing_server.foundation.supervision import read_ports
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.test_killed_core import Server, begin, is_up, wait_for

RATE, PART_MS = 24_000, 500
AIM_MS = 3_000
# Nothing is heard for long enough to be told, then the candidate is heard.
SPOKEN = ("silent",) * 6 + ("heard",) * 4


@dataclass
class Console:
    """An organizer's page: fetches the snapshot when a hint comes, and only then."""

    http: httpx.Client
    sitting: str
    hinted: threading.Event = field(default_factory=threading.Event)
    seen_at_ms: dict[str, int] = field(default_factory=dict)

    def follow(self, word: str) -> None:
        """Until this word was seen of the first seat that speaks; remembers when each was."""
        def look() -> bool:
            if self.hinted.wait(0.2):
                self.hinted.clear()
                told = self.http.get(f"/v1/sittings/{self.sitting}/live").json()
                for seat in told["seats"]:
                    self.seen_at_ms.setdefault(seat["heard"], told["server_at_ms"])
            return word in self.seen_at_ms

        wait_for(look)


@contextmanager
def open_console(server: Server, cookie: str, sitting: str) -> Iterator[Console]:
    address, headers = f"https://127.0.0.1:{read_ports(server.data)['port']}", {"Cookie": cookie}
    with httpx.Client(base_url=address, verify=False, headers=headers, timeout=30) as http:
        console, client = Console(http, sitting), socketio.Client(ssl_verify=False)
        client.on("changed", lambda told: console.hinted.set())
        client.connect(address, headers=headers, transports=["websocket"], wait_timeout=30)
        assert client.call("watch", {"scope": f"sitting:{sitting}"}, timeout=30) == {"scope": f"sitting:{sitting}"}
        try:
            yield console
        finally:
            client.disconnect()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Server, str, str]]:
    """The server, the cookie of an organizer who signed in, the sitting."""
    data = tmp_path / "data"
    room = begin(data)
    cookies = room.browser().client._cookies.values()
    room.close()
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "testing_server.cli", "classroom", "--data", str(data)],
                                   stdout=log, stderr=log)
    server = Server(data, process, room.kiosks)
    try:
        wait_for(lambda: (data / "run" / "ports.json").exists())
        server.connect(room.kiosks[0])
        wait_for(lambda: is_up(room.kiosks[0]))
        yield server, "; ".join(f"{one.key}={one.value}" for one in cookies), room.sitting
    finally:
        process.terminate()
        process.wait(20)


def speak(kiosk: FakeKiosk, number: int, began: float) -> int:
    """Send the parts as a seat does, each when it has been spoken; by how many ms this machine was late."""
    late_s, body = 0.0, b"\1\0" * (RATE * PART_MS // 1000)
    for place, verdict in enumerate(SPOKEN):
        due = began + (place + 1) * PART_MS / 1000
        time.sleep(max(0.0, due - time.monotonic()))
        late_s = max(late_s, time.monotonic() - due)
        assert kiosk.put_part(number, place, place * len(body), body, verdict).status == 200
    return round(late_s * 1000)


def find_spoken_ms(word: str) -> int:
    """When in the recording there was enough to call it so."""
    parts = [PartHeard(place * PART_MS, (place + 1) * PART_MS, verdict) for place, verdict in enumerate(SPOKEN)]
    return next(parts[count - 1].to_ms for count in range(1, len(parts) + 1) if judge_now(parts[:count]) == word)


def test_the_organizer_sees_what_is_heard_within_three_seconds(running: tuple[Server, str, str]) -> None:
    server, cookie, sitting = running
    kiosk = server.kiosks[0]
    late: list[int] = []
    with open_console(server, cookie, sitting) as console:
        kiosk.now_ms = int(time.time() * 1000)
        kiosk.write("item_entered", item="i1", stage="speak")
        kiosk.write("recording_started", item="i1", response="r1", rate_hz=RATE, device="Headset")
        number = len(kiosk.lines[kiosk.lease])
        began, began_ms = time.monotonic(), int(time.time() * 1000)
        assert kiosk.send().status == 200
        speaking = threading.Thread(target=lambda: late.append(speak(kiosk, number, began)))
        speaking.start()
        console.follow("heard")
        speaking.join(60)
    waits = {word: console.seen_at_ms[word] - began_ms - find_spoken_ms(word) for word in ("silent", "heard")}
    assert late and all(0 <= waited <= AIM_MS + late[0] for waited in waits.values()), (waits, late)
