"""One core process: WebSocket, hints and durable writes over TLS and over plain loopback alike."""
import os
import queue
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from testing_server.foundation.supervision import choose_ports
from tests.builders import make_settings

ROOT = Path(__file__).parents[3]


class Core:
    def __init__(self, data: Path) -> None:
        chosen = choose_ports(make_settings(data))
        self.data = data
        self.plain, self.secure = f"http://127.0.0.1:{chosen.console_port}", f"https://127.0.0.1:{chosen.port}"
        module = "tests.testing_server.foundation.serve_trial"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gevent.monkey", "--module", module, str(data), str(chosen.port),
             str(chosen.console_port)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(self.plain + "/v1/health").raise_for_status()
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the core does not answer")

    def client(self) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=self.data / "keys" / "authority.pem")
        return httpx.Client(verify=trusted)


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    running = Core(tmp_path_factory.mktemp("core"))
    yield running
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0


@pytest.mark.parametrize("side", ["plain", "secure"])
def test_hint_comes_through_the_websocket(core: Core, side: str) -> None:
    heard: queue.Queue[Any] = queue.Queue()
    client = socketio.Client(ssl_verify=False)
    client.on("changed", heard.put)
    client.connect(getattr(core, side), auth={"token": "kiosk"}, transports=["websocket"])
    assert client.transport() == "websocket"
    assert client.call("watch", {"scope": "trial"}) == {"scope": "trial"}
    with core.client() as http:
        assert http.post(f"{core.secure}/v1/trial/7").json() == {"version": 7}
    assert heard.get(timeout=5) == {"scope": "trial", "version": 7}
    client.disconnect()


def test_many_writers_at_once_are_all_answered(core: Core) -> None:
    with httpx.Client() as http, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: http.post(f"{core.plain}/v1/trial/{number}").status_code, range(200)))
    assert answers == [200] * 200


def test_slow_handshake_keeps_nobody_waiting(core: Core) -> None:
    host, port = core.secure.removeprefix("https://").split(":")
    silent = [socket.create_connection((host, int(port))) for _connection in range(20)]
    with core.client() as http:
        assert http.get(f"{core.secure}/v1/health", timeout=5).is_success
    for connection in silent:
        connection.close()
