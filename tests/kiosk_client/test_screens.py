"""The page's door: one launch, one page, nobody else; bodies of another form change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from audio.sources import FileSource
from kiosk_client.agent import Agent, Options
from kiosk_client.fakes import FakeClassroom
from kiosk_client.screens.actions import ACTIONS
from kiosk_client.screens.guard import Guard
from kiosk_client.screens.server import PageServer
from tests.kiosk_client.conftest import sit_down, wait_until


class Seat:
    """A served agent and a browser's HTTP client."""

    def __init__(self, agent: Agent) -> None:
        self.agent, self.server = agent, PageServer(agent)
        self.server.start()
        self.origin = f"http://127.0.0.1:{self.server.port}"
        self.http = httpx.Client(base_url=self.origin, headers={"Origin": self.origin})

    def act(self, name: str, **body: object) -> httpx.Response:
        return self.http.post(f"/v1/actions/{name}", json=body)

    def open(self) -> Seat:
        assert self.http.get(self.server.launch_address()).status_code == 303
        return self


@pytest.fixture
def seat(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> Iterator[Seat]:
    made = Seat(make_agent(classroom.url))
    yield made
    made.server.stop()


def test_a_launch_address_works_once(seat: Seat) -> None:
    address = seat.server.launch_address()
    first = seat.http.get(address)
    assert first.status_code == 303
    assert re.search(r"HttpOnly.*SameSite=Strict", first.headers["Set-Cookie"])
    assert httpx.get(address).status_code == 401
    assert seat.http.get("/v1/state").status_code == 200


def test_without_the_cookie_nothing_is_told(seat: Seat) -> None:
    for path in ("/", "/v1/state", "/v1/stream", "/v1/items/i1", "/static/kiosk.css", "/v1/check.wav"):
        assert httpx.get(seat.origin + path).status_code == 401, path
    assert httpx.post(seat.origin + "/v1/actions/finish", headers={"Origin": seat.origin}, json={}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "evil.example:{port}", "127.0.0.1:1"])
def test_a_wrong_host_is_refused(seat: Seat, host: str) -> None:
    seat.open()
    told = seat.http.get("/v1/state", headers={"Host": host.format(port=seat.server.port)})
    assert told.status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_another_origin_is_refused_even_with_the_cookie(seat: Seat, origin: str) -> None:
    seat.open()
    assert seat.http.get("/v1/state", headers={"Origin": origin}).status_code == 403
    assert seat.http.post("/v1/actions/finish", headers={"Origin": origin}, json={}).status_code == 403


def test_an_action_needs_an_origin_at_all(seat: Seat) -> None:
    seat.open()
    del seat.http.headers["Origin"]
    assert seat.http.post("/v1/actions/leave", json={}).status_code == 403


def test_no_other_site_is_let_in_by_headers(seat: Seat) -> None:
    told = seat.open().http.get("/v1/state")
    assert "Access-Control-Allow-Origin" not in told.headers
    policy = told.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';") and "unsafe" not in policy


def test_opening_the_page_again_closes_the_one_before(seat: Seat) -> None:
    seat.open()
    other = httpx.Client(base_url=seat.origin)
    assert other.get(seat.server.launch_address()).status_code == 303
    assert seat.http.get("/v1/state").status_code == 401
    assert other.get("/v1/state").status_code == 200


def test_the_session_outlives_a_restart_of_the_agent() -> None:
    kept: dict[str, object] = {}
    guard = Guard(1234, kept.get, kept.__setitem__)
    assert guard.make_launch_address() != guard.make_launch_address()
    kept["page_session"] = "0" * 64
    assert not Guard(1234, kept.get, kept.__setitem__)._is_known("anything")


BAD_BODIES = [
    ("answer", {}), ("answer", {"item": "i1", "response": "r1"}),
    ("answer", {"item": 1, "response": "r1", "value": "x"}), ("answer", {"item": "", "response": "r", "value": ""}),
    ("answer", {"item": "i1", "response": "r1", "value": {"a": 1}}),
    ("answer", {"item": "i1", "response": "r1", "value": "x" * 20_001}), ("go", {"item": ["i1"]}),
    ("answer", {"item": "i1", "response": "r1", "value": [1, 2]}), ("play_progress", {"item": "i2", "play": 0}),
    ("play_progress", {"item": "i2", "play": 1, "position_ms": -1}), ("set_language", {"language": "../x"}),
    ("sign_in", {"login": 12345678}), ("confirm_pairing", {"yes": "true"}), ("finish", {"reason": "time"}),
]


