"""One world for all fault tests, and the table that the long runs end with."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.faults.candidate import Candidate
from tests.faults.counting import TABLE, show_table
from tests.faults.world import World, raise_world


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub and a classroom with one planted work; started once."""
    with ExitStack() as stack:
        yield raise_world(tmp_path_factory.mktemp("faults"), stack)


@pytest.fixture(scope="package")
def quick_sitting(world: World) -> tuple[str, Candidate]:
    """A sitting nobody disturbed, and its robot, who has delivered everything; not closed yet."""
    code = world.take_code()
    sitting = world.open_sitting([code])
    candidate = world.make_candidate(code, think_s=1.0, speak_s=3.0)
    world.seat_all(sitting, [candidate])
    world.start_work(sitting, candidate)
    candidate.wait_done()
    return sitting, candidate


def pytest_unconfigure(config: Any) -> None:
    """After everything else, so that `lost: N` is the last line."""
    if TABLE and os.environ.get("FAULTS"):
        print(show_table())
