"""The state of an attempt: a pure function of the *set* of its events and directives (protocol.md §2 "Fold").

Arrival order, server and repetition are invisible: the same set gives the same state on kiosk, classroom, hub.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from testing_server.contracts.absences import Absence, begin_absence, end_absence, find_absence
from testing_server.contracts.breaks import STANDS, BreakState, is_break_timer, name_break_timer
from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.events import Event, EventKind
from testing_server.contracts.plays import PlayState
from testing_server.contracts.timers import Span, TimerState, time_left_ms

# 2: breaks and needs. 3: absences.
FOLD_VERSION = 3
WORK_TIMER = "work"
_OUTAGE = "outage"

# What a candidate does; facts about sound and directives count whenever they come.
CANDIDATE_KINDS = frozenset({
    EventKind.ANSWER_SET, EventKind.ANSWER_CLEARED, EventKind.ITEM_ENTERED, EventKind.ITEM_LEFT,
    EventKind.TIMER_STARTED, EventKind.TIMER_TICK, EventKind.PLAY_STARTED, EventKind.PLAY_PROGRESS,
    EventKind.PLAY_ENDED, EventKind.RECORDING_STARTED, EventKind.BREAK_STARTED, EventKind.BREAK_ENDED,
    EventKind.ROOM_LEFT, EventKind.ROOM_RETURNED, EventKind.ATTEMPT_FINISHED,
})


@dataclass(frozen=True)
class FoldedResponse:
    """The last counted value of a response; `value` None = cleared by the candidate."""

    value: str | list[str] | None
    lease: int
    number: int
    at_ms: int


@dataclass(frozen=True)
class FoldedRecording:
    """A recording: its identity is (attempt, lease, number of recording_started)."""

    lease: int
    number: int
    item: str
    response: str
    rate_hz: int
    started_at_ms: int
    committed: bool = False
    ended_at_ms: int | None = None
    bytes: int = 0
    samples: int = 0
    sha256: str = ""
    verdict: str = ""
    end_reason: str = ""
    gaps: int = 0

    @property
    def seconds(self) -> int:
        """Whole seconds of sound."""
        return self.samples // self.rate_hz if self.rate_hz else 0


@dataclass(frozen=True)
class FoldedFile:
    """A file that a candidate gave as an answer; it stays also when another one takes its place."""

    sha256: str
    bytes: int
    type: str
    name: str
    item: str
    response: str


@dataclass
class AttemptState:
    """What is known of an attempt. `heads` = lease -> highest number seen; keys of `responses` = "item/response"."""

    responses: dict[str, FoldedResponse] = field(default_factory=dict)
    item: str = ""
    stage: str = ""
    visited: dict[str, str] = field(default_factory=dict)
    timers: dict[str, TimerState] = field(default_factory=dict)
    plays: dict[str, list[PlayState]] = field(default_factory=dict)
    recordings: list[FoldedRecording] = field(default_factory=list)
    files: dict[str, FoldedFile] = field(default_factory=dict)
    paused: list[Span] = field(default_factory=list)
    outages: list[Span] = field(default_factory=list)
    breaks: dict[int, BreakState] = field(default_factory=dict)
    absences: list[Absence] = field(default_factory=list)
    needs: dict[str, Any] = field(default_factory=dict)
    extra_ms: int = 0
    pace: int = 1
    started: bool = False
    start_body: dict[str, Any] = field(default_factory=dict)
    finished_at_ms: int | None = None
    finish_reason: str = ""
    applied: set[tuple[int, int]] = field(default_factory=set)
    heads: dict[int, int] = field(default_factory=dict)
    opened_leases: list[int] = field(default_factory=list)
    after_move: list[tuple[int, int]] = field(default_factory=list)
    out_of_window: list[tuple[int, int]] = field(default_factory=list)
    last_at_ms: int = 0
    last_answer_at_ms: int | None = None
    incidents: list[dict[str, Any]] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether the newest seat has finished the attempt."""
        return self.finished_at_ms is not None

    @property
    def is_paused(self) -> bool:
        """Whether a pause is going on."""
        return any(end is None for _, end in self.paused)

    @property
    def break_now(self) -> BreakState | None:
        """The break that is going on."""
        return next((one for one in self.breaks.values() if one.is_going_on), None)

    @property
    def absence(self) -> Absence | None:
        """The absence that is going on: the candidate is out of the room."""
        return find_absence(self.absences)

    @property
    def sounding(self) -> list[Span]:
        """Spans in which sound was playing or being recorded."""
        plays = [(p.started_at_ms, p.ended_at_ms) for plays in self.plays.values() for p in plays]
        return plays + [(r.started_at_ms, r.ended_at_ms) for r in self.recordings]

    def left_ms(self, timer: str, now_ms: int) -> int | None:
        """Milliseconds left on a timer, None if it has not been started."""
        state = self.timers.get(timer)
        if state is None:
            return None
        extra = self.extra_ms if timer == WORK_TIMER else 0
        end = self.finished_at_ms if self.finished_at_ms is not None else now_ms
        return time_left_ms(state, end, self.list_stopped(timer), self.sounding, self.pace, extra)

    def list_stopped(self, timer: str = WORK_TIMER) -> list[Span]:
        """Spans in which this timer stood: pauses, credited outages, and breaks and absences that stop the work."""
        rests = [] if is_break_timer(timer) else [
            span for one in self.breaks.values() if one.work_clock == STANDS for span in one.spans]
        away = [one.span for one in self.absences if one.work_clock == STANDS]
        return [*self.paused, *self.outages, *rests, *away]

    def rest_ahead_ms(self, now_ms: int) -> int:
        """Milliseconds of rest still to come while the work's clock stands: of this break and of later ones."""
        later = [int(one["seconds"]) * 1000 for one in self.start_body.get("plan", {}).get("breaks", [])
                 if one["work_clock"] == STANDS and one["number"] not in self.breaks]
        now = self.break_now
        left = self.left_ms(name_break_timer(now.number), now_ms) if now and now.work_clock == STANDS else 0
        return sum(later) + (left or 0)


