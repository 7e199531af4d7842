"""A candidate is moved in the middle of a break: the new seat goes on resting, both sides fold one break."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until
from tests.kiosk_client.parts import STRUCTURE, make_plan

# The first break lasts long enough for somebody to walk to another seat.
BREAKS: list[dict[str, Any]] = [{"after_part": "read", "time_s": 25}, *STRUCTURE["breaks"][1:]]


def test_a_moved_candidate_goes_on_resting(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    old, new = make_agent(classroom.url, "old"), make_agent(classroom.url, "new")
    attempt = sit_down(old, classroom, **make_plan(breaks=BREAKS))
    old.require_seat().go("i2")
    old.require_seat().go_on()
    wait_until(lambda: attempt.state.break_now is not None)
    pair(new, classroom)
    new.sign_in(LOGIN)
    new.attach()
    wait_until(lambda: old.require_seat().moved and new.require_seat().items)
    assert new.require_seat().state.break_now is not None
    wait_until(lambda: attempt.state.item == "i3", 60)
    [rest] = attempt.state.breaks.values()
    [(start, end)] = rest.spans
    assert end is not None and 25_000 <= end - start < 30_000
    there, here = attempt.state.left_ms("work", classroom.now_ms()), new.require_seat().log.left_ms("work")
    assert there is not None and here is not None and abs(there - here) < 2_000
    ended = [event for event in attempt.events if event.kind == "break_ended"]
    assert [event.lease for event in ended] == [max(attempt.leases)]
