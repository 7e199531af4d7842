"""What an outage took, what the seat gave back by itself, and one act that gives the rest, never twice."""
from typing import Any

import pytest

from testing_server.contracts.fold import WORK_TIMER, AttemptState
from testing_server.contracts.timers import TimerState
from testing_server.exam_day.sittings.outages import Outage, count_returned_ms, join_spans, measure_outage
from testing_server.exam_day.sittings.rules import NothingToDo
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

T = 1_000_000


def make_state(*outages: tuple[int, int, int], **changes: Any) -> AttemptState:
    """Outages as (from, to, credited) in ms after the start."""
    state = AttemptState(timers={WORK_TIMER: TimerState(WORK_TIMER, T, 2_700_000)}, **changes)
    for start, end, credited in outages:
        state.incidents.append({"kind": "outage", "from_ms": T + start, "to_ms": T + end, "credited_ms": credited,
                                "at_ms": T + end})
        state.outages.append((T + end - credited, T + end))
    return state


@pytest.mark.parametrize(("outages", "returned_ms", "found"), [
    ((), 0, Outage()),
    (((0, 120_000, 120_000),), 0, Outage(120_000, 0)),
    (((0, 430_000, 300_000),), 0, Outage(430_000, 130_000)),
    (((0, 430_000, 300_000),), 130_000, Outage(430_000, 0)),
    (((0, 430_000, 300_000),), 500_000, Outage(430_000, 0)),
    (((0, 430_000, 300_000), (100_000, 200_000, 100_000)), 0, Outage(430_000, 100_000)),
    (((0, 430_000, 300_000), (600_000, 1_000_000, 300_000)), 130_000, Outage(830_000, 100_000))])
def test_what_is_owed_is_what_was_measured_and_not_given_back(
        outages: tuple[tuple[int, int, int], ...], returned_ms: int, found: Outage) -> None:
    assert measure_outage(make_state(*outages), returned_ms) == found


def test_time_that_stood_anyway_is_not_owed() -> None:
    paused = make_state((0, 430_000, 300_000), paused=[(T + 50_000, T + 100_000)])
    assert measure_outage(paused) == Outage(380_000, 80_000)


def test_before_the_work_began_nothing_was_lost() -> None:
    assert measure_outage(make_state((-500_000, 20_000, 0))) == Outage(20_000, 20_000)
    assert measure_outage(AttemptState()) == Outage()


@pytest.mark.parametrize("told", [{"from_ms": None}, {"to_ms": "x"}, {"from_ms": 9 * T, "to_ms": T}])
def test_rubbish_measures_nothing(told: dict[str, Any]) -> None:
    state = make_state()
    state.incidents.append({"kind": "outage", "from_ms": T, "to_ms": T + 5, "credited_ms": 0, "at_ms": T, **told})
    assert measure_outage(state) == Outage()


def test_joined_spans_and_credits_for_other_reasons() -> None:
    assert join_spans([(5, 9), (0, 3), (2, 4), (9, 10)]) == [(0, 4), (5, 10)]
    assert count_returned_ms([{"ms": 7000}, {"ms": 500, "outage": True}]) == 500


def seat_with_outage(room: Classroom, number: int = 0) -> FakeKiosk:
    """Seven minutes and ten seconds lost, five of them given back by the seat."""
    kiosk = room.seat(number)
    room.start(kiosk)
    kiosk.write("timer_started", timer=WORK_TIMER, allotted_ms=2_700_000)
    kiosk.now_ms += 430_000
    kiosk.write("incident_raised", kind="outage", text="430 s", from_ms=kiosk.now_ms - 430_000, to_ms=kiosk.now_ms,
                credited_ms=300_000)
    assert kiosk.send().status == 200
    return kiosk


def ask(person: Browser, room: Classroom, kind: str, attempt: str, **body: Any) -> Any:
    return person.client.post(f"/v1/sittings/{room.sitting}/commands", json={
        "kind": kind, "targets": [attempt], "body": body})


def look(person: Browser, room: Classroom, attempt: str) -> dict[str, Any]:
    seats = person.client.get(f"/v1/sittings/{room.sitting}/live").get_json()["seats"]
    return next(seat for seat in seats if seat["attempt"] == attempt)


def test_two_organizers_give_the_outage_back_once(open_room: Classroom) -> None:
    kiosk, first = seat_with_outage(open_room), open_room.browser()
    second = open_room.browser("room_organizer")
    owed_ms = look(first, open_room, kiosk.attempt)["outage"]["owed_ms"]
    assert 129_000 <= owed_ms <= 130_000
    assert ask(first, open_room, "credit", kiosk.attempt, outage=True).status_code == 200
    again = ask(second, open_room, "credit", kiosk.attempt, outage=True)
    assert (again.status_code, again.get_json()["code"]) == (409, NothingToDo.code)
    told = kiosk.apply_directives()
    assert [(one["kind"], one["body"]) for one in told] == [("credit", {"ms": owed_ms, "outage": True})]
    shown = look(second, open_room, kiosk.attempt)
    assert shown["outage"]["owed_ms"] == 0 and shown["last_command"]["by"] == "person-school-organizer"
