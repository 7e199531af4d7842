"""A connection that fell silent is left soon; a slow server is waited for; sound goes to the process that takes it."""
from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kiosk_client.link import Answer, Link, Wire
from kiosk_client.patience import LONGEST_SECONDS, SHORTEST_SECONDS, Patience
from kiosk_client.refusals import ServerAway


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def answer_after(clock: Clock, seconds: float) -> Callable[[httpx.Timeout], str]:
    """A server that takes so long."""
    def ask(timeout: httpx.Timeout) -> str:
        patience_s = timeout.read or 0.0
        clock.now += min(seconds, patience_s)
        if seconds > patience_s:
            raise ServerAway("too slow") from httpx.ReadTimeout("too slow")
        return "told"
    return ask


def refuse(timeout: httpx.Timeout) -> str:
    raise ServerAway("nobody") from httpx.ConnectError("refused")


def test_a_slow_server_is_not_asked_ever_more() -> None:
    clock = Clock()
    patience, vain = Patience(clock), 0
    for _ in range(20):
        try:
            assert patience.wait(answer_after(clock, 5)) == "told"
        except ServerAway:
            vain += 1
    assert vain == 2
    for _ in range(20):
        with pytest.raises(ServerAway):
            patience.wait(answer_after(clock, 1000))
    assert patience.seconds == LONGEST_SECONDS


def test_a_server_that_is_quick_again_is_soon_left_when_it_falls_silent() -> None:
    clock = Clock()
    patience = Patience(clock)
    patience.seconds = LONGEST_SECONDS
    patience.wait(answer_after(clock, 0.1))
    assert patience.seconds == SHORTEST_SECONDS


def test_a_server_that_refuses_connections_is_no_slow_one() -> None:
    patience = Patience()
    with pytest.raises(ServerAway):
        patience.wait(refuse)
    assert patience.seconds == SHORTEST_SECONDS


def test_a_connection_without_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk_client.patience.SHORTEST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        link = Link(Wire(f"http://127.0.0.1:{silent.getsockname()[1]}", None), lambda link: "token")
        with pytest.raises(ServerAway):
            link.tell_time(0)
    assert link._for_core.seconds == 0.4


def test_sound_goes_to_the_files_process_also_before_the_first_hello(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def request(wire: Wire, method: str, url: str, **rest: Any) -> Answer:
        asked.append(url)
        return Answer(b'{"durable_bytes": 2, "missing": []}', False, b"")

    def say_hello(link: Link) -> str:
        link.files_url = "http://127.0.0.1:2"
        return "token"

    monkeypatch.setattr(Wire, "request", request)
    link = Link(Wire("http://127.0.0.1:1", None), say_hello)
    assert link.send_part(("a", 1, 2), 0, 0, "d", 24_000, b"ab").durable_bytes == 2
    assert asked == ["http://127.0.0.1:2/v1/recordings/a/1/2/parts/0"]