@pytest.mark.parametrize(("name", "body"), BAD_BODIES)
def test_bodies_of_another_form_are_refused_before_anything_happens(
        seat: Seat, name: str, body: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setitem(ACTIONS, name, (ACTIONS[name][0], lambda agent, told: done.append(told)))
    told = seat.open().act(name, **body)
    assert (told.status_code, told.json()["code"], done) == (400, "bad_request", [])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_bodies_that_are_no_object_are_refused(seat: Seat, content: bytes) -> None:
    told = seat.open().http.post("/v1/actions/answer", content=content, headers={"Content-Type": "application/json"})
    assert told.status_code == 400


def test_bodies_too_large_and_of_another_type_are_refused(seat: Seat) -> None:
    seat.open()
    form = seat.http.post("/v1/actions/finish", content=b"{}", headers={"Content-Type": "text/plain"})
    large = seat.http.post("/v1/actions/answer", content=b"x" * 300_000, headers={"Content-Type": "application/json"})
    assert (form.status_code, large.status_code) == (415, 413)


def test_unknown_actions_and_ways_out_of_the_folder_are_not_found(seat: Seat) -> None:
    seat.open()
    assert seat.act("purge").status_code == 404
    assert seat.http.get("/static/..%2fcli.py").status_code == 404
    assert seat.http.get("/v1/media/..%2f..%2fjournal.sqlite").status_code == 404


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_every_action_has_words_for_what_it_refuses(seat: Seat, name: str) -> None:
    """Before pairing nothing of a candidate is possible; nothing breaks either."""
    told = seat.open().act(name)
    assert told.status_code in (200, 400, 409, 503), told.text
    assert told.status_code == 200 or told.json()["code"]


def test_listening_sound_is_heard_only_while_a_hearing_goes_on(seat: Seat, classroom: FakeClassroom) -> None:
    sit_down(seat.agent, classroom)
    seat.open()
    sound, picture = (seat.agent.require_seat().items[place]["media"][0] for place in (1, 2))
    assert seat.http.get(f"/v1/media/{picture}").headers["Content-Type"].startswith("image/svg")
    assert seat.http.get(f"/v1/media/{sound}").status_code == 403
    assert seat.act("go", item="i2").status_code == 200
    wait_until(lambda: seat.agent.require_seat().state.stage == "listen")
    hearing = seat.act("play", item="i2").json()
    assert hearing["media"] == sound and seat.http.get(f"/v1/media/{sound}").status_code == 200
    part = seat.http.get(f"/v1/media/{sound}", headers={"Range": "bytes=0-9"})
    assert part.status_code == 206 and len(part.content) == 10
    assert seat.act("play_ended", item="i2", play=hearing["play"]).status_code == 200
    assert seat.http.get(f"/v1/media/{sound}").status_code == 403


def test_the_stream_tells_a_saved_answer(seat: Seat, classroom: FakeClassroom) -> None:
    sit_down(seat.agent, classroom)
    seat.open()
    with seat.http.stream("GET", "/v1/stream", timeout=10) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: state"
        seat.act("answer", item="i1", response="r1", value="c2")
        assert any('"answered": "all"' in line for line in lines)
    wait_until(lambda: seat.agent._present == 1, 10)


def test_a_page_that_was_closed_is_noticed(seat: Seat, classroom: FakeClassroom) -> None:
    sit_down(seat.agent, classroom)
    seat.agent.detach()
    seat.open()
    with seat.http.stream("GET", "/v1/stream", timeout=10) as stream:
        next(stream.iter_lines())
        wait_until(lambda: seat.agent.require_seat().present)
    wait_until(lambda: not seat.agent.require_seat().present, 15)


def test_the_port_of_the_last_start_is_taken_again(classroom: FakeClassroom, tmp_path: Path, speech: Path) -> None:
    agent = Agent(Options(tmp_path / "port", classroom.url, lambda: FileSource(speech)))
    first = PageServer(agent)
    first.start()
    first.stop()
    second = PageServer(agent)
    assert second.port == first.port
    third = PageServer(agent)
    assert third.port != first.port
    for server in (second, third):
        server.stop()
    agent.stop()
