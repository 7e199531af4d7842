"""What a rehearsal does to a robot's machine: only the clock people can change, only the sound."""
from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kiosk_client.clock import SystemClock
from kiosk_client.robot import harm
from kiosk_client.robot.harm import Harm, HarmedClock, MutedSource

DAY_MS = 86_400_000


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(harm, "LOOK_SECONDS", -1.0)
    return tmp_path / "orders.json"


class OneBlock:
    """A source of one block, and the door it is given to."""

    rate, name = 24_000, "one"

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def start(self, door: object) -> None:
        door.take(b"\1\2")  # type: ignore[attr-defined]

    def stop(self) -> None:
        return

    def is_right_device(self) -> bool:
        return True

    def take(self, block: bytes, overrun: bool = False) -> None:
        self.taken.append(block)

    def finish(self, reason: str) -> None:
        return

    def is_crowded(self) -> bool:
        return False


def test_the_wall_clock_jumps_and_the_steady_one_does_not(orders: Path) -> None:
    clock = HarmedClock(Harm(orders))
    orders.write_text(json.dumps({"clock_ms": DAY_MS}))
    assert abs(clock.wall_ms() - time.time() * 1000 - DAY_MS) < 5_000
    assert abs(clock.mono_ms() - SystemClock().mono_ms()) < 5_000
    orders.write_text("{}")
    assert abs(clock.wall_ms() - time.time() * 1000) < 5_000


def test_a_muted_microphone_gives_silence_of_the_same_length(orders: Path) -> None:
    door = OneBlock()
    source = MutedSource(OneBlock(), Harm(orders))
    source.start(door)
    orders.write_text('{"muted": true}')
    source.start(door)
    orders.write_text('{"muted": false}')
    source.start(door)
    assert door.taken == [b"\1\2", b"\0\0", b"\1\2"]


def test_orders_half_written_leave_the_last_ones(orders: Path) -> None:
    told = Harm(orders)
    assert (told.is_muted, told.clock_ms) == (False, 0)
    orders.write_text('{"muted": true}')
    assert told.is_muted
    for rubbish in ('{"mut', "", "[1", "[1]", "7"):
        orders.write_text(rubbish)
        assert told.is_muted
