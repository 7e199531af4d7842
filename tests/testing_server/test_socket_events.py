"""Every socket event × every role, against the same table: who may connect, who may watch what, whose level counts."""
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import close_app, make_app, services_of
from tests.testing_server import endpoint_table as table
from tests.testing_server import hub_endpoint_table as hub_table
from tests.testing_server.endpoint_callers import (
    RIGHTS, Caller, list_people, make_program, make_strangers)
from tests.testing_server.exam_day.builders import Classroom, make_open_room

pytestmark = pytest.mark.usefixtures("quick_passwords")
Place = tuple[Flask, str, str, list[Caller]]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    made = make_open_room(tmp_path_factory.mktemp("events") / "data", 2)
    yield made
    made.close()


@pytest.fixture(scope="module")
def classroom(room: Classroom) -> Place:
    seat = make_program(room.app, "seat", "workstation", room.pair("8").workstation, frozenset({"seat"}))
    return room.app, table.CLASSROOM_EVENTS, table.CLASSROOM_SCOPES, [
        *list_people(room.app), seat, *make_strangers(room.app)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    app = make_app(tmp_path_factory.mktemp("events") / "hub", list_hub_mounts())
    prepare_hub(services_of(app))
    school = make_program(app, "school", "school", "s1", frozenset({"school"}))
    yield app, hub_table.HUB_EVENTS, hub_table.HUB_SCOPES, [*list_people(app), school, *make_strangers(app)]
    close_app(app)


@pytest.fixture(params=["classroom", "hub"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


def read_events(text: str) -> dict[tuple[str, str], list[str]]:
    """{(namespace, event): words}."""
    rows = [line.split() for line in text.split("\n") if line.strip()]
    return {(namespace, event): words for namespace, event, *words in rows}


def connect(app: Flask, caller: Caller, namespace: str) -> Any:
    """A socket of this caller: people by their session, programs by their token."""
    token = caller.headers.get("Authorization", "").removeprefix("Bearer ")
    return app.extensions["socketio"].test_client(
        app, namespace=namespace, flask_test_client=caller.client, auth={"token": token} if token else None)


def test_table_names_every_event_and_scope(place: Place) -> None:
    app, events, scopes, _callers = place
    handlers = app.extensions["socketio"].server.handlers
    assert {(namespace, name) for namespace, found in handlers.items() for name in found} == read_events(events).keys()
    assert services_of(app).live._rules.keys() == {line.split()[0] for line in scopes.split("\n") if line.strip()}


def test_connecting(place: Place) -> None:
    app, events, _scopes, callers = place
    wrong = [f"{namespace} for {caller.name}" for (namespace, event), words in read_events(events).items()
             if event == "connect" for caller in callers
             if connect(app, caller, namespace).is_connected(namespace) is not caller.may(words)]
    assert wrong == []


def test_watching(place: Place) -> None:
    app, _events, scopes, callers = place
    wrong = []
    for prefix, *rights in (line.split() for line in scopes.split("\n") if line.strip()):
        for caller in callers:
            socket = connect(app, caller, "/")
            if not socket.is_connected():
                continue
            told = socket.emit("watch", {"scope": f"{prefix}:x"}, callback=True)
            # what is `own` is watched by its owner alone: of "x" there is none
            allowed = "own" not in rights and any(caller.role in RIGHTS[right] for right in rights)
            wrong += [f"{prefix} for {caller.name}: {told}"] * (("code" not in told) is not allowed)
    assert wrong == []


def test_level_of_another_seat_reaches_nobody(room: Classroom) -> None:
    kiosk, other = room.seat(0), room.pair("9")
    watcher = connect(room.app, list_people_once(room), "/")
    watcher.emit("watch", {"scope": f"sitting:{room.sitting}"}, callback=True)
    heard = []
    for workstation in (kiosk.workstation, other.workstation):
        seat = connect(room.app, make_program(room.app, "seat", "workstation", workstation, frozenset()), "/seat")
        seat.emit("level", {"attempt": kiosk.attempt, "dbfs_x10": -200, "speech": 1}, namespace="/seat")
        heard.append([one["name"] for one in watcher.get_received() if one["name"] == "level"])
    assert heard == [["level"], []]


def list_people_once(room: Classroom) -> Caller:
    """An organizer who looks on."""
    browser = room.browser("room_organizer")
    return Caller("watcher", browser.client, frozenset({"signed_in"}), "room_organizer")
