"""The live board: what classrooms report, faults first, and nothing that tells of a person."""
import json
from typing import Any

import pytest

from testing_server.exam_day.monitor.queries import AGAIN_MS, list_live_sittings
from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import (
    SILENT_AFTER_MS, judge_report, judge_silence, looks_alike, read_report)
from testing_server.foundation.progress import read_progress
from testing_server.preparation.hub_link import HubRefused
from tests.builders import Browser, services_of
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol


def make_report(**changes: Any) -> dict[str, Any]:
    """A sitting at work."""
    return {"sitting": "s1", "version": 1, "assessment": "english-7", "room": "21", "counts": {"started": 9},
            "incidents": 0, "server_at_ms": 1, "forecast_end_at_ms": None, "watched_seats": [], **changes}


@pytest.fixture
def ours(hub: Hub) -> EnrolledSchool:
    return enrol(hub)


def test_a_report_shows_on_the_board(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    board = hub.browser("coordinator", "coordinator").get("/v1/monitor/sittings").get_json()
    row, = board["sittings"]
    assert (row["school_name"], row["room"], row["word"], row["last_s"]) == (ours.school.name, "21", "running", 0)


def read_changes(browser: Browser, after_ms: int) -> dict[str, Any]:
    told: dict[str, Any] = browser.get(f"/v1/monitor/sittings/changes?after={after_ms}").get_json()
    return told


def test_a_board_is_sent_what_changed_and_who_is_silent(hub: Hub, ours: EnrolledSchool) -> None:
    browser = hub.browser("coordinator", "coordinator")
    ours.link.send_report(make_report())
    ours.link.send_report(make_report(sitting="s2"))
    hub.clock.advance(AGAIN_MS + 1)
    version = hub.clock.now_ms()
    ours.link.send_report(make_report(version=2, server_at_ms=2))
    assert read_changes(browser, version) == {"version": version, "sittings": [], "silent": []}
    ours.link.send_report(make_report(version=3, server_at_ms=3, counts={"started": 8, "finished": 1}))
    only, = read_changes(browser, version)["sittings"]
    assert (only["sitting"], only["counts"]["finished"]) == ("s1", 1)
    hub.clock.advance(SILENT_AFTER_MS - AGAIN_MS)
    assert read_changes(browser, hub.clock.now_ms())["silent"] == [[ours.school.id, "s2"]]
    other = hub.browser("other", "coordinator", territory="Камчатский край")
    assert read_changes(other, 1) == {"version": hub.clock.now_ms(), "sittings": [], "silent": []}


@pytest.mark.parametrize("changes, alike", [
    ({"version": 9, "server_at_ms": 9, "watched_seats": [{"seat": "1", "state": "started"}]}, True),
    ({"forecast_end_at_ms": 59_999}, True), ({"forecast_end_at_ms": 60_000}, False), ({"incidents": 1}, False),
    ({"unheard": 1}, False), ({"counts": {"started": 8, "paused": 1}}, False), ({"room": "22"}, False)])
def test_a_report_that_shows_the_same_wakes_nobody(changes: dict[str, Any], alike: bool) -> None:
    before, after = (read_report(json.dumps(make_report(**{"forecast_end_at_ms": 1, **more})).encode())
                     for more in ({}, changes))
    assert looks_alike(before, after) is alike


def test_a_classroom_reports_faster_while_somebody_watches(hub: Hub, ours: EnrolledSchool) -> None:
    assert ours.link.send_report(make_report()) is False
    browser = hub.browser("coordinator", "coordinator")
    address = f"/v1/monitor/sittings/{ours.school.id}/s1"
    assert browser.get(address).status_code == 200
    assert ours.link.send_report(make_report(version=2)) is True
    hub.clock.advance(60_000)
    assert ours.link.send_report(make_report(version=3)) is False


def test_seats_are_shown_without_codes(hub: Hub, ours: EnrolledSchool) -> None:
    seat = {"seat": "5", "state": "started", "item": 2, "left_s": 60, "verdict": "too_quiet", "code": "12345",
            "name": "Иванов"}
    ours.link.send_report(make_report(watched_seats=[seat], names=["Иванов"]))
    browser = hub.browser("coordinator", "coordinator")
    told = browser.get(f"/v1/monitor/sittings/{ours.school.id}/s1")
    assert told.get_json()["seats"] == [{"seat": "5", "state": "started", "item": 2, "left_s": 60,
                                         "verdict": "too_quiet", "is_resting": False}]
    kept = hub.read(lambda session: session.get(SittingReportRecord, (ours.school.id, "s1")).body)
    assert "12345" not in kept and "Иванов" not in kept


def test_an_older_report_never_replaces_a_newer_one(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report(version=5, server_at_ms=500, counts={"finished": 3}))
    ours.link.send_report(make_report(version=4, server_at_ms=400))
    assert hub.read(list_live_sittings, None, hub.clock.now_ms())[0].word == "ready"


def test_a_restarted_classroom_is_believed_again(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report(version=5000, server_at_ms=500))
    ours.link.send_report(make_report(version=1, server_at_ms=600, counts={"finished": 3}))
    assert hub.read(list_live_sittings, None, hub.clock.now_ms())[0].word == "ready"


def test_silence_is_a_fault_until_the_sitting_is_over(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    ours.link.send_report(make_report(sitting="s2", counts={"finished": 2, "absent": 1}))
    hub.clock.advance(SILENT_AFTER_MS + 1)
    words = {one.sitting: one.word for one in hub.read(list_live_sittings, None, hub.clock.now_ms())}
    assert words == {"s1": "offline", "s2": "ready"}


def test_faults_stand_first(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report(sitting="ready", counts={"finished": 1}))
    ours.link.send_report(make_report(sitting="running"))
    ours.link.send_report(make_report(sitting="trouble", counts={"interrupted": 1}))
    found = hub.read(list_live_sittings, None, hub.clock.now_ms())
    assert [one.sitting for one in found] == ["trouble", "running", "ready"]


def test_a_sitting_is_forgotten_after_a_day(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    hub.clock.advance(25 * 3_600_000)
    assert hub.read(list_live_sittings, None, hub.clock.now_ms()) == []


@pytest.mark.parametrize("spoil", [
    {"counts": []}, {"version": "x"}, {"sitting": ""}, {"sitting": "x" * 81}, {"watched_seats": [{"seat": 1}]},
    {"counts": {str(n): 1 for n in range(40)}}])
def test_a_report_that_cannot_be_read_is_refused(ours: EnrolledSchool, spoil: dict[str, Any]) -> None:
    with pytest.raises(HubRefused) as refused:
        ours.link.send_report(make_report(**spoil))
    assert refused.value.code == "bad_report"


def test_a_report_is_at_most_32_kibibytes(ours: EnrolledSchool) -> None:
    with pytest.raises(HubRefused) as refused:
        ours.link.send_report(make_report(room="x" * 40_000))
    assert refused.value.status == 413


def test_nobody_else_reports_or_watches(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    organizer = hub.browser("organizer", "school_organizer", school=ours.school.id)
    assert organizer.client.post("/v1/reports", json=make_report()).status_code == 403
    assert organizer.get("/v1/monitor/sittings").status_code == 403
    assert hub.app.test_client().post("/v1/reports", json=make_report()).status_code == 401


def test_a_coordinator_sees_the_own_territory_alone(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    other = hub.browser("other", "coordinator", territory="Камчатский край")
    assert other.get("/v1/monitor/sittings").get_json()["sittings"] == []
    address = f"/v1/monitor/sittings/{ours.school.id}/s1"
    assert other.get(address).status_code == 404
    assert other.get(f"/coordinator/live/{ours.school.id}/s1").status_code == 404
    assert other.get("/v1/board").get_json()["schools"]["id"] == []


def test_watchers_are_told_that_something_changed(hub: Hub, ours: EnrolledSchool) -> None:
    browser = hub.browser("coordinator", "coordinator")
    socket = services_of(hub.app).live.socketio.test_client(hub.app, flask_test_client=browser.client)
    assert socket.emit("watch", {"scope": "monitor"}, callback=True) == {"scope": "monitor"}
    ours.link.send_report(make_report())
    services_of(hub.app).live.socketio.sleep(0.5)
    told = [message for message in socket.get_received() if message["name"] == "changed"]
    assert told and told[-1]["args"][0]["scope"] == "monitor" and "counts" not in str(told)


def test_an_organizer_may_not_watch_the_board(hub: Hub, ours: EnrolledSchool) -> None:
    browser = hub.browser("organizer", "school_organizer", school=ours.school.id)
    socket = services_of(hub.app).live.socketio.test_client(hub.app, flask_test_client=browser.client)
    assert socket.emit("watch", {"scope": "monitor"}, callback=True)["code"] == "not_allowed"


def test_progress_follows_the_sittings_word(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    ours.link.send_report(make_report(version=2, server_at_ms=2, counts={"finished": 9}))
    steps = {one.step: one.state for one in hub.read(read_progress, ours.school.id)}
    assert (steps["sittings"], steps["finished"]) == ("ready", "ready")


def test_live_pages_open(hub: Hub, ours: EnrolledSchool) -> None:
    ours.link.send_report(make_report())
    browser = hub.browser("coordinator", "coordinator")
    assert 'data-scope="monitor"' in browser.get("/coordinator/live").text
    assert ours.school.name in browser.get(f"/coordinator/live/{ours.school.id}/s1").text


@pytest.mark.parametrize("counts,word", [
    ({}, "waiting"), ({"assigned": 3}, "waiting"), ({"started": 1, "finished": 2}, "running"),
    ({"paused": 1}, "running"),
    ({"interrupted": 1, "started": 2}, "attention"), ({"finished": 2, "absent": 1}, "ready")])
def test_counts_become_one_word(counts: dict[str, int], word: str) -> None:
    report = read_report(str(make_report(counts=counts)).replace("'", '"').replace("None", "null").encode())
    assert judge_report(report) == word
    assert judge_silence(word, 0, SILENT_AFTER_MS) == word
