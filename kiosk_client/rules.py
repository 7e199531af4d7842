"""What a candidate may do now and what happens by itself: pure rules over rendered items and the folded state.

Takes items as the variant holds them, the state and the server's time; gives drafts of events, or what is due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kiosk_client import route
from kiosk_client.drafts import Draft
from testing_server.contracts.events import EventKind
from testing_server.contracts.fold import WORK_TIMER, AttemptState, FoldedResponse
from testing_server.contracts.plays import plays_left
from testing_server.contracts.refusals import ContractRefusal
from testing_server.contracts.timers import credit_outage

Item = Mapping[str, Any]
TAKE_ENDS = frozenset({"candidate", "time"})
MAX_TEXT = 20_000


class Stage(StrEnum):
    """Where a candidate is inside an item."""

    ANSWER = "answer"
    READ = "read"
    LISTEN = "listen"
    CHOOSE = "choose"
    PREPARE = "prepare"
    SPEAK = "speak"
    AFTER = "after"


# While these run nobody walks away: the time is the task's own.
BOUND_STAGES = frozenset({Stage.PREPARE, Stage.SPEAK})
_ANSWERING = frozenset({Stage.ANSWER, Stage.READ, Stage.LISTEN, Stage.CHOOSE, Stage.PREPARE})


class BadValue(ContractRefusal):
    """The value has not the form of the interaction's answers."""

    code = "bad_answer"


def find_item(items: Sequence[Item], item_id: str) -> Item | None:
    """The item of this id."""
    return next((item for item in items if item["id"] == item_id), None)


def find_following(items: Sequence[Item], item_id: str) -> Item | None:
    """The item after this one, None at the end."""
    ids = [item["id"] for item in items]
    place = ids.index(item_id) + 1 if item_id in ids else 0
    return items[place] if place < len(items) else None


def first_stage(item: Item) -> Stage:
    """Where an item begins."""
    if item.get("speaking"):
        return Stage.CHOOSE
    listening = item.get("listening")
    if listening:
        return Stage.READ if listening.get("read_s") else Stage.LISTEN
    return Stage.ANSWER


def next_stage(item: Item, stage: str) -> Stage | None:
    """What follows a stage when its time is out, None if nothing does."""
    follows = {Stage.READ: Stage.LISTEN, Stage.CHOOSE: Stage.PREPARE, Stage.PREPARE: Stage.SPEAK,
               Stage.SPEAK: Stage.AFTER}
    return follows.get(Stage(stage))


def name_timer(item_id: str, stage: str) -> str:
    """The name under which a stage's timer is journalled."""
    return f"item:{item_id}:{stage}"


def allot_ms(item: Item, stage: str) -> int | None:
    """How long a stage may last, None for as long as the work."""
    speaking, listening = item.get("speaking") or {}, item.get("listening") or {}
    seconds = {
        Stage.READ: listening.get("read_s"), Stage.CHOOSE: speaking.get("choose_s"),
        Stage.PREPARE: speaking.get("prepare_s"), Stage.SPEAK: speaking.get("record_s"),
        Stage.ANSWER: item.get("time_s"),
    }.get(Stage(stage))
    return int(seconds) * 1000 if seconds else None


def enter_stage(item: Item, stage: str, state: AttemptState, restart: bool = False) -> list[Draft]:
    """Drafts of entering a stage: the item, and its timer if it has one that does not run yet."""
    drafts = [Draft(EventKind.ITEM_ENTERED, {"item": item["id"], "stage": str(stage)})]
    drafts += route.start_fixed_timer(item, state, restart and stage == first_stage(item))
    allotted, timer = allot_ms(item, stage), name_timer(item["id"], stage)
    # The clock of speech starts when the microphone is open, not before: see `start_speech_timer`.
    if allotted is not None and stage != Stage.SPEAK and (restart or timer not in state.timers):
        drafts.append(Draft(EventKind.TIMER_STARTED, {"timer": timer, "allotted_ms": allotted}))
    return drafts


