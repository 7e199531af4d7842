"""The express lane of answers keeps and says exactly what the page keeps and says, and leaves the rest to the page."""
from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select

from testing_server.exam_day.responses.intake import Intake, open_lane
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.records import LeaseRecord, SittingRecord
from testing_server.foundation.storage import StorageFull
from testing_server.foundation.tokens import make_token
from tests.testing_server.exam_day.builders import HOUR_MS, Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


@pytest.fixture
def intake(open_room: Classroom) -> Intake:
    return Intake(open_room.services)


def make_body(kiosk: FakeKiosk, lines: list[str]) -> bytes:
    return json.dumps({"lease": kiosk.lease, "events": lines}).encode()


def send(intake: Intake, kiosk: FakeKiosk, lines: list[str], **changes: str) -> Any:
    said = intake.answer(changes.get("attempt", kiosk.attempt), changes.get("token", kiosk.token),
                         make_body(kiosk, lines))
    return None if said is None else json.loads(said)


def write(kiosk: FakeKiosk, count: int) -> list[str]:
    return [kiosk.write("answer_set", item="i1", response="r1", value=str(number)) for number in range(count)]


def read_events(room: Classroom) -> list[tuple[Any, ...]]:
    """Everything of the events but their row and their attempt."""
    with room.services.storage.read() as session:
        return sorted((row.lease, row.number, row.kind, len(row.digest), row.received_at_ms)
                      for row in session.scalars(select(EventRecord)))


def test_the_lane_says_and_keeps_what_the_page_does(open_room: Classroom, intake: Intake) -> None:
    by_lane, by_page = open_room.seat(0), open_room.seat(1)
    assert send(intake, by_lane, write(by_lane, 3)) == by_page.send(write(by_page, 3)).json
    assert send(intake, by_lane, write(by_lane, 2)) == by_page.send(write(by_page, 2)).json
    kept = read_events(open_room)
    assert kept[0::2] == [one for one in kept[1::2]] and len(kept) == 12
    with open_room.services.storage.read() as session:
        heads = session.execute(select(LeaseRecord.acked, LeaseRecord.head_number)).all()
        lines = set(session.scalars(select(EventRecord.line)))
    assert heads == [(6, 6), (6, 6)]
    assert {*by_lane.lines[by_lane.lease], *by_page.lines[by_page.lease]} == lines


def test_what_does_not_simply_follow_is_left_to_the_page(open_room: Classroom, intake: Intake) -> None:
    kiosk = open_room.seat(0)
    lines = write(kiosk, 4)
    before = read_events(open_room)
    for left in (lines[1:], [lines[0], lines[2]], [], kiosk.lines[kiosk.lease][:1], ["rubbish"], ["{}"]):
        assert send(intake, kiosk, left) is None
    assert send(intake, kiosk, [lines[0].replace('"answer_set"', '"attempt_finished"')]) is None
    assert intake.answer(kiosk.attempt, kiosk.token, b"\xff{") is None
    assert read_events(open_room) == before
    assert send(intake, kiosk, lines)["acked"] == 5
    assert send(intake, kiosk, lines) is None, "a repeat is compared by the page"
    assert kiosk.send().json["acked"] == 5


def test_strangers_are_left_to_the_gate(open_room: Classroom, intake: Intake) -> None:
    kiosk, other = open_room.seat(0), open_room.seat(1)
    lines = write(kiosk, 1)
    key, now_ms = open_room.services.mac_key, open_room.services.clock.now_ms()
    wrong = {"stranger's": "a.b", "another kind": make_token(key, kiosk.workstation, "school", now_ms + 1),
             "another seat's": other.token, "out of time": make_token(key, kiosk.workstation, "workstation", now_ms)}
    for token in wrong.values():
        assert send(intake, kiosk, lines, token=token) is None
    assert send(intake, kiosk, lines, attempt=other.attempt) is None
    assert send(intake, kiosk, lines, attempt="../events") is None
    assert len(read_events(open_room)) == 2


def test_a_known_token_ends_at_its_hour(open_room: Classroom, intake: Intake) -> None:
    kiosk = open_room.seat(0)
    assert send(intake, kiosk, write(kiosk, 1))
    open_room.clock.advance(13 * HOUR_MS)
    assert send(intake, kiosk, write(kiosk, 1)) is None


@pytest.mark.parametrize("state", ["fenced", "packaged", "sent", "receipted"])
def test_a_sitting_that_is_over_is_left_to_the_page(open_room: Classroom, intake: Intake, state: str) -> None:
    kiosk = open_room.seat(0)

    def end(session: Any) -> None:
        session.get_one(SittingRecord, open_room.sitting).state = state
    open_room.write(end)
    assert send(intake, kiosk, write(kiosk, 1)) is None
    assert len(read_events(open_room)) == 1


def test_many_seats_at_once_are_each_kept_whole(open_room: Classroom, intake: Intake) -> None:
    kiosks = [open_room.seat(number) for number in range(6)]

    def type_answers(kiosk: FakeKiosk) -> None:
        for _ in range(5):
            assert send(intake, kiosk, write(kiosk, 15))

    typing = [threading.Thread(target=type_answers, args=(kiosk,)) for kiosk in kiosks]
    for thread in typing:
        thread.start()
    for thread in typing:
        thread.join()
    with open_room.services.storage.read() as session:
        for kiosk in kiosks:
            kept = session.scalars(select(EventRecord.line).where(
                EventRecord.attempt == kiosk.attempt).order_by(EventRecord.number)).all()
            assert kept == kiosk.lines[kiosk.lease] and len(kept) == 76


def test_a_full_disk_acknowledges_nothing_and_the_page_says_so(open_room: Classroom, intake: Intake,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = open_room.seat(0)

    def refuse(*_said: Any) -> None:
        raise StorageFull()
    monkeypatch.setattr(open_room.services.storage, "write_grouped", refuse)
    assert send(intake, kiosk, write(kiosk, 1)) is None
    assert len(read_events(open_room)) == 1


def test_consoles_hear_of_an_answer(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, heard = open_room.seat(0), []
    monkeypatch.setattr(open_room.services.live, "changed", lambda scope, version: heard.append(scope))
    open_room.clock.advance(6_000)
    assert send(Intake(open_room.services), kiosk, write(kiosk, 1))
    assert heard == ["workstations", f"sitting:{open_room.sitting}"]


def test_the_classroom_offers_the_lane(open_room: Classroom) -> None:
    assert [lane.start for lane in open_room.app.extensions["express"]] == [b"POST /v1/attempts/", b"GET /v1/attempts/"]
    lane = open_lane(open_room.services)
    assert lane is not None and lane.start.startswith(b"POST ")
