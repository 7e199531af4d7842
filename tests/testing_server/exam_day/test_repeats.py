"""An item is done again where the work's rule and what happened allow it; everything else is refused by name."""
from typing import Any

import pytest

from testing_server.contracts.fold import AttemptState, FoldedRecording
from testing_server.contracts.plays import PlayState
from testing_server.exam_day.sittings.repeats import (
    Doing, HearingsSpent, ItemUnknown, NothingFailed, RepeatRefused, check_repeat, list_repeatable)
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.test_outages import ask


def make_doing(verdict: str = "heard", end_reason: str = "time", gaps: int = 0, plays: int = 2,
               ended: tuple[bool, ...] = (True,), incidents: tuple[dict[str, Any], ...] = ()) -> Doing:
    """A candidate who answered i1, listened to i2 and spoke i3."""
    heard = [PlayState(number, 5_000, is_over, 1_000, 6_000 if is_over else None)
             for number, is_over in enumerate(ended, 1)]
    recording = FoldedRecording(
        1025, 9, "i3", "r", 24_000, 200_000, True, 260_000, 10, 10, "", verdict, end_reason, gaps)
    state = AttemptState(visited={"i1": "answer", "i2": "listen", "i3": "after"}, plays={"i2": heard},
                         recordings=[recording], incidents=list(incidents))
    return Doing(state, {}, {"i1": 0, "i2": plays, "i3": 0})


@pytest.mark.parametrize(("doing", "item"), [
    (make_doing("silent"), "i3"), (make_doing(end_reason="device"), "i3"), (make_doing(gaps=1), "i3"),
    (make_doing(incidents=({"kind": "sound", "at_ms": 230_000, "text": "muted"},)), "i3"),
    (make_doing(incidents=({"kind": "outage", "at_ms": 400_000, "from_ms": 220_000},)), "i3"),
    (make_doing(incidents=({"kind": "call", "at_ms": 9_000, "reason": "no_sound"},)), "i2")])
def test_what_failed_technically_may_be_done_again(doing: Doing, item: str) -> None:
    check_repeat({}, doing, item)


@pytest.mark.parametrize(("rule", "doing", "item", "refusal"), [
    ({"repeat_item": "never"}, make_doing("silent"), "i3", RepeatRefused),
    ({}, make_doing(), "i3", NothingFailed),
    ({}, make_doing("silent"), "i1", NothingFailed),
    ({}, make_doing("silent"), "i9", ItemUnknown),
    ({}, make_doing(incidents=({"kind": "sound", "at_ms": 900_000},)), "i3", NothingFailed),
    ({}, make_doing(incidents=({"kind": "call", "at_ms": 230_000, "reason": "leave"},)), "i3", NothingFailed),
    ({"repeat_item": "any"}, make_doing(plays=1), "i2", HearingsSpent)])
def test_the_rest_is_refused_by_name(rule: dict[str, str], doing: Doing, item: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as told:
        check_repeat(rule, doing, item)
    assert type(told.value) is refusal


def test_the_servers_own_verdict_counts_over_the_seats() -> None:
    doing = make_doing("silent")
    assert list_repeatable({}, doing) == ["i3"]
    assert list_repeatable({}, Doing(doing.state, {(1025, 9): "heard"}, doing.plays)) == []
    assert list_repeatable({"repeat_item": "any"}, make_doing()) == ["i1", "i2", "i3"]


def test_a_repeat_reaches_the_seat_once_it_is_allowed(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    open_room.start(kiosk)
    kiosk.write("item_entered", item="i2", stage="speak")
    kiosk.record("i2", "r2", make_speech())
    refused = ask(person, open_room, "repeat_item", kiosk.attempt, item="i2")
    assert (refused.status_code, refused.get_json()["code"]) == (409, NothingFailed.code)
    kiosk.record("i2", "r2", make_speech(), verdict="neighbour")
    page = person.client.get(f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}").get_data(as_text=True)
    assert 'data-item="i2"' in page and 'data-item="i1"' not in page
    assert ask(person, open_room, "repeat_item", kiosk.attempt, item="i2").status_code == 200
    assert [(one["kind"], one["body"]) for one in kiosk.apply_directives()] == [("repeat_item", {"item": "i2"})]


def test_two_organizers_do_not_skip_two_items(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    open_room.start(kiosk)
    kiosk.write("item_entered", item="i1", stage="answer")
    kiosk.send()
    assert ask(person, open_room, "next_item", kiosk.attempt).status_code == 200
    assert ask(person, open_room, "next_item", kiosk.attempt).status_code == 409
    assert [one["body"] for one in kiosk.apply_directives()] == [{"item": "i1"}]
