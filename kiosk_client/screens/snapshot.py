"""What the page shows, as one dictionary: a pure reading of the agent, taken whenever something changed.

Texts of the interface are the page's; here are codes, numbers and the work's own words.
"""

from __future__ import annotations

from typing import Any

from kiosk_client import route, rules
from kiosk_client.agent import Agent
from kiosk_client.refusals import NotNow, UnknownItem
from kiosk_client.rules import Item, Stage
from kiosk_client.screens.actions import LANGUAGE, read_volume
from kiosk_client.seat import Seat
from testing_server.contracts.absences import STANDS
from testing_server.contracts.breaks import name_break_timer
from testing_server.contracts.calls import CALL, find_reason
from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.fold import WORK_TIMER, AttemptState, FoldedRecording
from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.contracts.verdicts import NEEDS_ORGANIZER

Shown = dict[str, Any]
# How long the verdict of an answer is told at the item that followed by itself.
VERDICT_SHOWN_MS = 15_000


def take_snapshot(agent: Agent) -> Shown:
    """Everything one screen needs."""
    seat = agent.seating.seat
    shown: Shown = {
        "screen": choose_screen(agent, seat), "language": agent.journal.get(LANGUAGE) or "ru",
        "link": show_link(agent, seat), "server": show_server(agent), "pairing": show_pairing(agent),
        "exit": {"needs_code": agent.exit_guard.needs_code},
    }
    if seat is None:
        shown["machine"] = agent.machine.as_shown()
    if seat is not None:
        shown |= {"candidate": {"code": seat.log.signed_in.code}, "assessment": show_assessment(seat),
                  "check": show_check(agent, seat), "volume": read_volume(agent), "call": find_last_call(seat.state),
                  "missing": agent.seating.count_missing(), "messages": list_messages(agent, seat)}
        shown |= {"needs": seat.state.needs, "away": show_absence(seat)}
        shown["work"] = show_work(seat) if is_shown(seat) else None
        shown["break"] = show_break(seat) if seat.items and seat.state.break_now else None
        shown["done"] = show_end(agent, seat) if seat.state.finished else None
    return shown


def is_shown(seat: Seat) -> bool:
    """Whether items may be seen: the work has started, no break goes on and the candidate is in the room."""
    state = seat.state
    return bool(seat.items) and state.started and state.break_now is None and state.absence is None


def show_check(agent: Agent, seat: Seat) -> Shown:
    """Where the sound check stands; `again`: in the middle of the work; `may_begin_again`: a button offers it."""
    checking = agent.checking
    return {**checking.state.as_json(), "saying": checking.is_saying, "again": checking.is_again,
            "may_begin_again": checking.may_begin_again(seat)}


def show_absence(seat: Seat) -> Shown | None:
    """Since when the candidate is out of the room and what the clock does; nothing of the items."""
    absence = seat.state.absence
    if absence is None:
        return None
    stands = absence.work_clock == STANDS or seat.state.is_paused
    return {"from_ms": absence.from_ms, "work_clock": absence.work_clock, "rate": 0 if stands else seat.state.pace,
            "work_left_ms": seat.log.left_ms(WORK_TIMER)}


def find_shown_item(seat: Seat, item_id: str) -> Item:
    """The item, if it may be looked at: nothing in a break, nothing of parts that lie ahead. Raises UnknownItem,
    NotNow."""
    item = rules.find_item(seat.items, item_id)
    if item is None:
        raise UnknownItem(item_id)
    if not is_shown(seat) or route.judge_reach(seat.items, item, seat.state) == route.AHEAD:
        raise NotNow("this item is not open")
    return item


def choose_screen(agent: Agent, seat: Seat | None) -> str:
    """The name of the screen of now."""
    if agent.connection is None:
        return "pairing"
    if seat is None:
        return "sign_in"
    if seat.moved:
        return "moved"
    if seat.state.finished:
        return "done"
    return _choose_work_screen(agent, seat)


def _choose_work_screen(agent: Agent, seat: Seat) -> str:
    if seat.state.started:
        if not seat.items:
            return "loading"
        return _choose_running_screen(agent, seat)
    if not agent.get_step("checked"):
        return "check"
    return "waiting" if agent.get_step("instructed") else "instruction"


def _choose_running_screen(agent: Agent, seat: Seat) -> str:
    state = seat.state
    if state.absence is not None:
        return "away"
    if state.is_paused:
        return "paused"
    if state.break_now is not None:
        return "break"
    return "check" if agent.checking.is_again else "work"


