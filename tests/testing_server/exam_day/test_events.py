"""Events: stored once, acknowledged without gaps, conflicts kept aside."""
from sqlalchemy import select

from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord
from testing_server.exam_day.sittings.records import IncidentRecord
from tests.testing_server.exam_day.builders import Classroom


def test_an_answer_is_stored_once_and_acknowledged(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    first = kiosk.answer("i1", "r1", "yes")
    again = kiosk.send()
    assert first.json["acked"] == again.json["acked"] == 2
    with open_room.services.storage.read() as session:
        assert len(session.scalars(select(EventRecord)).all()) == 2


def test_events_beyond_a_hole_are_kept_but_not_acknowledged(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    lines = [kiosk.write("answer_set", item="i1", response="r1", value=str(n)) for n in range(6)]
    assert kiosk.send(lines[2:4]).json["missing"] == [[2, 3]]
    told = kiosk.send(lines[5:]).json
    assert (told["acked"], told["missing"]) == (1, [[2, 3], [6, 6]])
    told = kiosk.send(lines).json
    assert (told["acked"], told["missing"]) == (7, [])


def test_another_event_under_a_known_number_is_kept_aside(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    kiosk.answer("i1", "r1", "first")
    kiosk.lines[kiosk.lease].pop()
    kiosk.write("answer_set", item="i1", response="r1", value="another")
    refused = kiosk.send()
    assert (refused.status, refused.json["code"]) == (409, "event_conflict")
    with open_room.services.storage.read() as session:
        assert "another" in session.scalars(select(EventConflictRecord)).one().line
        assert session.scalars(select(IncidentRecord.kind)).all() == ["event_conflict"]


def test_after_a_conflict_the_workstation_gets_a_new_lease(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    old = kiosk.lease
    kiosk.answer("i1", "r1", "first")
    kiosk.lines[old].pop()
    kiosk.write("answer_set", item="i1", response="r1", value="another")
    kiosk.send()
    kiosk.sign_in(open_room.logins[0])
    assert kiosk.lease == old + 1
    assert kiosk.open_lease().json["acked"] == 1


def test_a_batch_with_one_bad_line_changes_nothing(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    good = kiosk.write("answer_set", item="i1", response="r1", value="x")
    bad = good.replace("answer_set", "timer_started")
    refused = kiosk.send([good, bad])
    assert (refused.status, refused.json["code"]) == (422, "bad_event")
    assert kiosk.send([]).json["acked"] == 1


def test_a_stranger_cannot_write_for_a_candidate(open_room: Classroom) -> None:
    kiosk, stranger = open_room.seat(0), open_room.seat(1)
    stranger.seated = kiosk.seated
    stranger.lines = kiosk.lines
    assert stranger.send().json["code"] == "lease_unknown"


def test_too_many_events_at_once_are_refused(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    refused = kiosk.ask("POST", f"/v1/attempts/{kiosk.attempt}/events",
                        json={"lease": kiosk.lease, "events": kiosk.lines[kiosk.lease] * 201})
    assert (refused.status, refused.json["code"]) == (413, "too_large")
