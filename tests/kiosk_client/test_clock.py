"""The seat's estimate of the server's time."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_client.clock import ServerTime
from kiosk_client.fake_clock import FakeSeatClock


def exchange(time: ServerTime, clock: FakeSeatClock, server_ahead_ms: int, there_ms: int, back_ms: int) -> None:
    """One exchange over a link that takes so long each way; the server's clock is ahead of the monotonic one."""
    sent = clock.mono_ms()
    clock.advance(there_ms)
    told = clock.mono_ms() + server_ahead_ms
    clock.advance(back_ms)
    time.add_exchange(sent, told, told, clock.mono_ms())


def test_the_quickest_exchange_is_believed() -> None:
    clock = FakeSeatClock()
    time = ServerTime(clock)
    exchange(time, clock, 1_000_000, 400, 0)
    exchange(time, clock, 1_000_000, 2, 2)
    exchange(time, clock, 1_000_000, 0, 300)
    stamp = time.stamp()
    assert stamp.at_ms == clock.mono_ms() + 1_000_000
    assert stamp.err_ms <= 4


def test_the_error_grows_with_age() -> None:
    clock = FakeSeatClock()
    time = ServerTime(clock)
    exchange(time, clock, 1_000_000, 5, 5)
    clock.advance(3_600_000)
    assert time.stamp().err_ms >= 5 + 180


def test_stamps_never_go_back_when_the_offset_is_corrected() -> None:
    clock = FakeSeatClock()
    time = ServerTime(clock)
    exchange(time, clock, 1_000_500, 30, 30)
    before = time.stamp().at_ms
    exchange(time, clock, 1_000_000, 1, 1)
    assert time.stamp().at_ms == before
    clock.advance(2_000)
    assert time.stamp().at_ms == clock.mono_ms() + 1_000_000


def test_a_restart_without_the_server_keeps_the_time_of_the_same_boot() -> None:
    clock, kept = FakeSeatClock(), {}
    exchange(ServerTime(clock, None, kept.update), clock, 5_000_000, 1, 1)
    clock.set_wall_ahead(86_400_000)
    again = ServerTime(clock, dict(kept))
    assert again.is_known and again.now_ms() == clock.mono_ms() + 5_000_000
    other_boot: dict[str, Any] = {**kept, "boot_id": "boot-0"}
    assert not ServerTime(clock, other_boot).is_known


def test_a_changed_clock_is_noticed_once_and_moves_no_stamp() -> None:
    clock = FakeSeatClock()
    time = ServerTime(clock)
    exchange(time, clock, 1_000_000, 1, 1)
    before = time.now_ms()
    clock.set_wall_ahead(-86_400_000)
    assert time.now_ms() == before
    assert time.take_jump_ms() == -86_400_000
    assert time.take_jump_ms() is None


@pytest.mark.parametrize(("changed_ms", "expected_ms"), [
    (0, 60_000), (86_400_000, 0), (-86_400_000, 0), (40 * 86_400_000, 0), (-120_000, 0)])
def test_after_another_boot_the_machines_clock_is_believed_only_where_it_can_be_right(
        changed_ms: int, expected_ms: int) -> None:
    clock = FakeSeatClock()
    saved: dict[str, Any] = {}
    time = ServerTime(clock, None, saved.update)
    exchange(time, clock, 1_000_000, 2, 2)
    last_ms = time.now_ms()
    again = FakeSeatClock(clock.wall_ms() + 60_000 + changed_ms, "boot-2")
    restarted = ServerTime(again, saved)
    assert not restarted.is_known
    assert abs(restarted.now_ms() - last_ms - expected_ms) <= 4
