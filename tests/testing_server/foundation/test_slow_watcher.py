"""A watcher who reads nothing slows nobody: neither writes nor other watchers wait for it."""
import base64
import json
import os
import queue
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import socketio

from tests.testing_server.foundation.test_serving import Core

FLOOD = 200
SOON_S = 10.0


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    running = Core(tmp_path / "data")
    yield running
    running.process.kill()
    running.process.wait()


class Deaf:
    """A WebSocket that joins two scopes and then never reads again."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}:{port}\r\n"
                             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                             f"Sec-WebSocket-Key: {key}\r\n\r\n").encode())
        assert b"101 Switching" in self.socket.recv(4_096)
        self.say("40" + json.dumps({"token": "kiosk"}))
        self.say('421["watch",{"scope":"trial"}]')
        self.say('422["watch",{"scope":"trial:flood"}]')
        while b'432[' not in (heard := self.socket.recv(4_096)):
            assert heard

    def say(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self.socket.sendall(bytes([0x81, 0x80 | len(data)]) + mask + masked)


def test_a_watcher_who_reads_nothing_slows_nobody(core: Core) -> None:
    deaf, heard = Deaf(core.plain), queue.Queue[int]()
    watcher = socketio.Client(ssl_verify=False)
    watcher.on("changed", lambda message: heard.put(message["version"]))
    watcher.connect(core.plain, auth={"token": "kiosk"}, transports=["websocket"])
    watcher.call("watch", {"scope": "trial"}, timeout=30)
    with httpx.Client(base_url=core.secure, verify=ssl._create_unverified_context(), timeout=60) as client:
        client.post(f"/v1/trial/flood/{FLOOD}").raise_for_status()
        began = time.monotonic()
        for version in range(1, 21):
            client.post(f"/v1/trial/{version}").raise_for_status()
        took_s = time.monotonic() - began
    assert took_s < SOON_S, f"twenty writes took {took_s:.1f} s"
    while heard.get(timeout=60) != 20:
        continue
    deaf.socket.settimeout(0.2)
    assert deaf.socket.recv(4_096), "the deaf watcher is still there"
    watcher.disconnect()
    deaf.socket.close()
