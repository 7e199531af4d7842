"""A start by the express lanes tells, keeps and moves exactly what the pages do, and leaves the rest to them."""
from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from testing_server.exam_day.responses import intake as intake_module
from testing_server.exam_day.responses.confirming import LARGEST
from testing_server.exam_day.responses.intake import Intake
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.responses.telling import Telling
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, LeaseRecord, SittingRecord
from testing_server.foundation.tokens import make_token
from tests.testing_server.exam_day.builders import HOUR_MS, Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


@pytest.fixture
def intake(open_room: Classroom) -> Intake:
    return Intake(open_room.services)


def tell(room: Classroom, kiosk: FakeKiosk, after: str = "", **changes: str) -> Any:
    asked = changes.get("asked", f"{changes.get('attempt', kiosk.attempt)}/directives?after={after}")
    said = Telling(room.services).answer(asked, changes.get("token", kiosk.token), b"")
    return None if said is None else json.loads(said)


def confirm(kiosk: FakeKiosk, told: list[str], **changes: Any) -> list[str]:
    lines = []
    for one in map(json.loads, told):
        one |= changes
        lines.append(kiosk.write("directive_applied", generation=one["generation"], number=one["number"],
                                 kind=one["kind"], body=one["body"]))
    return lines


def send(intake: Intake, kiosk: FakeKiosk, lines: list[str]) -> Any:
    body = json.dumps({"lease": kiosk.lease, "events": lines}).encode()
    said = intake.answer(kiosk.attempt, kiosk.token, body)
    return None if said is None else json.loads(said)


def read_kept(room: Classroom, kiosk: FakeKiosk) -> Any:
    """Everything a confirmation may change, with times since this seat's first line."""
    with room.services.storage.read() as session:
        attempt = session.get_one(AttemptRecord, kiosk.attempt)
        lease = session.get_one(LeaseRecord, (kiosk.attempt, kiosk.lease))
        applied = session.execute(select(DirectiveRecord.number, DirectiveRecord.applied_at_ms).where(
            DirectiveRecord.attempt == kiosk.attempt).order_by(DirectiveRecord.number)).all()
        events = session.scalar(select(func.count()).where(EventRecord.attempt == kiosk.attempt))
        return (attempt.state, attempt.started_at_ms, attempt.finished_at_ms, lease.state, lease.acked,
                lease.head_number, events, [tuple(row) for row in applied])


def read_version(room: Classroom) -> int:
    with room.services.storage.read() as session:
        return session.get_one(SittingRecord, room.sitting).version


def begin(room: Classroom, count: int = 2) -> list[FakeKiosk]:
    """Seats in a sitting that runs: the last one has started by the page."""
    kiosks = [room.seat(number) for number in range(count + 1)]
    room.command("start")
    kiosks[-1].apply_directives()
    return kiosks[:-1]


def test_the_lane_tells_what_the_page_tells(open_room: Classroom) -> None:
    kiosk, _ = begin(open_room)
    open_room.command("message", text="Тише \"там\"")
    for number in range(12):
        open_room.command("extra_time", seconds=60 + number)
    generation = json.loads(tell(open_room, kiosk)["directives"][0])["generation"]
    for after in ("", f"{generation}.0", f"{generation}.1", f"{generation}.9", f"{generation}.99", "0.5",
                  f"{generation - 1}.7", f"{generation + 1}.0"):
        page = kiosk.ask("GET", f"/v1/attempts/{kiosk.attempt}/directives?after={after}")
        assert tell(open_room, kiosk, after) == page.json, after
    assert len(tell(open_room, kiosk)["directives"]) == 14


@pytest.mark.parametrize("after", ["x", "1", "1.", "-1.0", "1.2.3", "1.0&more=1", "1" * 30 + ".0", "%31.0"])
def test_an_unusual_question_is_left_to_the_page(open_room: Classroom, after: str) -> None:
    kiosk, _ = begin(open_room)
    assert tell(open_room, kiosk, after) is None
    assert kiosk.ask("GET", f"/v1/attempts/{kiosk.attempt}/directives?after={after}").status == 200


def test_strangers_and_other_pages_are_left_to_the_gate(open_room: Classroom) -> None:
    kiosk, other = begin(open_room)
    key, now_ms = open_room.services.mac_key, open_room.services.clock.now_ms()
    for token in ("a.b", other.token, make_token(key, kiosk.workstation, "school", now_ms + 1),
                  make_token(key, kiosk.workstation, "workstation", now_ms)):
        assert tell(open_room, kiosk, token=token) is None
    assert tell(open_room, kiosk, attempt=other.attempt) is None
    assert tell(open_room, kiosk, asked=f"{kiosk.attempt}/history?after=") is None
    assert tell(open_room, kiosk, asked=f"../{kiosk.attempt}/directives?after=") is None
    assert tell(open_room, kiosk)["directives"]
    open_room.clock.advance(13 * HOUR_MS)
    assert tell(open_room, kiosk) is None


