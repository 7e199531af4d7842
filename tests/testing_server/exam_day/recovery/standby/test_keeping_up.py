"""A standby keeps up with the server that leads and steps in for it."""
from __future__ import annotations

from sqlalchemy import select

from testing_server.exam_day.recovery.standby.giving import attach_standbys
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.responses.records import RecordingRecord
from testing_server.exam_day.sittings.records import AttemptRecord
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.recovery.builders import greet, resend
from tests.testing_server.exam_day.recovery.standby.builders import Pair, list_lines


def seat_and_speak(room: Classroom, number: int = 0) -> FakeKiosk:
    """At work, with an answer and a recording."""
    kiosk = room.seat(number)
    room.start(kiosk)
    assert kiosk.answer("i1", "r1", "typed").status == 200
    kiosk.record("i2", "r2", make_speech(3))
    return kiosk


def test_everything_the_leader_has_is_here_after_a_round(pair: Pair) -> None:
    kiosk = seat_and_speak(pair.leader)
    sha256 = kiosk.keep_file("i1", "r1", b"drawing")
    assert kiosk.put_piece(sha256, 0, 7, b"drawing").status == 200
    standby = pair.keep_up()
    assert (standby.trouble, standby.behind.is_level) == ("", True)
    assert list_lines(pair.spare) == list_lines(pair.leader)
    for folder in ("recordings", "answer-files"):
        files = {path.relative_to(pair.leader.data): path.read_bytes()
                 for path in (pair.leader.data / folder).rglob("*") if path.is_file()}
        assert files and files == {path.relative_to(pair.spare.data): path.read_bytes()
                                   for path in (pair.spare.data / folder).rglob("*") if path.is_file()}


def test_promoted_it_goes_on_where_the_leader_stood(pair: Pair) -> None:
    kiosk = seat_and_speak(pair.leader)
    pair.keep_up()
    pair.cut = True
    pair.keep_up()
    assert pair.standby.trouble == "away"
    assert take_over(pair.spare.services, "organizer") == [pair.leader.sitting]
    old = kiosk.lease
    welcome = greet(kiosk, pair.spare).json
    assert welcome["acked"] == {kiosk.attempt: {str(old): len(kiosk.lines[old])}}
    assert list(welcome["durable"].values()) == [144_000]
    assert kiosk.sign_in(pair.leader.logins[0]).status == 200
    assert kiosk.lease > old and kiosk.open_lease().status == 200
    assert kiosk.answer("i1", "r1", "after").status == 200
    assert resend(kiosk, old).json["acked"] == len(kiosk.lines[old])
    pair.spare.sweep()
    with pair.spare.services.storage.read() as session:
        recording = session.scalars(select(RecordingRecord)).one()
        assert (recording.state, recording.durable_bytes) == ("committed", 144_000)
        assert session.get_one(AttemptRecord, kiosk.attempt).state == "started"


def test_the_leader_knows_how_far_it_is(pair: Pair) -> None:
    seat_and_speak(pair.leader)
    pair.keep_up()
    reached = list(attach_standbys(pair.leader.services).reached.values())
    assert len(reached) == 1 and reached[0].event == len(list_lines(pair.leader))