def show_link(agent: Agent, seat: Seat | None) -> Shown:
    """Whether the server answers, and where the answers are: here, server, offline. `head`, read before anything
    else, is the last event of which this snapshot surely knows."""
    head = [seat.log.lease, agent.journal.head(seat.log.attempt, seat.log.lease)[0]] if seat else [0, 0]
    connection = agent.connection
    pending = count_unsaved_answers(agent, seat) if seat else 0
    parts = agent.journal.count_waiting(seat.log.attempt if seat else None)
    is_away = connection is None or connection.is_away
    saved = "offline" if is_away else ("here" if pending or parts else "server")
    return {"away": is_away, "refusal": connection.refusal if connection else "", "pending": pending, "parts": parts,
            "saved": saved, "head": head}


def count_unsaved_answers(agent: Agent, seat: Seat) -> int:
    """Answers and recordings whose events only this computer has; ticks of the clock are no answers."""
    acked = {lease.lease: lease.acked for lease in agent.journal.list_leases(seat.log.attempt)}
    given = [(found.lease, found.number) for found in seat.state.responses.values()]
    given += [(found.lease, found.number) for found in seat.state.recordings]
    return sum(number > acked.get(lease, 0) for lease, number in given)


def show_server(agent: Agent) -> Shown:
    """School, room and seat as the server names them."""
    connection = agent.connection
    if connection is None:
        return {"url": agent.server, "school": "", "room": "", "seat": ""}
    welcome, paired = connection.welcome, connection.paired
    return {"url": paired.server, "school": welcome.school if welcome else paired.school,
            "room": welcome.room if welcome else "", "seat": welcome.seat if welcome else paired.seat}


def show_pairing(agent: Agent) -> Shown:
    """The digits, whether they were typed; servers of the network and the last one, and whose they are."""
    found = list(dict.fromkeys([*agent.discovery.servers, *filter(None, [agent.server])]))
    places = {server: agent.places.find(server) for server in found}
    return {"code": agent.pairing.code if agent.pairing else "", "state": agent.pairing_state, "found": found,
            "places": {server: {"school": told.school, "room": told.room} for server, told in places.items()}}


def show_assessment(seat: Seat) -> Shown:
    """The work as it is told before the start: names and times, no content."""
    public = seat.log.signed_in.assessment
    positions = [{"number": position.get("number"), "title": position.get("title"), "kind": position.get("kind"),
                  "listening": position.get("listening"), "speaking": position.get("speaking"),
                  "points": position.get("points"), "time_s": position.get("time_s"),
                  "fixed": bool(position.get("fixed"))} for position in public.get("positions", [])]
    return {"title": public.get("title", {}), "duration_s": public.get("duration_s"), "positions": positions,
            "parts": public.get("parts", []), "breaks": public.get("breaks", []),
            "drafts_allowed": bool(public.get("drafts_allowed", True)),
            "instruction": public.get("instruction", {}), "sound_check": bool(public.get("sound_check")),
            "training": seat.log.signed_in.training, "total_points": public.get("total_points")}


def list_messages(agent: Agent, seat: Seat) -> list[Shown]:
    """What the organizer wrote and nobody has put away yet."""
    read = set(agent.get_step("read_messages") or [])
    return [{"number": told.number, "text": str(told.body.get("text", "")), "at_ms": told.at_ms}
            for told in seat.log.list_directives() if told.kind == DirectiveKind.MESSAGE and told.number not in read]


def show_work(seat: Seat) -> Shown:
    """Where the candidate is and what is possible there."""
    state, trouble = seat.state, seat.speaking.trouble
    # In trouble the clocks stand: what it takes is given back when it ends.
    now = trouble.since_ms if trouble else seat.log.time.now_ms()
    item = seat.item
    shown: Shown = {
        "item": state.item, "stage": state.stage, "work_left_ms": state.left_ms(WORK_TIMER, now),
        "rate": find_rate(seat, state), "map": [vars(summary) for summary in rules.summarize(seat.items, state)],
        "trouble": trouble.code if trouble else "", "muted": seat.speaking.is_muted,
        "playing": seat.playing is not None, "now_ms": now, "pace": state.pace, "extra_ms": state.extra_ms,
        "unheard": list_unheard(seat, state), "just_spoken": find_just_spoken(seat, state, now),
    }
    return shown | (show_stage(item, seat, state, now) if item is not None else {})