def fold(events: Iterable[Event], directives: Iterable[Directive] = (),
         window: tuple[int, int] | None = None) -> AttemptState:
    """Fold a set of events (any order, repeats allowed) of one attempt.

    `window` = (opens_at_ms, closes_at_ms): a candidate's event outside it is kept but not counted.
    """
    unique = {event.identity: event for event in reversed(list(events))}
    ordered = sorted(unique.values(), key=lambda event: (event.lease, event.number))
    state = AttemptState()
    boundaries = _find_boundaries(ordered, state)
    facts = {directive.key: (directive.kind, directive.body) for directive in directives}
    for event in ordered:
        state.heads[event.lease] = event.number
        state.last_at_ms = max(state.last_at_ms, event.at_ms)
        if _is_counted(event, boundaries, window, state):
            _STEPS.get(event.kind, _skip)(state, event)
            if event.kind == EventKind.DIRECTIVE_APPLIED:
                body = event.body
                facts.setdefault((body["generation"], body["number"]), (body["kind"], body["body"]))
    _fold_facts(state, facts)
    return state


def _find_boundaries(ordered: list[Event], state: AttemptState) -> dict[int, int]:
    """Lease -> the latest moment at which the next opened lease can have begun."""
    opened = [event for event in ordered if event.kind == EventKind.LEASE_OPENED]
    state.opened_leases = [event.lease for event in opened]
    return {older.lease: newer.at_ms + newer.err_ms for older, newer in zip(opened, opened[1:], strict=False)}


def _is_counted(event: Event, boundaries: dict[int, int], window: tuple[int, int] | None, state: AttemptState) -> bool:
    if event.kind not in CANDIDATE_KINDS:
        return True
    earliest = event.at_ms - event.err_ms
    if event.lease in boundaries and earliest > boundaries[event.lease]:
        state.after_move.append((event.lease, event.number))
        return False
    if window and not (window[0] <= event.at_ms + event.err_ms and earliest <= window[1]):
        state.out_of_window.append((event.lease, event.number))
        return False
    return True


def _fold_facts(state: AttemptState, facts: dict[tuple[int, int], tuple[str, dict[str, Any]]]) -> None:
    """Extra time, credit, needs, start: from the directive itself or from its being applied; either suffices."""
    for _, (kind, body) in sorted(facts.items()):
        if kind == DirectiveKind.EXTRA_TIME:
            state.extra_ms += int(body.get("seconds", 0)) * 1000
        elif kind == DirectiveKind.CREDIT:
            state.extra_ms += int(body.get("ms", 0))
        elif kind == DirectiveKind.START:
            state.start_body = body
            state.pace = int(body.get("pace", 1))
        elif kind == DirectiveKind.NEEDS:
            state.needs = body


def _skip(state: AttemptState, event: Event) -> None:
    """A kind of a later protocol version: stored and packaged, without effect here."""


def _set_answer(state: AttemptState, event: Event) -> None:
    key = f"{event.body['item']}/{event.body['response']}"
    state.responses[key] = FoldedResponse(event.body.get("value"), event.lease, event.number, event.at_ms)
    state.last_answer_at_ms = event.at_ms


def _enter_item(state: AttemptState, event: Event) -> None:
    state.item, state.stage = event.body["item"], event.body["stage"]
    state.visited[state.item] = state.stage


def _start_timer(state: AttemptState, event: Event) -> None:
    name = event.body["timer"]
    state.timers[name] = TimerState(name, event.at_ms, event.body["allotted_ms"])


