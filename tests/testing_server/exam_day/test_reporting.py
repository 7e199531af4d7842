"""Reports to the hub: counts and places, no codes; a hub that is away hinders nothing."""
import json
from typing import Any

from testing_server.exam_day.reporting import report_sittings, send_reports
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.tending import CLOSE_AFTER_MS, Duty, Tending, close_expired
from testing_server.preparation.hub_link import HubAway
from tests.testing_server.exam_day.builders import HOUR_MS, Classroom, join_hub


class ListeningHub:
    """Stands in for HubLink."""

    def __init__(self, away: bool = False) -> None:
        self.heard: list[dict[str, Any]] = []
        self.away = away

    def send_report(self, report: dict[str, Any]) -> bool:
        if self.away:
            raise HubAway()
        self.heard.append(report)
        return True


def listen(room: Classroom, tmp_path: Any, monkeypatch: Any, away: bool = False) -> ListeningHub:
    join_hub(room, tmp_path / "hub", monkeypatch)
    hub = ListeningHub(away)
    room.room.open_hub = lambda school, key: hub  # type: ignore[assignment,return-value]
    return hub


def test_a_report_has_places_and_no_codes(open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch)
    open_room.start(open_room.seat(0))
    assert send_reports(open_room.services, open_room.room) == 1
    report = hub.heard[0]
    assert report["counts"] == {"started": 1, "assigned": 5}
    assert [seat["seat"] for seat in report["watched_seats"]] == ["1"]
    text = json.dumps(report)
    assert not any(login in text for login in open_room.logins) and "10001" not in text


def test_a_hub_that_is_away_is_noted(open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    listen(open_room, tmp_path, monkeypatch, away=True)
    assert send_reports(open_room.services, open_room.room) == 0
    assert (open_room.room.hearing.trouble, open_room.room.hearing.last_heard_ms) == ("hub_away", None)


def test_a_watched_sitting_reports_every_second(open_room: Classroom, tmp_path: Any, monkeypatch: Any) -> None:
    hub = listen(open_room, tmp_path, monkeypatch)
    monkeypatch.setattr(open_room.services.live.socketio, "start_background_task", lambda act, *args: act(*args))
    for _ in range(10):
        report_sittings(open_room.services)
        open_room.clock.advance(1_000)
    assert 5 <= len(hub.heard) <= 10


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
