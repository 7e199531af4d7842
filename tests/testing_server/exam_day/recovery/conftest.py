"""Fixtures of a server that may be lost."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.recovery.standby.builders import Pair, make_pair


@pytest.fixture
def pair(open_room: Classroom, tmp_path: Path) -> Iterator[Pair]:
    made = make_pair(open_room, tmp_path / "spare")
    yield made
    made.spare.close()
