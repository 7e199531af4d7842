"""The campaign's cable really delays, falls silent for good, is cut and mended: what its table says was tried, was."""
from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from testing_server.rehearsal.drill.cables import can_have_cables
from tests.faults.campaign.relay import Relay

pytestmark = pytest.mark.skipif(not can_have_cables(), reason="loopback has one address here")


@pytest.fixture
def echo() -> Iterator[int]:
    """A port that says everything back."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                one, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=repeat, args=(one,), daemon=True).start()

    def repeat(one: socket.socket) -> None:
        with one:
            while data := one.recv(1000):
                one.sendall(data)
    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


@pytest.fixture
def relay(echo: int) -> Iterator[Relay]:
    made = Relay({echo: echo})
    yield made
    made.close()


def say(line: socket.socket, words: bytes, patience_s: float = 20) -> bytes:
    line.settimeout(patience_s)
    line.sendall(words)
    return line.recv(1000)


def test_a_slow_cable_is_slow_both_ways(relay: Relay, echo: int) -> None:
    with socket.create_connection((relay.add_seat(7), echo)) as line:
        relay.set_delay(7, 0.2)
        began = time.monotonic()
        assert say(line, b"late") == b"late"
        assert time.monotonic() - began >= 0.4


def test_a_silent_cable_stays_silent_for_its_old_connections(relay: Relay, echo: int) -> None:
    host = relay.add_seat(8)
    with socket.create_connection((host, echo)) as old:
        assert say(old, b"before") == b"before"
        relay.fall_silent(8)
        with pytest.raises(TimeoutError):
            say(old, b"lost", 0.5)
        relay.mend(8)
        with pytest.raises(TimeoutError):
            say(old, b"still lost", 0.5)
        with socket.create_connection((host, echo)) as new:
            assert say(new, b"again") == b"again"


def test_a_cable_that_is_out_resets_and_refuses_until_it_is_mended(relay: Relay, echo: int) -> None:
    host = relay.add_seat(9)
    with socket.create_connection((host, echo)) as line:
        assert say(line, b"before") == b"before"
        relay.pull_out(9)
        with pytest.raises(ConnectionError):
            if not say(line, b"x"):
                raise ConnectionError
    with pytest.raises(ConnectionError), socket.create_connection((host, echo)) as line:
        if not say(line, b"x"):
            raise ConnectionError
    relay.mend(9)
    with socket.create_connection((host, echo)) as line:
        assert say(line, b"after") == b"after"