def start_speech_timer(item: Item, state: AttemptState, restart: bool) -> list[Draft]:
    """The clock of speech: once per take, it goes on for a further recording of the same take."""
    timer = name_timer(item["id"], Stage.SPEAK)
    if timer in state.timers and not restart:
        return []
    return [Draft(EventKind.TIMER_STARTED, {"timer": timer, "allotted_ms": allot_ms(item, Stage.SPEAK) or 0})]


def go_to(items: Sequence[Item], target: Item, state: AttemptState) -> list[Draft]:
    """Drafts of walking to another item: it goes on where it was left."""
    drafts = []
    if state.item and state.item != target["id"]:
        drafts.append(Draft(EventKind.ITEM_LEFT, {"item": state.item}))
    stage = state.visited.get(target["id"]) or first_stage(target)
    return drafts + enter_stage(target, stage, state)


def name_way_on(items: Sequence[Item], state: AttemptState) -> str:
    """What comes when the candidate goes on: item (and back is possible), closing (no way back), break, end; "" =
    nobody may go on by himself now."""
    here = find_item(items, state.item)
    if here is None or not may_leave(state) or not route.may_walk(items, state):
        return ""
    following = find_following(items, here["id"])
    if following is None:
        return "end"
    if route.find_break_ahead(here, state) is not None:
        return "break"
    return "closing" if route.judge_reach(items, following, state) == route.AHEAD else "item"


def may_leave(state: AttemptState) -> bool:
    """Whether the candidate may walk to another item or finish."""
    return state.stage not in BOUND_STAGES


def may_answer(item: Item, state: AttemptState, now_ms: int) -> bool:
    """Whether answers of this item count now."""
    stage = state.visited.get(item["id"], "")
    is_stopped = state.finished or state.is_paused or state.absence is not None
    if not state.started or is_stopped or stage not in _ANSWERING:
        return False
    left = state.left_ms(name_timer(item["id"], Stage.ANSWER), now_ms)
    return left is None or left > 0


def check_value(item: Item, response: str, value: str | list[str] | None) -> None:
    """Raise BadValue unless the item has such an interaction and the value its form."""
    found = next((i for i in item.get("interactions", []) if i["id"] == response), None)
    if found is None:
        raise BadValue(f"no response {response}")
    if value is None:
        return
    is_list = found["cardinality"] in ("multiple", "ordered")
    if is_list != isinstance(value, list):
        raise BadValue(f"{response} is {found['cardinality']}")
    if len("".join(value)) > MAX_TEXT:
        raise BadValue(f"{response}: longer than {MAX_TEXT}")


def draft_answer(item_id: str, response: str, value: str | list[str] | None) -> Draft:
    """The event of an answer; nothing chosen and an empty text are answers too: cleared ones."""
    body: dict[str, Any] = {"item": item_id, "response": response}
    if value is None or value == [] or value == "":
        return Draft(EventKind.ANSWER_CLEARED, body)
    return Draft(EventKind.ANSWER_SET, {**body, "value": value})


def count_takes(item: Item, state: AttemptState) -> int:
    """Finished takes of a spoken answer; what was broken off by a fault is part of the same take."""
    return sum(recording.item == item["id"] and recording.end_reason in TAKE_ENDS for recording in state.recordings)


def count_takes_left(item: Item, state: AttemptState) -> int:
    """How often the candidate may still record this item."""
    speaking = item.get("speaking") or {}
    return max(0, int(speaking.get("takes", 1)) - count_takes(item, state)) if speaking else 0


def count_plays_left(item: Item, state: AttemptState) -> int:
    """How often a listening item may still be heard."""
    listening = item.get("listening") or {}
    return plays_left(state.plays.get(item["id"], []), int(listening.get("plays", 0)))


@dataclass(frozen=True)
class Due:
    """What time itself does now: finish the work, end a break or a part, or move the current item on."""

    finishes: bool = False
    ends_break: bool = False
    ends_part: bool = False
    stage: Stage | None = None
    leaves: bool = False


