"""What each kind of directive does at the seat; every one is journalled as `directive_applied` before its effect.

A kind this version does not know is answered `unsupported`, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiosk_client import route, rules
from kiosk_client.drafts import Draft
from testing_server.contracts.absences import By
from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.events import EventKind
from testing_server.contracts.fold import WORK_TIMER

if TYPE_CHECKING:
    from kiosk_client.seat import Seat


class DirectiveSteps:
    """The steps for one seat, whose lock is held."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._steps: dict[str, Callable[[Directive], None]] = {
            DirectiveKind.START: self._start, DirectiveKind.PAUSE: self._pause, DirectiveKind.RESUME: self._resume,
            DirectiveKind.EXTRA_TIME: self._note, DirectiveKind.CREDIT: self._note,
            DirectiveKind.NEXT_ITEM: self._next_item, DirectiveKind.REPEAT_ITEM: self._repeat_item,
            DirectiveKind.MOVE: self._move, DirectiveKind.FINISH: self._finish, DirectiveKind.MESSAGE: self._note,
            DirectiveKind.NEEDS: self._note, DirectiveKind.LEAVE_ROOM: self._leave_room,
            DirectiveKind.RETURN_TO_ROOM: self._return_to_room,
        }

    def apply(self, directive: Directive) -> None:
        """Journal it and let it have its effect."""
        step = self._steps.get(directive.kind)
        if step is None:
            self._seat.log.append(draft_applied(directive, "unsupported"))
        else:
            step(directive)

    def _note(self, directive: Directive) -> None:
        """The fold counts it; nothing else happens at the seat."""
        self._seat.log.append(draft_applied(directive))

    def _start(self, directive: Directive) -> None:
        seat, state = self._seat, self._seat.state
        drafts = [draft_applied(directive)]
        if WORK_TIMER not in state.timers:
            allotted = int(directive.body["duration_s"]) * 1000
            drafts.append(Draft(EventKind.TIMER_STARTED, {"timer": WORK_TIMER, "allotted_ms": allotted}))
        if not state.item and seat.items:
            first = seat.items[0]
            drafts += rules.enter_stage(first, rules.first_stage(first), state)
        seat.log.append(*drafts)

    def _pause(self, directive: Directive) -> None:
        self._seat.log.append(*self._seat.pause_sound(), draft_applied(directive))

    def _resume(self, directive: Directive) -> None:
        self._seat.log.append(draft_applied(directive))
        self._seat.go_on_after_pause()

    def _leave_room(self, directive: Directive) -> None:
        self._seat.log.append(draft_applied(directive))
        self._seat.leaving.leave(By.ORGANIZER)

    def _return_to_room(self, directive: Directive) -> None:
        self._seat.log.append(draft_applied(directive))
        if self._seat.state.absence is not None:
            self._seat.leaving.come_back(By.ORGANIZER)

    def _next_item(self, directive: Directive) -> None:
        seat = self._seat
        drafts = [*seat.speaking.stop("organizer"), draft_applied(directive)]
        last = rules.find_item(seat.items, str(directive.body.get("item") or seat.state.item))
        seat.log.append(*drafts)
        if seat.state.break_now is not None:
            seat.walking.leave_break("organizer")
        elif last is not None and seat.state.started:
            seat.walking.pass_on(last)

    def _repeat_item(self, directive: Directive) -> None:
        seat = self._seat
        item = rules.find_item(seat.items, str(directive.body.get("item") or seat.state.item))
        drafts = [*seat.speaking.stop("organizer"), draft_applied(directive)]
        if item is not None:
            seat.playing = None
            drafts += route.end_break(seat.state, "organizer")
            drafts += rules.enter_stage(item, rules.first_stage(item), seat.state, restart=True)
        seat.log.append(*drafts)

    def _move(self, directive: Directive) -> None:
        seat = self._seat
        leaves = int(directive.body.get("lease", 0)) > seat.log.lease
        drafts = seat.speaking.stop("moved") if leaves else []
        seat.log.append(*drafts, draft_applied(directive))
        if leaves:
            seat.leave_for_other_seat()

    def _finish(self, directive: Directive) -> None:
        self._seat.log.append(draft_applied(directive))
        if self._seat.state.started:
            self._seat.finish("organizer")


def draft_applied(directive: Directive, result: str = "done") -> Draft:
    """The event of an applied directive. Keys stay out of it: events travel further than keys should."""
    body: dict[str, Any] = {name: value for name, value in directive.body.items() if name != "keys"}
    return Draft(EventKind.DIRECTIVE_APPLIED, {"generation": directive.generation, "number": directive.number,
                                               "kind": directive.kind, "body": body, "result": result})
