"""A coordinator opens a sitting: its classroom hears of it at once, over a real socket, and nobody else does."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from testing_server.exam_day.monitor.live import NAMESPACE, tell_school
from testing_server.exam_day.school.watch_hints import WatchHints
from testing_server.foundation.services import services
from testing_server.preparation.hub_link import HubLink
from tests.builders import services_of
from tests.testing_server.exam_day.monitor.test_monitor import make_report
from tests.testing_server.preparation.make_hub import Hub, enrol

PATIENCE_S = 60


def wait_until(is_done: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_done():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def address(hub: Hub) -> Iterator[str]:
    """The hub listens on a port."""
    server = make_server("127.0.0.1", 0, hub.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def start(act: Callable[[], None]) -> None:
    threading.Thread(target=act, daemon=True).start()


def test_opening_a_sitting_tells_its_classroom(hub: Hub, address: str) -> None:
    ours = enrol(hub)
    ours.link.send_report(make_report())
    heard: list[str] = []
    hints = WatchHints(HubLinkAt(address, ours.link), heard.append)  # type: ignore[arg-type]
    hints.keep(start)
    wait_until(lambda: hints.is_connected)
    browser = hub.browser("coordinator", "coordinator")
    for _ in range(3):
        browser.get(f"/v1/monitor/sittings/{ours.school.id}/s1")
    wait_until(lambda: heard)
    hints.stop()
    assert heard == ["s1"]


class HubLinkAt:
    """The session of a line, at the address where the socket is."""

    def __init__(self, url: str, link: HubLink) -> None:
        self.url, self.token = url, link.token


@pytest.mark.parametrize("auth", [None, {}, {"token": ""}, {"token": "guess"}, {"token": 5}, "token"])
def test_only_a_school_is_let_in(hub: Hub, auth: Any) -> None:
    socket = services_of(hub.app).live.socketio.test_client(hub.app, namespace=NAMESPACE, auth=auth)
    assert not socket.is_connected(NAMESPACE)


def test_a_school_hears_of_its_own_sittings_only(hub: Hub) -> None:
    schools = [enrol(hub, login) for login in ("sch330001", "sch330002")]
    socketio = services_of(hub.app).live.socketio
    sockets = [socketio.test_client(hub.app, namespace=NAMESPACE, auth={"token": one.link.token}) for one in schools]
    with hub.app.app_context():
        assert services() is services_of(hub.app)
        tell_school(schools[0].school.id, "s1")
    heard = [[one["args"] for one in socket.get_received(NAMESPACE)] for socket in sockets]
    assert heard == [[[{"sitting": "s1"}]], []]


def test_a_hub_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testing_server.exam_day.school.watch_hints.RETRY_S", 0.01)
    tried: list[int] = []

    class Away:
        token = ""

        @property
        def url(self) -> str:
            tried.append(1)
            return "http://127.0.0.1:9"
    hints = WatchHints(Away(), lambda sitting: None)  # type: ignore[arg-type]
    hints.keep(start)
    hints.keep(start)
    wait_until(lambda: len(tried) > 2)
    hints.stop()
