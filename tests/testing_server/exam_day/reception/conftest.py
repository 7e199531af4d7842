"""A hub for every test of this folder."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import close_app
from tests.testing_server.preparation.make_hub import Hub, make_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = make_hub(tmp_path)
    yield made
    close_app(made.app)
