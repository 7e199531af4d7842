"""Hints reach those who watch, four a second at most, and nobody else."""
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio
from flask import Blueprint, Flask
from flask_login import current_user
from werkzeug.serving import make_server

from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.sign_ins import end_all_sign_ins
from testing_server.foundation.live import Live
from testing_server.foundation.live.coalescing import Coalescing
from testing_server.foundation.web import Mount
from tests.builders import open_browser, services_of

OpenApp = Callable[..., Flask]


def register(live: Live) -> None:
    live.allow_watching("board", lambda scope: current_user.is_authenticated and current_user.role == "coordinator")
    live.allow_connecting(lambda auth: isinstance(auth, dict) and auth.get("token") == "kiosk")


class Serving:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.port}"

    def connect(self, cookie: str = "", **options: Any) -> "Watcher":
        return Watcher(self.address, cookie, options)


class Watcher:
    def __init__(self, address: str, cookie: str, options: dict[str, Any]) -> None:
        self.client = socketio.Client()
        self.heard: list[dict[str, Any]] = []
        self.news = threading.Event()
        self.client.on("changed", self.hear)
        self.client.connect(address, headers={"Cookie": cookie}, transports=["websocket"], **options)

    def hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message)
        self.news.set()

    def watch(self, scope: Any) -> Any:
        return self.client.call("watch", {"scope": scope}, timeout=5)


@pytest.fixture
def serving(open_app: OpenApp) -> Iterator[Serving]:
    running = Serving(open_app([Mount(Blueprint("none", __name__), {}, live=register)]))
    yield running
    running.server.shutdown()


def sign_in(serving: Serving, login: str, role: str) -> str:
    browser = open_browser(serving.app, login, role)
    cookie = browser.client.get_cookie("hub_session")
    assert cookie is not None
    return f"hub_session={cookie.value}"


def test_watcher_hears_of_its_scope_only(serving: Serving) -> None:
    watcher = serving.connect(sign_in(serving, "anna", "coordinator"))
    assert watcher.watch("board:77") == {"scope": "board:77"}
    services_of(serving.app).live.changed("board:78", 1)
    services_of(serving.app).live.changed("board:77", 2)
    assert watcher.news.wait(5)
    assert watcher.heard == [{"scope": "board:77", "version": 2}]
    watcher.client.disconnect()


@pytest.mark.parametrize("scope", ["board", "other", "", None, 7, "board:" + "x" * 300])
def test_nobody_watches_without_a_rule_that_allows(serving: Serving, scope: Any) -> None:
    watcher = serving.connect(sign_in(serving, "vera", "expert"))
    assert watcher.watch(scope)["code"] == "not_allowed"
    watcher.client.disconnect()


def test_stranger_cannot_connect(serving: Serving) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        serving.connect()


def test_program_connects_by_its_own_word(serving: Serving) -> None:
    watcher = serving.connect(auth={"token": "kiosk"})
    assert watcher.watch("board")["code"] == "not_allowed"
    watcher.client.disconnect()


def test_a_socket_ends_with_its_sign_in(serving: Serving) -> None:
    browser = open_browser(serving.app, "anna", "coordinator")
    cookie = browser.client.get_cookie("hub_session")
    assert cookie is not None
    watcher, other = (serving.connect(one) for one in (
        f"hub_session={cookie.value}", sign_in(serving, "vera", "coordinator")))
    for one in (watcher, other):
        one.watch("board")
    gone = threading.Event()
    watcher.client.on("disconnect", lambda *reason: gone.set())
    browser.post("/sign-out")
    assert gone.wait(60)
    services_of(serving.app).live.changed("board", 1)
    assert other.news.wait(60) and watcher.heard == []
    other.client.disconnect()


def test_a_socket_whose_account_was_closed_elsewhere_ends_with_the_next_round(serving: Serving) -> None:
    watcher = serving.connect(sign_in(serving, "anna", "coordinator"))
    offered, gone = services_of(serving.app), threading.Event()
    watcher.client.on("disconnect", lambda *reason: gone.set())
    offered.live.people.close_ended()
    assert watcher.watch("board") == {"scope": "board"}
    with offered.storage.read() as session:
        account = find_account(session, "anna")
    assert account is not None
    offered.storage.write(lambda session: end_all_sign_ins(session, account.id))
    offered.live.people.close_ended()
    assert gone.wait(60)


def test_many_changes_become_one_hint(serving: Serving) -> None:
    watcher = serving.connect(sign_in(serving, "anna", "coordinator"))
    watcher.watch("board")
    for version in range(1, 101):
        services_of(serving.app).live.changed("board", version)
    while not watcher.heard or watcher.heard[-1]["version"] < 100:
        assert watcher.news.wait(5)
        watcher.news.clear()
    assert len(watcher.heard) <= 3
    watcher.client.disconnect()


def test_first_change_is_told_at_once_the_next_later() -> None:
    pace = Coalescing(interval_ms=250)
    pace.offer("a", 1)
    assert pace.next_in_ms(1000) == 0 and pace.take_due(1000) == {"a": 1}
    pace.offer("a", 2)
    assert pace.next_in_ms(1100) == 150 and pace.take_due(1100) == {}
    pace.offer("b", 7)
    assert pace.take_due(1100) == {"b": 7}
    assert pace.take_due(1250) == {"a": 2} and pace.next_in_ms(1250) is None


def test_newest_version_wins_in_any_order() -> None:
    pace = Coalescing()
    for version in (3, 5, 4):
        pace.offer("a", version)
    assert pace.take_due(0) == {"a": 5}


def test_quiet_scopes_are_forgotten() -> None:
    pace = Coalescing()
    for number in range(100):
        pace.offer(f"seat-{number}", 1)
    pace.take_due(0)
    assert pace.next_in_ms(10_000) is None
    assert pace._sent_at_ms == {}


def test_a_scope_that_many_watch_has_a_pace_of_its_own() -> None:
    pacing = Coalescing(interval_ms=250, paces={"board": 500})
    for now_ms, due in ((0, {"board": 1, "sitting": 1}), (250, {"sitting": 1}), (499, {}), (500, {"board": 1})):
        for scope in ("board", "sitting")[:2 if now_ms < 499 else 0]:
            pacing.offer(scope, 1)
        assert pacing.take_due(now_ms) == due
    assert pacing.next_in_ms(500) is None