def _begin_break(state: AttemptState, event: Event) -> None:
    body, number = event.body, event.body["break"]
    for other in [one for one in state.breaks.values() if one.is_going_on and one.number != number]:
        state.breaks[other.number] = other.end(event.at_ms)
    known = state.breaks.get(number) or BreakState(number, body["kind"], body["work_clock"], ())
    state.breaks[number] = known.begin(event.at_ms)


def _end_break(state: AttemptState, event: Event) -> None:
    known = state.breaks.get(event.body["break"])
    if known is not None:
        state.breaks[known.number] = known.end(event.at_ms)


def _leave_room(state: AttemptState, event: Event) -> None:
    state.absences = begin_absence(state.absences, event.at_ms, event.body["work_clock"])


def _return_to_room(state: AttemptState, event: Event) -> None:
    state.absences = end_absence(state.absences, event.at_ms)


def _note_play(state: AttemptState, event: Event) -> None:
    plays = state.plays.setdefault(event.body["item"], [])
    number = event.body["play"]
    known = next((play for play in plays if play.play == number), None)
    old = known or PlayState(number, started_at_ms=event.at_ms)
    ended = old.ended or event.kind == EventKind.PLAY_ENDED
    new = PlayState(number, max(old.position_ms, event.body.get("position_ms", 0)), ended, old.started_at_ms,
                    event.at_ms if event.kind == EventKind.PLAY_ENDED and not old.ended else old.ended_at_ms)
    state.plays[event.body["item"]] = sorted([p for p in plays if p.play != number] + [new], key=lambda p: p.play)


def _start_recording(state: AttemptState, event: Event) -> None:
    body = event.body
    state.recordings.append(FoldedRecording(event.lease, event.number, body["item"], body["response"],
                                            body["rate_hz"], event.at_ms))


def _commit_recording(state: AttemptState, event: Event) -> None:
    body = event.body
    for index, recording in enumerate(state.recordings):
        if [recording.lease, recording.number] == body["started"]:
            state.recordings[index] = FoldedRecording(
                recording.lease, recording.number, recording.item, recording.response, recording.rate_hz,
                recording.started_at_ms, True, event.at_ms, body["bytes"], body["samples"], body["sha256"],
                body["verdict"], body["end_reason"], body["gaps"])
            state.last_answer_at_ms = event.at_ms


def _keep_file(state: AttemptState, event: Event) -> None:
    body = event.body
    state.files[body["sha256"]] = FoldedFile(body["sha256"], body["bytes"], body["type"], body["name"], body["item"],
                                             body["response"])


def _apply_directive(state: AttemptState, event: Event) -> None:
    key, kind = (event.body["generation"], event.body["number"]), event.body["kind"]
    if key in state.applied:
        return
    state.applied.add(key)
    if kind == DirectiveKind.START:
        state.started = True
    elif kind == DirectiveKind.PAUSE and not state.is_paused:
        state.paused.append((event.at_ms, None))
    elif kind == DirectiveKind.RESUME and state.is_paused:
        state.paused = [(start, event.at_ms if end is None else end) for start, end in state.paused]


def _note_incident(state: AttemptState, event: Event) -> None:
    body = event.body
    state.incidents.append({**body, "at_ms": event.at_ms})
    if body["kind"] == _OUTAGE and isinstance(body.get("to_ms"), int) and isinstance(body.get("credited_ms"), int):
        state.outages.append((body["to_ms"] - body["credited_ms"], body["to_ms"]))


def _finish(state: AttemptState, event: Event) -> None:
    if event.lease == (state.opened_leases[-1] if state.opened_leases else event.lease):
        state.finished_at_ms, state.finish_reason = event.at_ms, event.body["reason"]


_STEPS: dict[str, Callable[[AttemptState, Event], None]] = {
    EventKind.ANSWER_SET: _set_answer, EventKind.ANSWER_CLEARED: _set_answer, EventKind.ITEM_ENTERED: _enter_item,
    EventKind.BREAK_STARTED: _begin_break, EventKind.BREAK_ENDED: _end_break,
    EventKind.ROOM_LEFT: _leave_room, EventKind.ROOM_RETURNED: _return_to_room,
    EventKind.TIMER_STARTED: _start_timer, EventKind.PLAY_STARTED: _note_play, EventKind.PLAY_PROGRESS: _note_play,
    EventKind.PLAY_ENDED: _note_play, EventKind.RECORDING_STARTED: _start_recording,
    EventKind.RECORDING_COMMITTED: _commit_recording, EventKind.FILE_KEPT: _keep_file,
    EventKind.DIRECTIVE_APPLIED: _apply_directive,
    EventKind.INCIDENT_RAISED: _note_incident, EventKind.ATTEMPT_FINISHED: _finish,
}
