"""States kept in memory: what one session has not seen comes with the next, and nothing is read twice."""
from sqlalchemy import event

from testing_server.exam_day.responses.states import StateCache
from tests.testing_server.exam_day.builders import Classroom


def test_an_idle_seat_does_not_have_everybodys_events_read_again(open_room: Classroom) -> None:
    idle, busy = open_room.seat(0), open_room.seat(1)
    open_room.start(idle, busy)
    for number in range(5):
        busy.answer("i1", "r1", str(number))
    cache, ids, asked = StateCache(), [idle.attempt, busy.attempt], []
    with open_room.services.storage.read() as session:
        cache.read(session, ids)
        event.listen(session.get_bind(), "before_cursor_execute",
                     lambda _c, _u, text, given, *_: asked.append(given) if "room_event" in text else None)
        cache.read(session, ids)
    last = cache._known[busy.attempt].row
    assert asked and all(last in given for given in asked), "from the last row of both on"


def test_a_session_that_sees_less_does_not_hide_what_comes_later(open_room: Classroom) -> None:
    first, second = open_room.seat(0), open_room.seat(1)
    open_room.start(first, second)
    cache = StateCache()
    with open_room.services.storage.read() as older:
        StateCache().read(older, [first.attempt])
        second.answer("i1", "r1", "late")
        first.answer("i1", "r1", "late")
        with open_room.services.storage.read() as newer:
            cache.read(newer, [first.attempt])
        assert not cache.read(older, [first.attempt, second.attempt])[second.attempt].responses
    with open_room.services.storage.read() as session:
        found = cache.read(session, [first.attempt, second.attempt])
    assert all(found[one.attempt].responses["i1/r1"].value == "late" for one in (first, second))
