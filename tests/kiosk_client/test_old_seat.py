"""A workstation that was cut off when its candidate was moved: it delivers what only it has, and takes nothing more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom, FakeFault
from kiosk_client.refusals import NotNow
from testing_server.contracts.canonical import sha256_hex
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until


def test_it_wakes_up_delivers_what_it_has_and_can_no_longer_write(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    old, new = make_agent(classroom.url, "old"), make_agent(classroom.url, "new")
    attempt = sit_down(old, classroom)
    wait_until(lambda: not old.journal.count_unacked(), 60)
    lease = old.require_seat().log.lease

    def cut_off(path: str) -> None:
        if path.endswith("/events") or "/parts/" in path:
            raise FakeFault(503, "busy", 0.1)

    classroom.fail = cut_off
    seat = old.require_seat()
    seat.answer("i1", "r1", "c2")
    seat.go("i3")
    seat.prepare()
    seat.speak()
    wait_until(lambda: old.journal.count_waiting_parts() >= 2, 60)
    old.stop()
    classroom.fail = lambda path: None
    pair(new, classroom)
    new.sign_in(LOGIN)
    assert "i1/r1" not in attempt.state.responses
    woken = make_agent(classroom.url, "old")
    woken.attach()
    wait_until(lambda: woken.require_seat().moved and not woken.journal.count_waiting(), 60)
    wait_until(lambda: attempt.acked(lease) == woken.journal.head(attempt.id, lease)[0], 60)
    [recording] = attempt.state.recordings
    assert attempt.state.responses["i1/r1"].value == "c2"
    assert sha256_hex(bytes(attempt.sound[recording.lease, recording.number])) == recording.sha256
    head = woken.journal.head(attempt.id, lease)
    for action in (lambda: woken.require_seat().answer("i1", "r1", "c3"), lambda: woken.require_seat().go("i1")):
        with pytest.raises(NotNow):
            action()
    assert woken.journal.head(attempt.id, lease) == head
