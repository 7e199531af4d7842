"""What is going on in a sitting right now. Takes a session and the room; gives plain data for pages and reports."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.breaks import name_break_timer
from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.fold import WORK_TIMER, AttemptState
from testing_server.contracts.verdicts import NEEDS_ORGANIZER, choose_verdict
from testing_server.exam_day.console.rules import (
    UNCONFIRMED_AFTER_MS, SeatFacts, choose_style, count_saved_speech, find_call, find_device_trouble, find_saved_at,
    find_trouble, is_unheard, show_state, sort_key)
from testing_server.exam_day.responses.heard_now import hear_now
from testing_server.exam_day.responses.hearings import list_extra_hearers
from testing_server.exam_day.responses.queries import Recording, list_recordings
from testing_server.exam_day.responses.records import EventConflictRecord
from testing_server.exam_day.room import Room
from testing_server.exam_day.rooms.queries import find_plan
from testing_server.exam_day.sittings.actions import chain_of, find_sitting, list_attempts
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.outages import Outage, count_returned_ms, measure_outage
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, IncidentRecord, SittingRecord
from testing_server.exam_day.workstations.queries import Workstation, list_workstations
from testing_server.exam_day.workstations.rules import list_check_troubles, order_seats
from testing_server.foundation.audit import list_actors

BREAK = "break"
COMMANDED = "command_"
KEPT_WHOLE = frozenset({"whole", "encoded", "packaged"})
# A report is at most 32 KiB, a seat in it up to 130 bytes.
MOST_REPORTED = 220


@dataclass(frozen=True)
class ItemName:
    """An item of a variant as the organizer may know it: its place and title, never its content."""

    position: int
    title: str


@dataclass(frozen=True)
class SeatView:
    """One candidate's place. Times in Unix ms and whole seconds; None where there is nothing to tell.

    `heard`: of the candidate who speaks just now, a word of contracts.verdicts; `row`: of the room's plan, where one
    was drawn; `waiting`: generation and number of every directive the seat has not confirmed; `saved_speech_s`: of the
    answer in hand, on this server; `saved_at_ms`: up to then all answers and all sound are on this server.
    """

    attempt: str
    code: str
    variant: str
    state: str
    style: str
    trouble: str
    workstation: str
    seat: str
    item: str
    position: int | None
    item_title: str
    stage: str
    break_left_s: int | None
    rest_ahead_s: int
    needs: dict[str, Any]
    left_s: int | None
    answered: int
    items: int
    last_saved_at_ms: int | None
    level: int | None
    recordings: list[dict[str, Any]]
    unconfirmed: list[str]
    last_command: dict[str, Any] | None
    reason: str
    moves: int
    noticed: int = 0
    heard: str = ""
    row: int | None = None
    waiting: list[list[int]] = field(default_factory=list)
    outage: Outage = Outage()
    saved_speech_s: int | None = None
    saved_at_ms: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """A sitting and all its places, faults first."""

    sitting: str
    version: int
    state: str
    assessment: str
    room: str
    pace: int
    training: bool
    server_at_ms: int
    closes_at_ms: int
    forecast_end_at_ms: int | None
    counts: dict[str, int]
    seats: list[SeatView]


@dataclass(frozen=True)
class Told:
    """A directive without its text, which is long."""

    generation: int
    number: int
    kind: str
    at_ms: int
    applied_at_ms: int | None


@dataclass
class _Facts:
    """All that was read at once for a snapshot."""

    room: Room
    sitting: SittingRecord
    states: dict[str, AttemptState]
    workstations: dict[str, Workstation]
    recordings: dict[str, list[Recording]]
    directives: dict[str, list[Told]]
    returned_ms: dict[str, int]
    names: dict[str, dict[str, ItemName]]
    conflicts: set[str]
    extra_hearers: set[str]
    heard: dict[str, str]
    rows: dict[str, int]
    actors: dict[tuple[int, str], str]
    written_ms: dict[str, int]
    now_ms: int
    monotonic_ms: int


def take_snapshot(session: Session, room: Room, sitting_id: str, language: str = "ru") -> Snapshot:
    """Raises NotFound."""
    sitting = find_sitting(session, sitting_id)
    attempts = list_attempts(session, sitting_id)
    facts = _read_facts(session, room, sitting, attempts, language)
    seats = [_view_seat(facts, attempt) for attempt in attempts]
    seats.sort(key=lambda seat: (sort_key(seat.style), order_seats(seat.seat), seat.code))
    working = [seat for seat in seats if seat.state in ("started", "paused", "interrupted")]
    ends = [facts.now_ms + (seat.left_s + seat.rest_ahead_s) * 1000 for seat in working if seat.left_s is not None]
    return Snapshot(
        sitting.id, sitting.version, sitting.state, sitting.assessment, sitting.room, sitting.pace, sitting.training,
        facts.now_ms, sitting.closes_at_ms, max(ends, default=None), dict(Counter(seat.state for seat in seats)), seats)


def _read_facts(session: Session, room: Room, sitting: SittingRecord, attempts: list[AttemptRecord],
                language: str) -> _Facts:
    ids = [attempt.id for attempt in attempts]
    recordings: dict[str, list[Recording]] = {}
    all_recordings = list_recordings(session, ids)
    for recording in all_recordings:
        recordings.setdefault(recording.attempt, []).append(recording)
    variants, plan = {attempt.variant for attempt in attempts}, find_plan(session)
    conflicts = set(session.scalars(select(EventConflictRecord.attempt).where(EventConflictRecord.attempt.in_(ids))))
    return _Facts(
        room, sitting, room.states.read(session, ids, (sitting.opens_at_ms, sitting.closes_at_ms)),
        {one.id: one for one in list_workstations(session)}, recordings, _list_told(session, ids),
        _sum_returned(session, ids),
        {one: read_item_names(room.data, sitting.archive, one, language) for one in variants}, conflicts,
        list_extra_hearers(session, ids), hear_now(room.data, all_recordings, room.clock.now_ms()),
        {seat: row for seat, (row, _place) in plan.cells.items()} if plan else {},
        {(at_ms, verb): actor for at_ms, verb, actor in list_actors(session, chain_of(sitting.id), COMMANDED)},
        _read_written(session, sitting.id), room.clock.now_ms(), room.clock.monotonic_ms())


def _read_written(session: Session, sitting: str) -> dict[str, int]:
    """attempt -> when an organizer last wrote an incident of it down."""
    rows = session.execute(select(IncidentRecord.attempt, func.max(IncidentRecord.at_ms)).where(
        IncidentRecord.sitting == sitting, IncidentRecord.kind == "organizer", IncidentRecord.attempt.is_not(None))
        .group_by(IncidentRecord.attempt))
    return {str(attempt): at_ms for attempt, at_ms in rows}


def _list_told(session: Session, attempts: list[str]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    rows = session.execute(select(
        DirectiveRecord.attempt, DirectiveRecord.generation, DirectiveRecord.number, DirectiveRecord.kind,
        DirectiveRecord.at_ms, DirectiveRecord.applied_at_ms).where(DirectiveRecord.attempt.in_(attempts)).order_by(
        DirectiveRecord.generation, DirectiveRecord.number))
    for attempt, generation, number, kind, at_ms, applied_at_ms in rows:
        found.setdefault(attempt, []).append(Told(generation, number, kind, at_ms, applied_at_ms))
    return found


def _sum_returned(session: Session, attempts: list[str]) -> dict[str, int]:
    """attempt -> ms that organizers gave back for outages."""
    found: dict[str, list[dict[str, Any]]] = {}
    for attempt, text in session.execute(select(DirectiveRecord.attempt, DirectiveRecord.text).where(
            DirectiveRecord.attempt.in_(attempts), DirectiveRecord.kind == DirectiveKind.CREDIT)):
        found.setdefault(attempt, []).append(msgspec.json.decode(text, type=Directive).body)
    return {attempt: count_returned_ms(bodies) for attempt, bodies in found.items()}


def _view_seat(facts: _Facts, attempt: AttemptRecord) -> SeatView:
    state, heard = facts.states[attempt.id], facts.heard.get(attempt.id, "")
    workstation = facts.workstations.get(attempt.workstation or "")
    silent = workstation is not None and facts.room.presence.is_silent(workstation.id, facts.monotonic_ms)
    names = facts.names[attempt.variant]
    recordings = [_view_recording(one, names) for one in facts.recordings.get(attempt.id, [])]
    directives = facts.directives.get(attempt.id, [])
    unconfirmed = [one.kind for one in directives if one.applied_at_ms is None
                   and facts.now_ms - one.at_ms > UNCONFIRMED_AFTER_MS]
    shown = show_state(attempt.state, silent)
    trouble = find_trouble(SeatFacts(
        state=attempt.state, silent=silent, verdict=recordings[-1]["verdict"] if recordings else "",
        checks=list_check_troubles(workstation.check) if workstation else (),
        conflict=attempt.id in facts.conflicts, moved=bool(state.after_move), unconfirmed=unconfirmed,
        extra_hearing=attempt.id in facts.extra_hearers,
        called=find_call(state.incidents, max((one.at_ms for one in directives), default=0), facts.now_ms),
        away=state.absence is not None,
        device=find_device_trouble(state, heard, facts.now_ms), heard=heard,
        sitting_running=facts.sitting.state == "running", unheard=_is_unheard(facts, attempt)))
    left_ms = state.left_ms(WORK_TIMER, facts.now_ms) if attempt.state != "assigned" else None
    name = names.get(state.item)
    return SeatView(
        attempt=attempt.id, code=attempt.code, variant=attempt.variant, state=shown,
        style=choose_style(shown, trouble), trouble=trouble, workstation=attempt.workstation or "",
        seat=workstation.seat if workstation else "", item=state.item, position=name.position if name else None,
        item_title=name.title if name else "", stage=BREAK if state.break_now else state.stage,
        break_left_s=count_break_left(state, facts.now_ms), rest_ahead_s=state.rest_ahead_ms(facts.now_ms) // 1000,
        needs=state.needs, left_s=None if left_ms is None else left_ms // 1000,
        answered=count_answered(state), items=len(names), last_saved_at_ms=state.last_answer_at_ms,
        level=facts.room.levels.get(attempt.id, facts.monotonic_ms), recordings=recordings, unconfirmed=unconfirmed,
        last_command=_view_command(directives, facts.actors), reason=attempt.reason, moves=attempt.moves,
        noticed=facts.room.states.count_noticed(attempt.id), heard=heard,
        row=facts.rows.get(workstation.seat) if workstation else None,
        waiting=[[one.generation, one.number] for one in directives if one.applied_at_ms is None],
        outage=measure_outage(state, facts.returned_ms.get(attempt.id, 0)),
        saved_speech_s=count_saved_speech(state.item, state.stage, facts.recordings.get(attempt.id, [])),
        saved_at_ms=find_saved_at(state.last_answer_at_ms, _list_coming(state, facts.recordings.get(attempt.id, []))))


def _is_unheard(facts: _Facts, attempt: AttemptRecord) -> bool:
    if attempt.finished_at_ms is None or facts.written_ms.get(attempt.id, 0) >= attempt.finished_at_ms:
        return False
    return is_unheard((one.item, choose_verdict(one.server_verdict, one.verdict))
                      for one in facts.recordings.get(attempt.id, []))


def _list_coming(state: AttemptState, recordings: list[Recording]) -> list[int]:
    """When each recording began whose sound is not all on this server."""
    kept = {(one.lease, one.number) for one in recordings if one.state in KEPT_WHOLE}
    return [one.started_at_ms for one in state.recordings if (one.lease, one.number) not in kept]


def _view_recording(one: Recording, names: dict[str, ItemName]) -> dict[str, Any]:
    name = names.get(one.item)
    return {"lease": one.lease, "number": one.number, "position": name.position if name else None, "state": one.state,
            "verdict": choose_verdict(one.server_verdict, one.verdict), "seconds": one.seconds, "bytes": one.bytes,
            "durable_bytes": one.durable_bytes}


def _view_command(directives: list[Told], actors: dict[tuple[int, str], str]) -> dict[str, Any] | None:
    """The last one; `by`: who gave it, "" where the audit has no line of that moment (an order of the server)."""
    if not directives:
        return None
    last = directives[-1]
    return {"kind": last.kind, "at_ms": last.at_ms, "confirmed": last.applied_at_ms is not None,
            "by": actors.get((last.at_ms, f"{COMMANDED}{last.kind}"), "")}


def count_break_left(state: AttemptState, now_ms: int) -> int | None:
    """Seconds left of the break of now, None outside of one."""
    resting = state.break_now
    return None if resting is None else (state.left_ms(name_break_timer(resting.number), now_ms) or 0) // 1000


def count_answered(state: AttemptState) -> int:
    """Items with an answer or a finished recording."""
    answered = {key.partition("/")[0] for key, response in state.responses.items() if response.value not in (None, "")}
    return len(answered | {recording.item for recording in state.recordings if recording.committed})


def read_item_names(data: Path, archive: str, variant: str, language: str) -> dict[str, ItemName]:
    """Opaque item id -> its place and title; {} while the archive is closed."""
    path = opened_folder(data, archive) / "variants" / f"{variant}.json"
    return _read_names(str(path), language) if path.exists() else {}


@lru_cache(maxsize=512)
def _read_names(path: str, language: str) -> dict[str, ItemName]:
    variant = msgspec.json.decode(Path(path).read_bytes(), type=dict)
    return {item["id"]: ItemName(item["position"], item.get("title", {}).get(language) or
                                 item.get("title", {}).get("ru", "")) for item in variant["items"]}


def find_last_verdict(seat: SeatView) -> str:
    """What is heard now, or was in the last recording."""
    return seat.heard or (seat.recordings[-1]["verdict"] if seat.recordings else "")


def make_report(snapshot: Snapshot, incidents: int, is_watched: bool) -> dict[str, Any]:
    """What the hub hears every few seconds: counts, no codes; places while somebody looks. Protocol.md §8 "report"."""
    seats = [seat for seat in snapshot.seats if seat.workstation]
    shown = seats[:MOST_REPORTED] if is_watched else []
    return {
        "sitting": snapshot.sitting, "version": snapshot.server_at_ms, "assessment": snapshot.assessment,
        "room": snapshot.room, "state": snapshot.state, "counts": snapshot.counts, "incidents": incidents,
        "server_at_ms": snapshot.server_at_ms, "forecast_end_at_ms": snapshot.forecast_end_at_ms,
        "unheard": sum(find_last_verdict(seat) in NEEDS_ORGANIZER for seat in seats),
        "seats_left_out": len(seats) - len(shown) if is_watched else 0,
        "watched_seats": [{
            "seat": seat.seat, "state": seat.state, "item": seat.position, "left_s": seat.left_s, "stage": seat.stage,
            "verdict": find_last_verdict(seat)} for seat in shown]}
