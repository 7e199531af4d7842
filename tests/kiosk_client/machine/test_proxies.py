"""A system proxy is never used, neither for requests nor for the socket of hints."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client.fakes import FakeClassroom
from kiosk_client.hints import Hints
from kiosk_client.link import Wire
from kiosk_client.pairing import begin_pairing
from kiosk_client.refusals import SeatRefusal
from tests.kiosk_client.conftest import wait_until


class Listener:
    """Counts who connects and hangs up."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.count = 0
        self._socket = socket.create_server((host, 0))
        self.address = f"http://{host}:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.count += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """The system's proxy, for everything."""
    listener = Listener()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, listener.address)
        monkeypatch.setenv(name.upper(), listener.address)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield listener
    listener.close()


def test_requests_go_straight_to_the_server(proxy: Listener, classroom: FakeClassroom) -> None:
    assert classroom.type_digits(begin_pairing(classroom.url, Ed25519PrivateKey.generate()).code)
    wire = Wire("https://127.0.0.2:1", None)
    with pytest.raises(SeatRefusal):
        wire.request("GET", "/v1/handout")
    assert proxy.count == 0


def test_the_socket_of_hints_goes_straight_to_the_server(proxy: Listener) -> None:
    """127.0.0.2 stands for a server in the room: the library spares the computer's own name by itself."""
    server = Listener("127.0.0.2")
    link: Any = SimpleNamespace(token="t", wire=SimpleNamespace(server=server.address))
    hints = Hints(link, "", lambda: None)
    hints.start()
    wait_until(lambda: server.count or proxy.count)
    hints.stop()
    assert (server.count, proxy.count) == (1, 0)
    server.close()


def test_the_proxy_of_this_test_would_be_used_by_others(proxy: Listener) -> None:
    """No proof without it: a client that asks the environment goes there."""
    with pytest.raises(httpx.HTTPError):
        httpx.get("http://127.0.0.2:1/")
    assert proxy.count == 1
