"""The clock of the sittings: a wrong hand on the machine's clock moves no timer, a restart goes on with the anchor."""
from pathlib import Path

import pytest

from testing_server.exam_day.pacing import Tries
from testing_server.exam_day.steady_clock import SteadyClock
from testing_server.foundation.clock import FakeClock

DAY_MS = 86_400_000


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    return tmp_path / "run" / "anchor.json"


def test_a_jump_of_a_day_moves_nothing(clock: FakeClock, anchor: Path) -> None:
    steady = SteadyClock(clock, anchor, "boot-1")
    before = steady.now_ms()
    clock.jump_wall(DAY_MS)
    clock.advance(1_000)
    assert steady.now_ms() == before + 1_000
    assert steady.drift_ms() == DAY_MS


def test_a_restart_in_the_same_boot_goes_on(clock: FakeClock, anchor: Path) -> None:
    SteadyClock(clock, anchor, "boot-1").anchor()
    before = clock.now_ms()
    clock.jump_wall(-DAY_MS)
    assert SteadyClock(clock, anchor, "boot-1").now_ms() == before


@pytest.mark.parametrize("boot", ["boot-2", ""])
def test_another_boot_anchors_afresh(clock: FakeClock, anchor: Path, boot: str) -> None:
    SteadyClock(clock, anchor, "boot-1").anchor()
    clock.jump_wall(-DAY_MS)
    assert SteadyClock(clock, anchor, boot).now_ms() == clock.now_ms()


def test_a_damaged_anchor_is_made_again(clock: FakeClock, anchor: Path) -> None:
    anchor.parent.mkdir()
    anchor.write_text("{")
    assert SteadyClock(clock, anchor, "boot-1").now_ms() == clock.now_ms()


def test_tries_close_the_door_and_open_it_again() -> None:
    tries = Tries(3, span_ms=60_000, wait_ms=300_000)
    for at_ms in (0, 10, 20):
        assert tries.wait_left_s("k", at_ms) == 0
        tries.note("k", at_ms)
    assert tries.wait_left_s("k", 20) == 300
    assert tries.wait_left_s("other", 20) == 0
    assert tries.wait_left_s("k", 300_020) == 0


def test_tries_long_ago_do_not_count() -> None:
    tries = Tries(2, span_ms=1_000)
    tries.note("k", 0)
    tries.note("k", 1_000)
    assert tries.wait_left_s("k", 1_000) == 0
