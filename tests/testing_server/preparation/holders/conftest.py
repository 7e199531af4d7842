"""A hub with holders for every test of this folder that asks for one."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing_server.foundation.clock import FakeClock
from tests.builders import close_app
from tests.testing_server.preparation.holders.make_holders import Band, make_held_hub
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Hub, Band]]:
    hub, band = make_held_hub(tmp_path, FakeClock(MOMENT_MS))
    yield hub, band
    band.stop()
    close_app(hub.app)


@pytest.fixture
def hub(held: tuple[Hub, Band]) -> Hub:
    return held[0]


@pytest.fixture
def band(held: tuple[Hub, Band]) -> Band:
    return held[1]
