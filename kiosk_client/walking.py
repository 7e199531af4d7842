"""The way of one seat through its work: to an item, on to the next one, into a break and out of it, and what happens
by itself when a time is out.

Takes items and what is due; journals the steps. The seat's lock is held by whoever calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_client import route, rules
from kiosk_client.refusals import NotNow
from kiosk_client.rules import Item, Stage

if TYPE_CHECKING:
    from kiosk_client.seat import Seat


class Walking:
    """The steps of one seat, each journalled before it is seen."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    # By the candidate.

    def go(self, target: Item) -> None:
        """Walk to an item. Raises NotNow."""
        self._require_way()
        if route.judge_reach(self._seat.items, target, self._seat.state) != route.OPEN:
            raise NotNow("this item cannot be reached from here")
        if target["id"] != self._seat.state.item:
            self._enter(target)

    def go_on(self) -> bool:
        """To the next item, or to the break before it; False at the last one. Raises NotNow."""
        self._require_way()
        here = self._seat.item
        goes = here is not None and rules.find_following(self._seat.items, here["id"]) is not None
        if here is not None and goes:
            self.pass_on(here)
        return goes

    def _require_way(self) -> None:
        seat = self._seat
        seat.require(rules.may_leave(seat.state) and route.may_walk(seat.items, seat.state))

    def end_break(self) -> None:
        """The candidate has rested enough, where the work allows it. Raises NotNow."""
        last = route.find_resting_item(self._seat.items, self._seat.state)
        if last is None or not last["break_after"]["early_end"]:
            raise NotNow("no break that may be ended")
        self._seat.require(True)
        self.leave_break("candidate")

    # On and on.

    def pass_on(self, last: Item) -> bool:
        """To what follows this item: the break after it, if it has not been had, else the next item; False at the
        end of the work."""
        seat = self._seat
        rest, following = route.find_break_ahead(last, seat.state), rules.find_following(seat.items, last["id"])
        if following is None:
            return False
        if rest is not None:
            seat.playing = None
            seat.log.append(*route.begin_break(rest, seat.state))
        else:
            self._enter(following)
        return True

    def leave_break(self, reason: str) -> None:
        """The break of now is over: the item after it is entered."""
        seat = self._seat
        last = route.find_resting_item(seat.items, seat.state)
        following = rules.find_following(seat.items, last["id"] if last else seat.state.item)
        seat.log.append(*route.end_break(seat.state, reason))
        if following is not None:
            seat.log.append(*rules.enter_stage(following, rules.first_stage(following), seat.state))

    def _enter(self, target: Item) -> None:
        self._seat.playing = None
        self._seat.log.append(*rules.go_to(self._seat.items, target, self._seat.state))

    # By itself, when a time is out.

    def move_on(self, due: rules.Due) -> None:
        """Do what is due at the item of now."""
        item = self._seat.item
        if item is None:
            return
        if due.ends_break:
            self.leave_break("time")
        elif due.ends_part:
            self._end_time_of(route.find_last_of_part(self._seat.items, item))
        elif due.stage is not None:
            self._change_stage(item, due.stage)
        elif due.leaves:
            self._end_time_of(item)

    def _change_stage(self, item: Item, stage: Stage) -> None:
        seat = self._seat
        if stage == Stage.PREPARE:
            seat.begin_preparing(item)
        elif stage == Stage.SPEAK:
            seat.speaking.enter(item, new_take=True)
        elif stage == Stage.AFTER:
            seat.leave_speech(item, seat.speaking.stop("time"))
        else:
            seat.enter(item, stage)

    def _end_time_of(self, last: Item) -> None:
        """Time is out for what ends with this item: a recording is closed; nothing follows the last one."""
        seat, item = self._seat, self._seat.item
        drafts = seat.speaking.stop("time")
        if item is not None and seat.state.stage in rules.BOUND_STAGES:
            drafts += rules.enter_stage(item, Stage.AFTER, seat.state)
        seat.log.append(*drafts)
        if not self.pass_on(last) and last.get("fixed_s"):
            seat.finish("time")
