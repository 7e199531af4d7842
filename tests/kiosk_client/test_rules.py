"""Pure rules of the seat: stages, clocks, what may be answered, what time itself does."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_client import rules
from kiosk_client.fake_work import SPEAKING, make_items
from kiosk_client.rules import Due, Stage
from testing_server.contracts.fold import AttemptState, FoldedRecording, FoldedResponse
from testing_server.contracts.timers import TimerState

ITEMS = make_items("5" * 64, "6" * 64, SPEAKING)
WRITTEN, LISTENING, SPOKEN, TYPED = ITEMS
START, MINUTE = 1_000_000, 60_000


def make_state(item: str = "i1", stage: str = "answer", **changes: Any) -> AttemptState:
    """Started a moment ago, at an item, with ten minutes for the work."""
    state = AttemptState(started=True, item=item, stage=stage, visited={item: stage},
                         start_body={"window_ends_at_ms": START + 60 * MINUTE})
    state.timers["work"] = TimerState("work", START, 10 * MINUTE)
    for name, value in changes.items():
        setattr(state, name, value)
    return state


@pytest.mark.parametrize(("item", "stage"), [
    (WRITTEN, Stage.ANSWER), (LISTENING, Stage.READ), (SPOKEN, Stage.CHOOSE),
    ({**LISTENING, "listening": {**LISTENING["listening"], "read_s": 0}}, Stage.LISTEN)])
def test_items_begin_at_their_first_stage(item: dict[str, Any], stage: Stage) -> None:
    assert rules.first_stage(item) == stage


def test_entering_a_stage_starts_its_clock_once() -> None:
    drafts = rules.enter_stage(LISTENING, Stage.READ, make_state())
    assert [draft.kind for draft in drafts] == ["item_entered", "timer_started"]
    running = make_state(timers={"item:i2:read": TimerState("item:i2:read", START, 1000)})
    assert len(rules.enter_stage(LISTENING, Stage.READ, running)) == 1
    assert len(rules.enter_stage(LISTENING, Stage.READ, running, restart=True)) == 2


def test_the_clock_of_speech_does_not_start_before_the_microphone() -> None:
    assert len(rules.enter_stage(SPOKEN, Stage.SPEAK, make_state())) == 1
    [timer] = rules.start_speech_timer(SPOKEN, make_state(), restart=True)
    assert timer.body == {"timer": "item:i3:speak", "allotted_ms": 6000}


def test_walking_back_goes_on_where_the_item_was_left() -> None:
    state = make_state("i1", visited={"i1": "answer", "i2": "listen"})
    left, entered = rules.go_to(ITEMS, LISTENING, state)
    assert left.body == {"item": "i1"} and entered.body == {"item": "i2", "stage": "listen"}


@pytest.mark.parametrize("changes", [
    {"started": False}, {"finished_at_ms": START}, {"paused": [(START, None)]}, {"visited": {}},
    {"visited": {"i1": "after"}}, {"timers": {"item:i1:answer": TimerState("item:i1:answer", START, 1000)}}])
def test_answers_are_closed(changes: dict[str, Any]) -> None:
    assert not rules.may_answer(WRITTEN, make_state(**changes), START + 2000)
    assert rules.may_answer(WRITTEN, make_state(), START + 2000)


@pytest.mark.parametrize(("response", "value"), [
    ("r9", "c1"), ("r1", ["c1"]), ("r1", "x" * 20_001)])
def test_values_of_another_form_are_refused(response: str, value: Any) -> None:
    with pytest.raises(rules.BadValue):
        rules.check_value(WRITTEN, response, value)


def test_several_choices_are_a_list() -> None:
    rules.check_value(LISTENING, "r1", ["c1", "c2"])
    with pytest.raises(rules.BadValue):
        rules.check_value(LISTENING, "r1", "c1")


@pytest.mark.parametrize("value", [None, "", []])
def test_nothing_chosen_is_a_cleared_answer(value: Any) -> None:
    assert rules.draft_answer("i1", "r1", value).kind == "answer_cleared"


def timed(item: str, stage: str, allotted_ms: int, **changes: Any) -> AttemptState:
    state = make_state(item, stage, **changes)
    state.timers[f"item:{item}:{stage}"] = TimerState(f"item:{item}:{stage}", START, allotted_ms)
    return state


@pytest.mark.parametrize(("item", "stage", "due"), [
    ("i2", "read", Due(stage=Stage.LISTEN)), ("i3", "prepare", Due(stage=Stage.SPEAK)),
    ("i3", "speak", Due(stage=Stage.AFTER)), ("i1", "answer", None)])
def test_time_moves_an_item_on(item: str, stage: str, due: Due | None) -> None:
    state = timed(item, stage, 1000)
    assert rules.find_due(ITEMS, state, START + 999) is None
    assert rules.find_due(ITEMS, state, START + 1000) == due


def test_a_written_item_leaves_by_itself_only_where_the_work_says_so() -> None:
    items = [{**WRITTEN, "auto_move": True, "time_s": 1}, *ITEMS[1:]]
    assert rules.find_due(items, timed("i1", "answer", 1000), START + 1000) == Due(leaves=True)


def test_a_pause_stops_every_clock_but_not_the_window() -> None:
    state = timed("i3", "speak", 1000, paused=[(START + 500, None)])
    assert rules.find_due(ITEMS, state, START + 30 * MINUTE) is None
    assert rules.find_due(ITEMS, state, START + 60 * MINUTE) == Due(finishes=True)


def test_the_work_ends_with_its_time_and_extra_time_holds_it_open() -> None:
    assert rules.find_due(ITEMS, make_state(), START + 10 * MINUTE) == Due(finishes=True)
    assert rules.find_due(ITEMS, make_state(extra_ms=MINUTE), START + 10 * MINUTE) is None


def test_pace_runs_the_clock_faster_except_while_sound_is_heard() -> None:
    state = make_state(pace=10)
    assert state.left_ms("work", START + 1000) == 10 * MINUTE - 10_000
    state.recordings = [FoldedRecording(1, 2, "i3", "r2", 24_000, START)]
    assert state.left_ms("work", START + 1000) == 10 * MINUTE - 1000


def test_the_map_tells_answered_from_not() -> None:
    answers = {"i1/r1": FoldedResponse("c1", 1, 2, START), "i4/r1": FoldedResponse(None, 1, 3, START)}
    state = make_state(responses=answers)
    state.recordings = [FoldedRecording(1, 4, "i3", "r2", 24_000, START, True, START, 48_000, 24_000)]
    assert [line.answered for line in rules.summarize(ITEMS, state)] == ["all", "none", "all", "none"]


def test_a_take_broken_off_by_a_fault_is_not_used_up() -> None:
    def recording(reason: str) -> FoldedRecording:
        return FoldedRecording(1, 4, "i3", "r2", 24_000, START, True, START, end_reason=reason)
    assert rules.count_takes_left(SPOKEN, make_state(recordings=[recording("recovered")])) == 1
    assert rules.count_takes_left(SPOKEN, make_state(recordings=[recording("time")])) == 0


def test_outages_longer_than_ten_seconds_are_credited_up_to_the_limit() -> None:
    assert rules.find_outage(START, START + 10_000, 300_000) is None
    draft = rules.find_outage(START, START + 20_000, 300_000)
    assert draft and (draft.body["from_ms"], draft.body["credited_ms"]) == (START, 20_000)
    long = rules.find_outage(START, START + 900_000, 300_000)
    assert long and long.body["credited_ms"] == 300_000


@pytest.mark.parametrize(("value", "judged"), [
    (None, "none"), (["w1 g1"], "some"), (["w1 g1", "w2 g2"], "some"), (["w1 g1", "w2 g2", "w3 g3"], "all")])
def test_an_answer_with_places_left_is_an_answer_in_part(value: list[str] | None, judged: str) -> None:
    gaps = {**WRITTEN, "interactions": [{"id": "r1", "kind": "gap_match", "cardinality": "multiple",
                                         "base_type": "directedPair", "places": 3}]}
    state = make_state(responses={"i1/r1": FoldedResponse(value, 1, 2, START)})
    assert rules.summarize([gaps], state)[0].answered == judged
