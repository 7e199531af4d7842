"""The time line of a seat: everything in order, who commanded, where the link was lost, recordings that play."""
import re
from typing import Any

import pytest

from testing_server.contracts.events import Event
from testing_server.exam_day.replay.queries import Replay, read_replay
from testing_server.exam_day.replay.rules import Lane, Received, Told, find_lost_links, tell_seat
from testing_server.exam_day.sittings.actions import find_attempt, find_sitting, list_attempts
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

SECRET = "тайный ответ"


def make_event(number: int, kind: str, at_ms: int, **body: Any) -> Event:
    return Event(attempt="a", lease=1, number=number, kind=kind, at_ms=at_ms, err_ms=1, mono_ms=at_ms, boot_id="b",
                 body=body, prev="")


def heard(number: int, at_ms: int, late_ms: int = 0, kind: str = "timer_tick", **body: Any) -> Received:
    return Received(make_event(number, kind, at_ms, **body), at_ms + late_ms)


def answer(number: int, at_ms: int, value: str, item: str = "i1") -> Received:
    return heard(number, at_ms, kind="answer_set", item=item, response="r1", value=value)


def test_spans_without_a_link_are_found_from_late_arrivals() -> None:
    events = [heard(1, 0), heard(2, 5_000, 90_000), heard(3, 50_000, 45_000), heard(4, 200_000, 9_000),
              heard(5, 300_000, 11_000)]
    assert find_lost_links(events) == [(5_000, 95_000), (300_000, 311_000)]
    assert find_lost_links([]) == []


def test_typing_is_one_line_until_a_pause_or_another_item() -> None:
    moments = tell_seat([answer(1, 0, "а"), answer(2, 30_000, "аб"), answer(3, 200_000, "абв"),
                         answer(4, 201_000, "г", "i2")], [])
    assert [(one.times, one.until_ms, one.body["length"]) for one in moments] == [
        (2, 30_000, 2), (1, None, 3), (1, None, 1)]
    assert "value" not in moments[0].body


def test_a_command_stands_before_what_it_caused_and_looks_when_nobody_confirmed() -> None:
    applied = heard(1, 5, kind="directive_applied", generation=1)
    orders = [Told(5, "command_pause", "anna", {}, True, 6), Told(9, "command_resume", "anna", {}, True, None)]
    moments = tell_seat([applied], orders)
    assert [(one.what, one.needs_look) for one in moments] == [
        ("command_pause", False), ("directive_applied", False), ("command_resume", True)]


def replay_of(room: Classroom, kiosk: FakeKiosk) -> Replay:
    with room.services.storage.read() as session:
        return read_replay(session, find_sitting(session, room.sitting), find_attempt(session, kiosk.attempt))


@pytest.fixture
def told(open_room: Classroom) -> tuple[Classroom, FakeKiosk]:
    """A long work: hundreds of answers, speech, a pause by an organizer, a call."""
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    for number in range(300):
        kiosk.write("answer_set", item=f"i{1 + number % 2}", response="r1", value=SECRET[:number % 12])
    kiosk.send(kiosk.lines[kiosk.lease][:150])
    kiosk.send()
    kiosk.record("i2", "r2", make_speech())
    kiosk.write("incident_raised", kind="call", text="", reason="microphone")
    kiosk.send()
    open_room.command("pause")
    kiosk.apply_directives()
    open_room.sweep()
    open_room.run_jobs()
    return open_room, kiosk


def page_of(room: Classroom, kiosk: FakeKiosk) -> str:
    browser = room.browser("room_organizer")
    found = browser.get(f"/sittings/{room.sitting}/seats/{kiosk.attempt}/replay")
    assert found.status_code == 200
    return str(found.text)


def test_commands_are_told_with_who_gave_them(told: Any) -> None:
    room, kiosk = told
    commands = [(one.what, one.by) for one in replay_of(room, kiosk).moments if one.lane == Lane.COMMAND
                and one.what.startswith("command_")]
    assert commands == [("command_start", "organizer"), ("command_pause", "organizer")]


def test_the_page_tells_hundreds_of_events_without_an_answer(told: Any) -> None:
    room, kiosk = told
    page = page_of(room, kiosk)
    assert page.count("<tr id=") > 300 and SECRET not in page and "тайный" not in page
    assert "не работает микрофон" in page and "Команда: пауза" in page and "organizer" in page
    only = room.browser("school_organizer").get(
        f"/sittings/{room.sitting}/seats/{kiosk.attempt}/replay?lane=sound&lane=rubbish").text
    assert 0 < only.count("<tr id=") < 10


def test_a_recording_plays_by_ranges_for_organizers_alone(told: Any) -> None:
    room, kiosk = told
    browser = room.browser("school_organizer")
    page = browser.get(f"/sittings/{room.sitting}/seats/{kiosk.attempt}/replay").text
    address = re.search(r'<audio[^>]*src="([^"]+)"', page)
    assert address is not None
    whole = browser.get(address[1])
    assert whole.status_code == 200 and whole.data[:4] == b"fLaC"
    part = browser.get(address[1], headers={"Range": "bytes=4-9"})
    assert part.status_code == 206 and part.data == whole.data[4:10]
    assert room.browser("technician").get(address[1]).status_code == 403
    assert browser.get(address[1].replace(kiosk.attempt, "0" * 36)).status_code == 404


def test_of_another_sitting_or_of_nobody_there_is_nothing(told: Any) -> None:
    room, kiosk = told
    browser = room.browser("school_organizer")
    assert browser.get(f"/sittings/other/seats/{kiosk.attempt}/replay").status_code == 404
    assert browser.get(f"/sittings/{room.sitting}/seats/other/replay").status_code == 404


def test_a_candidate_who_never_came_has_an_empty_page(open_room: Classroom) -> None:
    with open_room.services.storage.read() as session:
        attempt = list_attempts(session, open_room.sitting)[0].id
    page = open_room.browser("room_organizer").get(f"/sittings/{open_room.sitting}/seats/{attempt}/replay")
    assert page.status_code == 200 and "Здесь появится всё" in page.text