def find_due(items: Sequence[Item], state: AttemptState, now_ms: int) -> Due | None:
    """What is due, None if nothing. A pause stops everything but the window's end; while the candidate is out of the
    room nobody is made to prepare or speak."""
    if not state.started or state.finished:
        return None
    item = find_item(items, state.item)
    lasts = item is not None and state.break_now is None and route.has_fixed_time_left(item, state, now_ms)
    if is_window_over(state, now_ms) or (is_time_out(state, now_ms) and not lasts):
        return Due(finishes=True)
    if state.is_paused or item is None:
        return None
    if state.break_now is not None:
        return Due(ends_break=True) if route.is_break_over(state, now_ms) else None
    if item.get("fixed_s") and not lasts:
        return Due(leaves=True)
    if route.is_part_over(item, state, now_ms):
        return Due(ends_part=True) if item["part"]["auto_move"] else None
    return _find_due_of_stage(item, state, now_ms)


def _find_due_of_stage(item: Item, state: AttemptState, now_ms: int) -> Due | None:
    left = state.left_ms(name_timer(item["id"], state.stage), now_ms)
    if left is None or left > 0 or not state.stage or state.absence is not None:
        return None
    following = next_stage(item, state.stage)
    if following is not None:
        return Due(stage=following)
    return Due(leaves=True) if state.stage == Stage.ANSWER and item.get("auto_move") else None


def is_time_out(state: AttemptState, now_ms: int) -> bool:
    """Whether the work's time is over."""
    return state.left_ms(WORK_TIMER, now_ms) == 0


def is_window_over(state: AttemptState, now_ms: int) -> bool:
    """Whether the access window is over: nothing counts any more."""
    ends = state.start_body.get("window_ends_at_ms")
    return isinstance(ends, int) and now_ms >= ends


@dataclass(frozen=True)
class Summary:
    """One line of the map of the work. `answered`: all | some | none; `reach`: open | closed | ahead; `part`: the
    place of its part from 0."""

    id: str
    position: int
    stage: str
    answered: str
    recordings: int
    reach: str
    part: int


def summarize(items: Sequence[Item], state: AttemptState) -> list[Summary]:
    """The map of the work: what is answered and what is not."""
    return [Summary(item["id"], item["position"], state.visited.get(item["id"], ""), _judge_answered(item, state),
                    _count_spoken(item, state), route.judge_reach(items, item, state),
                    (item.get("part") or {}).get("place", 0)) for item in items]


def _count_spoken(item: Item, state: AttemptState) -> int:
    return sum(recording.item == item["id"] and recording.samples > 0 for recording in state.recordings)


def _judge_answered(item: Item, state: AttemptState) -> str:
    shares = [_judge_filled(i, state.responses.get(f"{item['id']}/{i['id']}")) for i in item.get("interactions", [])]
    if item.get("speaking"):
        shares.append("all" if _count_spoken(item, state) else "none")
    if set(shares) <= {"none"}:
        return "none"
    return "all" if set(shares) == {"all"} else "some"


def _judge_filled(interaction: Item, found: FoldedResponse | None) -> str:
    """One interaction: an answer with fewer things than it has places (gaps, rows, slots) is filled in part."""
    if found is None or found.value is None or found.value == []:
        return "none"
    places = interaction.get("places")
    filled = len(set(found.value)) if isinstance(found.value, list) else 1
    return "some" if isinstance(places, int) and filled < places else "all"


def find_outage(last_at_ms: int | None, now_ms: int, auto_credit_ms: int) -> Draft | None:
    """The incident of a time in which nobody could work at this seat; None if it was shorter than 10 s."""
    span = credit_outage(last_at_ms, now_ms, auto_credit_ms) if last_at_ms is not None else None
    if span is None or last_at_ms is None or span[1] is None:
        return None
    return Draft(EventKind.INCIDENT_RAISED, {
        "kind": "outage", "text": f"{(now_ms - last_at_ms) // 1000} s without work at this seat",
        "from_ms": last_at_ms, "to_ms": span[1], "credited_ms": span[1] - span[0]})
