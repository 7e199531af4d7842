"""One button stops everybody and one lets everybody go on; a seat that heard it late loses no time."""
from typing import Any

from testing_server.contracts.fold import WORK_TIMER, AttemptState
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.evacuation import count_lost_ms, find_evacuation
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

MINUTE_MS = 60_000
ALLOTTED_MS = 45 * MINUTE_MS


def post(browser: Browser, room: Classroom, ending: str = "") -> Any:
    return browser.post(f"/sittings/{room.sitting}/evacuation{ending}", page=f"/sittings/{room.sitting}/evacuation")


def begin_work(room: Classroom, number: int) -> FakeKiosk:
    kiosk = room.seat(number)
    room.start(kiosk)
    kiosk.now_ms = room.room.clock.now_ms()
    kiosk.write("timer_started", timer=WORK_TIMER, allotted_ms=ALLOTTED_MS)
    kiosk.send()
    return kiosk


def obey(room: Classroom, kiosk: FakeKiosk) -> list[str]:
    kiosk.now_ms = room.room.clock.now_ms()
    return [one["kind"] for one in kiosk.apply_directives()]


def left_ms(room: Classroom, kiosk: FakeKiosk) -> int:
    with room.services.storage.read() as session:
        sitting = find_sitting(session, room.sitting)
        state = room.room.states.read(session, [kiosk.attempt], (sitting.opens_at_ms, sitting.closes_at_ms))
    return state[kiosk.attempt].left_ms(WORK_TIMER, room.room.clock.now_ms()) or 0


def test_everybody_stops_and_goes_on_with_the_time_they_had(open_room: Classroom) -> None:
    prompt, late, deaf = [begin_work(open_room, number) for number in range(3)]
    browser = open_room.browser("room_organizer")
    assert post(browser, open_room).status_code == 302
    assert obey(open_room, prompt) == ["pause"]
    open_room.clock.advance(5 * MINUTE_MS)
    assert obey(open_room, late) == ["pause"]
    page = browser.get(f"/sittings/{open_room.sitting}/evacuation").text
    assert "пауза дана всем, время сохранится" in browser.get(f"/sittings/{open_room.sitting}").text
    assert "ЭВАКУАЦИЯ с" in page and "Паузу ещё не подтвердили: 3." in page
    open_room.clock.advance(15 * MINUTE_MS)
    # the first console has locked itself meanwhile
    assert post(open_room.browser(), open_room, "/end").status_code == 302
    assert [obey(open_room, one) for one in (prompt, late, deaf)] == [
        ["resume"], ["credit", "resume"], ["pause", "credit", "resume"]]
    assert all(abs(left_ms(open_room, one) - ALLOTTED_MS) < 3_000 for one in (prompt, late, deaf))
    with open_room.services.storage.read() as session:
        assert find_evacuation(session, open_room.sitting) is None
        assert find_sitting(session, open_room.sitting).state == "running"


def test_who_was_paused_before_for_another_reason_stays_paused(open_room: Classroom) -> None:
    ill, well = begin_work(open_room, 0), begin_work(open_room, 1)
    open_room.command("pause", [ill.attempt])
    obey(open_room, ill)
    browser = open_room.browser("room_organizer")
    post(browser, open_room)
    obey(open_room, well)
    post(browser, open_room, "/end")
    assert obey(open_room, ill) == [] and obey(open_room, well) == ["resume"]


def test_twice_or_at_rest_is_refused_and_nobody_working_is_no_error(open_room: Classroom) -> None:
    browser = open_room.browser("room_organizer")
    assert post(browser, open_room, "/end").status_code == 409
    assert post(browser, open_room).status_code == 302
    assert post(browser, open_room).status_code == 409
    assert post(browser, open_room, "/end").status_code == 302
    assert open_room.browser("technician").get(f"/sittings/{open_room.sitting}/evacuation").status_code == 403


def test_a_list_to_count_by_has_codes_and_seats(open_room: Classroom) -> None:
    kiosk = begin_work(open_room, 0)
    found = open_room.browser("room_organizer").get(f"/sittings/{open_room.sitting}/evacuation/list.pdf")
    assert found.status_code == 200 and found.data[:5] == b"%PDF-" and kiosk.attempt


def test_lost_time_is_counted_to_the_pause_of_this_evacuation() -> None:
    state = AttemptState()
    assert count_lost_ms(state, 100, 900) == 800
    state.paused = [(10, 50), (400, None)]
    assert count_lost_ms(state, 100, 900) == 300
    state.paused = [(40, None)]
    assert count_lost_ms(state, 100, 900) == 0
