"""Reports to the hub: counts and places, no codes; a hub that is away hinders nothing."""
import json
from collections import Counter
from dataclasses import replace
from typing import Any

from testing_server.exam_day.console.snapshot import make_report, take_snapshot
from testing_server.exam_day.monitor.api import REPORT_BYTES
from testing_server.exam_day.reporting import list_reported, report_sittings, send_reports
from testing_server.exam_day.school.watch_hints import WatchHints
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.tending import CLOSE_AFTER_MS, Duty, Tending, close_expired
from testing_server.preparation.hub_link import HubAway
from tests.testing_server.exam_day.builders import HOUR_MS, Classroom, join_hub


class ListeningHub:
    """Stands in for HubLink. `watches`: sittings a coordinator looks at."""

    url, token = "http://127.0.0.1:9", ""

    def __init__(self, away: bool = False) -> None:
        self.heard: list[dict[str, Any]] = []
        self.watches: set[str] = set()
        self.away = away

    def send_report(self, report: dict[str, Any]) -> bool:
        if self.away:
            raise HubAway()
        self.heard.append(report)
        return report["sitting"] in self.watches


def listen(room: Classroom, tmp_path: Any, monkeypatch: Any, away: bool = False) -> ListeningHub:
    """The line to the hub is this one; what would go on beside happens at once, but for the socket."""
    join_hub(room, tmp_path / "hub", monkeypatch)
    hub = ListeningHub(away)
    room.room.open_hub = lambda school, key: hub  # type: ignore[assignment,return-value]
    monkeypatch.setattr(WatchHints, "keep", lambda hints, start: None)
    monkeypatch.setattr(room.services.live.socketio, "start_background_task", lambda act, *args: act(*args))
    return hub


def report_now(room: Classroom) -> int:
    return send_reports(room.services, room.room, list_reported(room.services))


def let_pass(room: Classroom, seconds: int) -> None:
    """The duty looks every second."""
    for _ in range(seconds):
        report_sittings(room.services)
        room.clock.advance(1_000)


def test_a_report_has_no_codes_and_no_places_while_nobody_looks(
        open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch)
    open_room.start(open_room.seat(0))
    assert report_now(open_room) == 1
    report = hub.heard[0]
    assert (report["counts"], report["watched_seats"]) == ({"started": 1, "assigned": 5}, [])
    text = json.dumps(report)
    assert not any(login in text for login in open_room.logins) and "10001" not in text


def test_places_come_as_soon_as_somebody_looks(open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch)
    open_room.start(open_room.seat(0))
    hub.watches = {open_room.sitting}
    let_pass(open_room, 2)
    assert [len(report["watched_seats"]) for report in hub.heard] == [0, 1]
    assert hub.heard[1]["watched_seats"][0]["seat"] == "1"


def test_the_end_is_forecast_from_the_clocks_at_the_seats(
        open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub, kiosk = listen(open_room, tmp_path, monkeypatch), open_room.seat(0)
    open_room.start(kiosk)
    kiosk.write("timer_started", timer="work", allotted_ms=2_700_000)
    assert kiosk.send().status == 200
    report_now(open_room)
    left_ms = hub.heard[0]["forecast_end_at_ms"] - hub.heard[0]["server_at_ms"]
    assert 2_690_000 < left_ms <= 2_700_000


def test_a_hub_that_is_away_is_noted(open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    listen(open_room, tmp_path, monkeypatch, away=True)
    assert report_now(open_room) == 0
    assert (open_room.room.hearing.trouble, open_room.room.hearing.last_heard_ms) == ("hub_away", None)


def test_a_sitting_nobody_looks_at_is_reported_every_five_seconds(
        open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch)
    let_pass(open_room, 20)
    assert len(hub.heard) == 4


def test_only_the_watched_sitting_is_reported_every_second(
        open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub, watched = listen(open_room, tmp_path, monkeypatch), open_room.sitting
    other = open_room.make_sitting(1)
    hub.watches = {watched}
    let_pass(open_room, 20)
    counted = Counter(report["sitting"] for report in hub.heard)
    assert (counted[watched], counted[other]) == (20, 4)
    hub.watches = set()
    let_pass(open_room, 20)
    assert Counter(report["sitting"] for report in hub.heard)[watched] <= 26


def test_a_hint_is_obeyed_before_the_five_seconds_are_over(
        open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch)
    open_room.start(open_room.seat(0))
    let_pass(open_room, 1)
    hub.watches = {open_room.sitting}
    open_room.room.hearing.note_watched(open_room.sitting, True)
    let_pass(open_room, 1)
    assert [len(report["watched_seats"]) for report in hub.heard] == [0, 1]


def test_a_hub_that_comes_back_hears_the_present_and_not_the_past(
        open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch, away=True)
    let_pass(open_room, 60)
    hub.away = False
    let_pass(open_room, 5)
    assert len(hub.heard) == 1 and open_room.room.hearing.trouble == ""


def test_a_report_of_a_thousand_seats_fits(open_room: Classroom) -> None:
    with open_room.services.storage.read() as session:
        snapshot = take_snapshot(session, open_room.room, open_room.sitting)
    seat = replace(snapshot.seats[0], workstation="w", seat="1234", state="interrupted", position=99, left_s=99_999,
                   stage="prepare", recordings=[{"verdict": "wrong_device"}])
    report = make_report(replace(snapshot, seats=[seat] * 1_000), 999, is_watched=True)
    assert len(json.dumps(report).encode()) < REPORT_BYTES
    assert (len(report["watched_seats"]) + report["seats_left_out"], report["unheard"]) == (1_000, 1_000)


def test_a_failing_duty_does_not_end_the_others(open_room: Classroom) -> None:
    done: list[str] = []

    def fail(_offered: object) -> None:
        raise RuntimeError("broken")
    tending = Tending(open_room.services, [Duty("bad", 0, fail), Duty("good", 0, lambda _o: done.append("x"))])
    tending.run_round()
    tending.run_round()
    assert done == ["x", "x"]


def test_a_sitting_is_closed_after_its_window(open_room: Classroom) -> None:
    close_expired(open_room.services)
    open_room.clock.advance(8 * HOUR_MS + CLOSE_AFTER_MS + 1)
    close_expired(open_room.services)
    with open_room.services.storage.read() as session:
        assert find_sitting(session, open_room.sitting).state == "closing"
