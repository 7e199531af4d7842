"""One world for all fault tests, and the table that the long runs end with."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.faults.counting import TABLE, show_table
from tests.faults.world import World, raise_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub and a classroom with one planted work; started once."""
    with ExitStack() as stack:
        yield raise_world(tmp_path_factory.mktemp("faults"), stack)


def pytest_unconfigure(config: Any) -> None:
    """After everything else, so that `lost: N` is the last line."""
    if TABLE and os.environ.get("FAULTS"):
        print(show_table())
