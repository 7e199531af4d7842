"""A server that is not where it was: found by its announcement, trusted by its authority, not mixed up with another."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from kiosk_client import connection
from kiosk_client.agent import Agent
from kiosk_client.announcements import SERVICE
from kiosk_client.fake_work import FakeWork
from kiosk_client.fakes import FakeClassroom
from kiosk_client.refusals import SeatRefusal, ServerAway
from tests.kiosk_client.conftest import LOGIN, sit_down, wait_until
from tests.kiosk_client.test_agent import arrived

MakeAgent = Callable[..., Agent]
LONG_S = 60.0


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of silence is enough to look elsewhere."""
    monkeypatch.setattr(connection, "AWAY_MS", 500)


@pytest.fixture
def make_room(tmp_path: Path) -> Iterator[Callable[[], FakeClassroom]]:
    """Classrooms over TLS; each has an authority of its own."""
    with ExitStack() as stack:
        def make() -> FakeClassroom:
            folder = tmp_path / f"tls-{len(list(tmp_path.glob('tls-*')))}"
            folder.mkdir()
            room = FakeClassroom(FakeWork(sound_check=False), {LOGIN: "10001"}, folder).start()
            stack.callback(room.stop)
            return room
        yield make


@pytest.fixture
def announce() -> Iterator[Callable[[int], None]]:
    """A server on this machine tells the network its port."""
    with ExitStack() as stack:
        def tell(port: int) -> None:
            announcer = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
            stack.callback(announcer.close)
            announcer.register_service(ServiceInfo(
                SERVICE, f"test-{port}.{SERVICE}", port=port, server=f"test-{port}.local.",
                addresses=[socket.inet_aton("127.0.0.1")], properties={"tls": "yes"}))
        yield tell


def move_away(room: FakeClassroom) -> None:
    """The same server, all it knows, on another port."""
    room.stop()
    room.port = 0
    room.start()


def try_address(agent: Agent, address: str) -> str:
    """The code of the refusal, "" if the agent went there."""
    try:
        agent.require_connection().move_to(address)
    except SeatRefusal as refusal:
        return refusal.code
    return ""


def test_a_server_at_another_address_is_found_by_its_announcement(
        make_room: Callable[[], FakeClassroom], make_agent: MakeAgent, announce: Callable[[int], None]) -> None:
    room = make_room()
    agent = make_agent(room.url)
    attempt = sit_down(agent, room)
    before = room.url
    room.stop()
    agent.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: agent.require_connection().is_away, LONG_S)
    move_away(room)
    announce(room.port)
    wait_until(lambda: arrived(room, agent), LONG_S)
    assert attempt.state.responses["i1/r1"].value == "c2"
    assert agent.require_connection().paired.server == room.url != before
    agent.stop()
    again = make_agent("")
    wait_until(lambda: again.connection and again.connection.welcome, LONG_S)
    assert again.require_connection().list_addresses() == [room.url, before]


def test_a_server_that_comes_back_to_an_old_address_is_found_without_any_announcement(
        make_room: Callable[[], FakeClassroom], make_agent: MakeAgent) -> None:
    room = make_room()
    agent = make_agent(room.url)
    sit_down(agent, room)
    first = room.port
    move_away(room)
    assert try_address(agent, room.url) == ""
    room.stop()
    room.port = first
    agent.require_seat().answer("i1", "r1", "c3")
    room.start()
    wait_until(lambda: arrived(room, agent), LONG_S)
    assert agent.require_connection().paired.server == room.url


def test_another_schools_server_is_not_followed(
        make_room: Callable[[], FakeClassroom], make_agent: MakeAgent) -> None:
    room, impostor = make_room(), make_room()
    agent = make_agent(room.url)
    sit_down(agent, room)
    impostor.workstations, impostor.attempts = room.workstations, room.attempts
    asked = list(impostor.requests)
    assert try_address(agent, impostor.url) == ServerAway.code
    assert impostor.requests == asked and agent.require_connection().paired.server == room.url


@pytest.mark.parametrize(("change", "code"), [
    ("attempts", "other_server"), ("workstations", "unknown_workstation"), ("nobody", "server_away")])
def test_a_server_of_the_school_that_cannot_go_on_with_this_work_is_not_followed(
        make_room: Callable[[], FakeClassroom], make_agent: MakeAgent, change: str, code: str) -> None:
    room, other = make_room(), make_room()
    agent = make_agent(room.url)
    sit_down(agent, room)
    other.stop()
    if change != "nobody":
        other.authority, other.workstations, other.attempts = room.authority, room.workstations, room.attempts
        setattr(other, change, {})
        other.start()
    assert try_address(agent, other.url) == code
    agent.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: arrived(room, agent))


def test_plain_http_is_never_looked_for_elsewhere(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    assert agent._seeker is not None
    agent.discovery._servers["x"] = ["https://127.0.0.1:1"]
    assert agent._seeker.list_candidates() == []
