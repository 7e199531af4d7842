"""Reports by the express lane: it keeps and says what the page keeps and says, for many in one transaction."""
from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from testing_server.exam_day.monitor.actions import Taken, take_reports
from testing_server.exam_day.monitor.intake import attach_intake, open_lane
from testing_server.exam_day.monitor.queries import list_live_sittings
from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import read_report
from testing_server.foundation.storage import Storage
from testing_server.foundation.tokens import make_token
from tests.builders import services_of
from tests.testing_server.exam_day.monitor.test_monitor import make_report
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol


NOW_MS = 1_700_000_000_000


@pytest.fixture
def ours(hub: Hub) -> EnrolledSchool:
    return enrol(hub)


def send(hub: Hub, school: str, report: dict[str, Any], part: str = "", kind: str = "school") -> Any:
    offered = services_of(hub.app)
    token = make_token(offered.mac_key, school, kind, hub.clock.now_ms() + 1000)
    said = open_lane(offered).answer(part, token, json.dumps(report).encode())
    return said if said is None else json.loads(said)


def read_kept(hub: Hub, school: str, sitting: str = "s1") -> dict[str, Any]:
    row = hub.read(lambda session: session.get(SittingReportRecord, (school, sitting)))
    return {name: getattr(row, name) for name in SittingReportRecord.__table__.columns.keys()
            if name not in ("school", "sitting")}


def test_the_lane_keeps_and_says_what_the_page_does(hub: Hub, ours: EnrolledSchool) -> None:
    other = enrol(hub, "sch330002")
    for report in (make_report(), make_report(version=2, server_at_ms=2), make_report(version=1, server_at_ms=1),
                   make_report(version=3, server_at_ms=3, counts={"finished": 9})):
        assert send(hub, ours.school.id, report) == {"watched": other.link.send_report(report)}
        assert read_kept(hub, ours.school.id) == read_kept(hub, other.school.id)
        hub.clock.advance(5_000)


def test_what_is_unusual_is_left_to_the_page(hub: Hub, ours: EnrolledSchool) -> None:
    for answer in (send(hub, ours.school.id, make_report(), part="/more"), send(hub, ours.school.id, {}),
                   send(hub, ours.school.id, make_report(), kind="workstation"),
                   open_lane(services_of(hub.app)).answer("", "guess", b"{}")):
        assert answer is None
    assert hub.read(list_live_sittings, None, hub.clock.now_ms()) == []


def test_reports_that_wait_are_written_in_one_transaction(hub: Hub, ours: EnrolledSchool,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    storage = services_of(hub.app).storage
    write, groups, turn = storage.write, [], threading.Event()

    def write_later(action: Any, *, locks_rows: bool = False) -> Any:
        groups.append(action)
        turn.wait(60)
        return write(action, locks_rows=locks_rows)

    monkeypatch.setattr(storage, "write", write_later)
    intake = attach_intake(services_of(hub.app))
    callers = [threading.Thread(target=send, args=(hub, ours.school.id, make_report(sitting=f"s{number}")))
               for number in range(12)]
    for number, caller in enumerate(callers):
        caller.start()
        while not groups or len(intake._gathering._next.items) < number:
            threading.Event().wait(0.005)
    turn.set()
    for caller in callers:
        caller.join(60)
    assert len(groups) == 2
    assert len(hub.read(list_live_sittings, None, hub.clock.now_ms())) == len(callers)


def test_two_reports_of_a_sitting_in_one_group(storage: Storage) -> None:
    first, second, third = (read_report(json.dumps(make_report(**more)).encode()) for more in (
        {}, {"version": 2, "server_at_ms": 2}, {"version": 3, "server_at_ms": 3, "counts": {"finished": 9}}))
    heard = [("a", first), ("b", second), ("a", second), ("a", third), ("a", first)]
    told = storage.write(lambda session: take_reports(session, NOW_MS, heard))
    assert [one.changed for one in told] == [True, True, False, True, False]
    again = storage.write(lambda session: take_reports(session, NOW_MS + 1, [("a", third), ("b", second)]))
    assert again == [Taken(False, False), Taken(False, False)]
    with storage.read() as session:
        rows = {row.school: (row.version, row.word, row.received_at_ms, row.changed_at_ms)
                for row in session.query(SittingReportRecord)}
    assert rows == {"a": (3, "ready", NOW_MS + 1, NOW_MS), "b": (2, "running", NOW_MS + 1, NOW_MS)}
