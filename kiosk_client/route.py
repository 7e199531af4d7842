"""The way through a work: what may be reached, what follows, where parts, fixed items and breaks end. Pure rules.

Takes the plan that came with `start`, the items of the variant and the folded state; gives answers and drafts. A work
without a plan is one part in which everything may be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk_client.drafts import Draft
from testing_server.contracts.breaks import name_break_timer
from testing_server.contracts.events import EventKind
from testing_server.contracts.fold import WORK_TIMER, AttemptState

Item = Mapping[str, Any]
OPEN, CLOSED, AHEAD = "open", "closed", "ahead"
FIXED, SPEAK = "fixed", "speak"
_LISTENING, _SPEAKING = ("read_s",), ("prepare_s", "record_s", "choose_s")


def apply_plan(items: Sequence[Item], plan: Mapping[str, Any]) -> list[Item]:
    """Items with this candidate's seconds, their part (with its `place` from 0) and the break that follows them."""
    parts = [dict(part, place=place) for place, part in enumerate(plan.get("parts", []))]
    part_of = {number: part for part in parts for number in part["positions"]}
    break_after = {one["after"]: one for one in plan.get("breaks", [])}
    seconds = plan.get("positions", {})
    return [_plan_item(item, seconds.get(str(item["position"]), {}), part_of, break_after) for item in items]


def _plan_item(item: Item, seconds: Mapping[str, int], part_of: Mapping[int, Any],
               break_after: Mapping[int, Any]) -> Item:
    number = item["position"]
    planned = {**item, "part": part_of.get(number), "break_after": break_after.get(number),
               "fixed_s": seconds.get("fixed_s"), "time_s": seconds.get("time_s", item.get("time_s"))}
    for rule, names in (("listening", _LISTENING), ("speaking", _SPEAKING)):
        if item.get(rule):
            planned[rule] = {**item[rule], **{name: seconds[name] for name in names if name in seconds}}
    if planned["fixed_s"]:
        planned["time_s"] = None  # the whole item is bounded, not one stage of it
    return planned


# What may be reached.

def find_current(items: Sequence[Item], state: AttemptState) -> Item | None:
    """The item the candidate is at, or was at when a break began."""
    return next((item for item in items if item["id"] == state.item), None)


def judge_reach(items: Sequence[Item], item: Item, state: AttemptState) -> str:
    """open, closed (left for good) or ahead (not yet)."""
    here = find_current(items, state)
    if here is None or not item.get("part"):
        return OPEN
    if state.break_now is not None:
        return CLOSED if item["position"] <= _find_resting_place(items, state) else AHEAD
    if item["part"]["place"] != here["part"]["place"]:
        return CLOSED if item["part"]["place"] < here["part"]["place"] else AHEAD
    if item["id"] == here["id"] or item["part"]["navigation"] == "free":
        return OPEN
    return CLOSED if item["position"] < here["position"] else AHEAD


def _find_resting_place(items: Sequence[Item], state: AttemptState) -> int:
    last = find_resting_item(items, state)
    return int(last["position"]) if last is not None else 0


def is_open(items: Sequence[Item], item: Item, state: AttemptState, now_ms: int) -> bool:
    """Whether answers of this item may still be given, as far as parts and breaks are concerned."""
    return judge_reach(items, item, state) == OPEN and state.break_now is None and not is_part_over(item, state, now_ms)


def may_walk(items: Sequence[Item], state: AttemptState) -> bool:
    """Whether the candidate may leave the item by himself: it is not fixed and no break goes on."""
    here = find_current(items, state)
    return state.break_now is None and not (here is not None and here.get("fixed_s"))


def may_finish(items: Sequence[Item], state: AttemptState) -> bool:
    """Whether nothing lies ahead that the candidate has not seen."""
    here = find_current(items, state)
    if here is None or not may_walk(items, state):
        return False
    return all(judge_reach(items, item, state) != AHEAD for item in items)


# Ends of time.

