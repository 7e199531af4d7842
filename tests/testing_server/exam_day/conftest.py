"""Fixtures: an empty classroom server, and one with an open sitting."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testing_server.exam_day.builders import Classroom, make_classroom, make_open_room


@pytest.fixture
def empty_room(tmp_path: Path) -> Iterator[Classroom]:
    made = make_classroom(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def open_room(tmp_path: Path) -> Iterator[Classroom]:
    made = make_open_room(tmp_path / "data")
    yield made
    made.close()