def show_stage(item: Item, seat: Seat, state: AttemptState, now_ms: int) -> Shown:
    """The item's own clock and rights."""
    speaking = item.get("speaking") or {}
    spoken = [recording for recording in state.recordings if recording.item == item["id"]]
    return {
        "stage_left_ms": state.left_ms(rules.name_timer(item["id"], state.stage), now_ms),
        "stage_ms": rules.allot_ms(item, state.stage) if state.stage else None,
        "may_answer": rules.may_answer(item, state, now_ms) and route.is_open(seat.items, item, state, now_ms),
        "may_leave": rules.may_leave(state), "way_on": rules.name_way_on(seat.items, state),
        "part": show_part(item), "part_left_ms": route.count_part_left_ms(item, state, now_ms),
        "fixed_left_ms": state.left_ms(route.name_fixed_timer(item["id"]), now_ms),
        "may_finish": route.may_finish(seat.items, state),
        "plays_left": rules.count_plays_left(item, state), "takes_left": rules.count_takes_left(item, state),
        "early_start": bool(speaking.get("early_start")), "early_finish": bool(speaking.get("early_finish")),
        "recordings": [show_recording(recording, speaking) for recording in spoken if recording.committed],
        "recording": seat.speaking.is_recording and state.stage == Stage.SPEAK,
    }


def show_part(item: Item) -> Shown:
    """The part of an item: its id, title and whether one walks back in it."""
    part = item.get("part") or {}
    return {"id": part.get("id", ""), "title": part.get("title", {}), "navigation": part.get("navigation", "free")}


def show_break(seat: Seat) -> Shown:
    """The break of now, and what comes after it; nothing of the items."""
    state, now_ms = seat.state, seat.log.time.now_ms()
    resting, last = state.break_now, route.find_resting_item(seat.items, state)
    following = rules.find_following(seat.items, last["id"]) if last else None
    number = resting.number if resting else 0
    breaks = state.start_body.get("plan", {}).get("breaks", [])
    return {
        "number": number, "of": len(breaks), "kind": resting.kind if resting else "",
        "left_ms": state.left_ms(name_break_timer(number), now_ms), "rate": 0 if state.is_paused else state.pace,
        "work_clock": resting.work_clock if resting else "", "work_left_ms": state.left_ms(WORK_TIMER, now_ms),
        "early_end": bool(last and last["break_after"]["early_end"]),
        "next": show_part(following)["title"] if following else {},
    }


def show_recording(recording: FoldedRecording, speaking: Shown) -> Shown:
    """What was heard, and where it may be played back."""
    address = f"/v1/recordings/{recording.lease}/{recording.number}.wav" if speaking.get("playback") else ""
    return {"verdict": recording.verdict, "seconds": recording.seconds, "end_reason": recording.end_reason,
            "address": address}


def find_rate(seat: Seat, state: AttemptState) -> int:
    """How fast the clocks on the screen run: 0 in a pause or trouble, 1 while sound goes on, else the pace."""
    if state.is_paused or state.finished or seat.speaking.trouble is not None:
        return 0
    is_sounding = any(end is None for _, end in state.sounding)
    return 1 if is_sounding else state.pace


def list_unheard(seat: Seat, state: AttemptState) -> list[Shown]:
    """Finished spoken answers that an expert could hardly hear: said so while the candidate is still in the room."""
    positions = {item["id"]: item["position"] for item in seat.items}
    return [{"name": f"{found.lease}/{found.number}", "position": positions.get(found.item), "verdict": found.verdict}
            for found in state.recordings if found.end_reason in rules.TAKE_ENDS and found.verdict in NEEDS_ORGANIZER]


def find_just_spoken(seat: Seat, state: AttemptState, now_ms: int) -> Shown | None:
    """The recording that ended as the work moved on by itself: its verdict has not been seen at its own item."""
    last = state.recordings[-1] if state.recordings else None
    is_fresh = last is not None and last.ended_at_ms is not None and now_ms - last.ended_at_ms < VERDICT_SHOWN_MS
    if last is None or not is_fresh or last.item == state.item or last.end_reason not in rules.TAKE_ENDS:
        return None
    item = rules.find_item(seat.items, last.item)
    if item is None or not (item.get("auto_move") or item.get("fixed_s")):
        return None
    return {"position": item["position"], "verdict": last.verdict}


def find_last_call(state: AttemptState) -> Shown | None:
    """When and why the candidate last called the organizer."""
    calls = [incident for incident in state.incidents if incident.get("kind") == CALL]
    return {"at_ms": calls[-1]["at_ms"], "reason": find_reason(calls[-1])} if calls else None


def show_end(agent: Agent, seat: Seat) -> Shown:
    """The receipt and whether everything has been delivered."""
    attempt = seat.log.attempt
    waiting = agent.journal.count_unacked(attempt) + agent.journal.count_waiting(attempt)
    return {"receipt": show_receipt_code(seat.log.make_receipt()), "reason": seat.state.finish_reason,
            "delivered": waiting == 0}


def show_item(item: Item, state: AttemptState) -> Shown:
    """The rendered item and the answers given to it, for the player."""
    prefix = f"{item['id']}/"
    answers = {key.removeprefix(prefix): found.value for key, found in state.responses.items()
               if key.startswith(prefix)}
    return {"item": dict(item), "state": answers}