def has_fixed_time_left(item: Item, state: AttemptState, now_ms: int) -> bool:
    """Whether a fixed item still lasts: neither a second of waiting for the microphone nor the end of the work takes
    anything from it."""
    if not item.get("fixed_s"):
        return False
    timers = (name_fixed_timer(item["id"]), f"item:{item['id']}:{SPEAK}") if state.stage == SPEAK else (
        name_fixed_timer(item["id"]),)
    return any(state.left_ms(timer, now_ms) for timer in timers)


def is_part_over(item: Item, state: AttemptState, now_ms: int) -> bool:
    """Whether what is left of the work belongs to what follows this item's part."""
    left = count_part_left_ms(item, state, now_ms)
    return left is not None and left <= 0


def count_part_left_ms(item: Item, state: AttemptState, now_ms: int) -> int | None:
    """Milliseconds until the item's part must end, None where only the end of the work bounds it."""
    part, left = item.get("part"), state.left_ms(WORK_TIMER, now_ms)
    if not part or not part["rest_s"] or left is None or item.get("fixed_s"):
        return None
    return max(0, left - int(part["rest_s"]) * 1000)


def find_last_of_part(items: Sequence[Item], item: Item) -> Item:
    """The last item of this item's part."""
    if not item.get("part"):
        return items[-1]
    return [one for one in items if one["part"]["place"] == item["part"]["place"]][-1]


def name_fixed_timer(item_id: str) -> str:
    """The timer of a whole fixed item."""
    return f"item:{item_id}:{FIXED}"


def start_fixed_timer(item: Item, state: AttemptState, restart: bool) -> list[Draft]:
    """The clock of a fixed item: from its first stage on, once."""
    timer = name_fixed_timer(item["id"])
    if not item.get("fixed_s") or (timer in state.timers and not restart):
        return []
    return [Draft(EventKind.TIMER_STARTED, {"timer": timer, "allotted_ms": int(item["fixed_s"]) * 1000})]


# Breaks.

def find_break_ahead(item: Item, state: AttemptState) -> Mapping[str, Any] | None:
    """The break that follows this item and has not been had."""
    rest: Mapping[str, Any] | None = item.get("break_after")
    return rest if rest is not None and rest["number"] not in state.breaks else None


def find_resting_item(items: Sequence[Item], state: AttemptState) -> Item | None:
    """The item after which the break of now stands."""
    number = state.break_now.number if state.break_now else None
    return next((item for item in items if item.get("break_after") and item["break_after"]["number"] == number), None)


def begin_break(rest: Mapping[str, Any], state: AttemptState) -> list[Draft]:
    """Drafts: the item is left, the break and its clock begin."""
    number = int(rest["number"])
    return [Draft(EventKind.ITEM_LEFT, {"item": state.item}),
            Draft(EventKind.BREAK_STARTED, {"break": number, "kind": rest["kind"], "work_clock": rest["work_clock"]}),
            Draft(EventKind.TIMER_STARTED, {"timer": name_break_timer(number),
                                            "allotted_ms": int(rest["seconds"]) * 1000})]


def end_break(state: AttemptState, reason: str) -> list[Draft]:
    """Drafts of the end of the break of now; `reason`: time, candidate, organizer."""
    if state.break_now is None:
        return []
    return [Draft(EventKind.BREAK_ENDED, {"break": state.break_now.number, "reason": reason})]


def is_break_over(state: AttemptState, now_ms: int) -> bool:
    """Whether the break of now has had its time."""
    now = state.break_now
    return now is not None and state.left_ms(name_break_timer(now.number), now_ms) == 0


def find_work_stopped_ms(state: AttemptState, last_sign_ms: int | None) -> int | None:
    """Since when a seat that gives no sign keeps somebody from work: not while a break would go on anyway."""
    now = state.break_now
    if now is None or last_sign_ms is None:
        return last_sign_ms
    left = state.left_ms(name_break_timer(now.number), last_sign_ms) or 0
    return last_sign_ms + left // state.pace