def test_who_asks_was_heard(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, heard = begin(open_room)[0], []
    monkeypatch.setattr(open_room.services.live, "changed", lambda scope, version: heard.append(scope))
    open_room.clock.advance(6_000)
    assert tell(open_room, kiosk) and tell(open_room, kiosk)
    assert heard == ["workstations"]


def test_the_lane_keeps_and_moves_what_the_page_does(open_room: Classroom, intake: Intake) -> None:
    by_lane, by_page = begin(open_room)
    done: dict[str, int] = {by_lane.attempt: 0, by_page.attempt: 0}
    for kind, body in (("", {}), ("pause", {}), ("message", {"text": "a"}), ("resume", {}),
                       ("extra_time", {"seconds": 60})):
        if kind:
            open_room.command(kind, **body)
        grown = []
        for kiosk in (by_lane, by_page):
            before, told = read_version(open_room), kiosk.fetch_directives()
            fresh = [json.dumps(one) for one in told[done[kiosk.attempt]:]]
            done[kiosk.attempt] = len(told)
            lines = [*confirm(kiosk, fresh), kiosk.write("item_entered", item="i1", stage="answer")]
            said = send(intake, kiosk, lines) if kiosk is by_lane else kiosk.send(lines).json
            assert said and said["acked"] == len(kiosk.lines[kiosk.lease])
            grown.append(read_version(open_room) - before)
        assert grown == [1, 1]
        # both seats' clocks count their own lines alike
        assert read_kept(open_room, by_lane) == read_kept(open_room, by_page), kind
    assert read_kept(open_room, by_lane)[0] == "started"


def test_a_confirmation_said_twice_and_one_of_nothing_change_what_the_page_would(open_room: Classroom,
                                                                                 intake: Intake) -> None:
    by_lane, by_page = begin(open_room)
    for kiosk in (by_lane, by_page):
        told = [json.dumps(one) for one in kiosk.fetch_directives()]
        lines = [*confirm(kiosk, told), *confirm(kiosk, told), *confirm(kiosk, told, number=99),
                 *confirm(kiosk, told, kind="nobody knows")]
        assert send(intake, kiosk, lines) if kiosk is by_lane else kiosk.send(lines).status == 200
    assert read_kept(open_room, by_lane) == read_kept(open_room, by_page)


def test_a_confirmation_of_a_seat_that_was_left_moves_nobody(open_room: Classroom, intake: Intake) -> None:
    by_lane, by_page = begin(open_room)

    def grant_newer(session: Any) -> None:
        for kiosk in (by_lane, by_page):
            session.add(LeaseRecord(attempt=kiosk.attempt, lease=kiosk.lease + 1, workstation=kiosk.workstation,
                                    state="granted", grant="{}", granted_at_ms=1))
    open_room.write(grant_newer)
    for kiosk in (by_lane, by_page):
        lines = confirm(kiosk, [json.dumps(one) for one in kiosk.fetch_directives()])
        assert send(intake, kiosk, lines) if kiosk is by_lane else kiosk.send(lines).status == 200
    assert read_kept(open_room, by_lane) == read_kept(open_room, by_page)
    assert read_kept(open_room, by_lane)[0] != "started"


@pytest.mark.parametrize("changes", [{"number": LARGEST}, {"generation": -LARGEST}], ids=str)
def test_numbers_no_database_keeps_are_the_pages(open_room: Classroom, intake: Intake,
                                                 changes: dict[str, int]) -> None:
    kiosk, _ = begin(open_room)
    before = read_kept(open_room, kiosk)
    lines = confirm(kiosk, [json.dumps(one) for one in kiosk.fetch_directives()], **changes)
    assert send(intake, kiosk, lines) is None
    assert read_kept(open_room, kiosk) == before


def test_the_first_start_is_the_pages_and_the_others_wait_for_it(open_room: Classroom, intake: Intake) -> None:
    kiosks = [open_room.seat(number) for number in range(6)]
    open_room.command("start")
    said: dict[str, Any] = {}

    def start(kiosk: FakeKiosk) -> None:
        lines = confirm(kiosk, tell(open_room, kiosk)["directives"])
        said[kiosk.attempt] = send(intake, kiosk, lines) or kiosk.send(lines).json

    starting = [threading.Thread(target=start, args=(kiosk,)) for kiosk in kiosks]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert [one["acked"] for one in said.values()] == [2] * 6
    with open_room.services.storage.read() as session:
        sitting = session.get_one(SittingRecord, open_room.sitting)
        assert sitting.state == "running" and sitting.started_at_ms
    assert {read_kept(open_room, kiosk)[0] for kiosk in kiosks} == {"started"}
    assert all(applied for kiosk in kiosks for _, applied in read_kept(open_room, kiosk)[-1])


def test_a_start_that_waits_in_vain_is_the_pages(open_room: Classroom, intake: Intake,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = open_room.seat(0)
    open_room.command("start")
    asked: list[Any] = []

    def stay_behind(_append: Any, batch: Any, _weight: int) -> Any:
        asked.append(batch)
        return intake_module.AGAIN
    monkeypatch.setattr(intake_module, "AGAIN_S", 0)
    monkeypatch.setattr(open_room.services.storage, "write_grouped", stay_behind)
    assert send(intake, kiosk, confirm(kiosk, tell(open_room, kiosk)["directives"])) is None
    assert len(asked) == intake_module.TRIES
