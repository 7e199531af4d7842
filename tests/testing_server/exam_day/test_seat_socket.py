"""The seats' socket: let in by token, levels reach only consoles that watch, hints say that directives wait."""
from typing import Any

from testing_server.exam_day.responses.live import NAMESPACE, tell_seat
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


def connect_seat(room: Classroom, token: str) -> Any:
    return room.services.live.socketio.test_client(room.app, namespace=NAMESPACE, auth={"token": token})


def watch_sitting(room: Classroom) -> Any:
    console = room.services.live.socketio.test_client(room.app, flask_test_client=room.browser().client)
    console.emit("watch", {"scope": f"sitting:{room.sitting}"})
    console.get_received()
    return console


def speak(seat: Any, kiosk: FakeKiosk, **changes: Any) -> None:
    seat.emit("level", {"attempt": kiosk.attempt, "dbfs_x10": -230, "speech": 1, **changes}, namespace=NAMESPACE)


def test_only_a_token_opens_the_socket(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    assert connect_seat(open_room, kiosk.token).is_connected(NAMESPACE)
    assert not connect_seat(open_room, "").is_connected(NAMESPACE)
    assert not connect_seat(open_room, kiosk.token + "x").is_connected(NAMESPACE)


def test_a_level_reaches_the_consoles_that_watch(open_room: Classroom) -> None:
    kiosk, console = open_room.seat(0), watch_sitting(open_room)
    speak(connect_seat(open_room, kiosk.token), kiosk)
    levels = [one["args"][0] for one in console.get_received() if one["name"] == "level"]
    assert levels == [{"attempt": kiosk.attempt, "dbfs_x10": -230, "speech": 1}]
    assert open_room.room.levels.get(kiosk.attempt, open_room.clock.monotonic_ms()) == -230


def test_nobody_speaks_for_another_seat(open_room: Classroom) -> None:
    kiosk, other, console = open_room.seat(0), open_room.seat(1), watch_sitting(open_room)
    seat = connect_seat(open_room, other.token)
    for message in ({}, {"dbfs_x10": "loud"}, {"attempt": None}, {"attempt": "x" * 36}):
        speak(seat, kiosk, **message)
    seat.emit("level", "nonsense", namespace=NAMESPACE)
    assert [one for one in console.get_received() if one["name"] == "level"] == []


def test_a_seat_hears_that_directives_wait(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    seat = connect_seat(open_room, kiosk.token)
    with open_room.app.app_context():
        tell_seat(kiosk.workstation, 7)
    assert seat.get_received(NAMESPACE)[-1]["args"][0] == {"scope": "directives", "version": 7}


def test_a_console_may_not_watch_unless_it_is_staff(open_room: Classroom) -> None:
    socketio = open_room.services.live.socketio
    expert = socketio.test_client(open_room.app, flask_test_client=open_room.browser("expert").client)
    answer = expert.emit("watch", {"scope": f"sitting:{open_room.sitting}"}, callback=True)
    assert answer["code"] == "not_allowed"
