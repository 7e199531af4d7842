"""Leaving the room and coming back: what sounds is stopped, the screen is covered, the work's rule says what the clock
does.

Takes who says so; gives events. The seat's lock is held by whoever calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_client import rules
from kiosk_client.drafts import Draft
from kiosk_client.refusals import NotNow
from testing_server.contracts.absences import By, name_work_clock
from testing_server.contracts.events import EventKind

if TYPE_CHECKING:
    from kiosk_client.seat import Seat


class LeavingRoom:
    """The door of the room, as one seat knows it."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    def leave(self, by: By) -> None:
        """The candidate goes out. Nobody walks out of the middle of speech by himself; an organizer's word always
        counts. Raises NotNow."""
        seat = self._seat
        if by == By.CANDIDATE:
            seat.require(rules.may_leave(seat.state))
        elif not self._may_be_sent():
            return
        seat.playing = None
        rule = name_work_clock(seat.log.signed_in.assessment)
        seat.log.append(*seat.speaking.stop("left"), Draft(EventKind.ROOM_LEFT, {"by": str(by), "work_clock": rule}))

    def _may_be_sent(self) -> bool:
        state = self._seat.state
        return state.started and not state.finished and not self._seat.moved and state.absence is None

    def come_back(self, by: By) -> None:
        """The candidate sits here again: speech that was broken off goes on by the work's rule. Raises NotNow."""
        seat = self._seat
        if seat.state.absence is None or seat.state.finished or seat.moved:
            raise NotNow("nobody is out of the room")
        seat.log.append(Draft(EventKind.ROOM_RETURNED, {"by": str(by)}))
        seat.go_on_speaking()
