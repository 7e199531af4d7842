"""A hub and a school that sends to it, for every test of this folder."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import close_app
from tests.testing_server.exam_day.reception.make_reception import Reception, make_reception
from tests.testing_server.preparation.make_hub import Hub, make_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = make_hub(tmp_path)
    yield made
    close_app(made.app)


@pytest.fixture
def reception(hub: Hub, tmp_path: Path) -> Reception:
    return make_reception(hub, tmp_path)
