"""Fixtures for all tests: a clock that stands still, storage and an application in a folder of the test."""
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from testing_server.foundation.clock import FakeClock
from testing_server.foundation.storage import Storage
from tests.builders import close_app, make_app

# the many servers of the tests would hold half a gigabyte each
os.environ.setdefault("TESTING_SERVER_BALLAST_MB", "0")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """SQLite with all tables known so far."""
    kept = Storage(f"sqlite:///{tmp_path / 'test.sqlite'}")
    kept.create_tables()
    yield kept
    kept.close()


@pytest.fixture
def open_app(tmp_path: Path, clock: FakeClock) -> Iterator[Callable[..., Flask]]:
    """`open_app(mounts, **settings)`: an application on the fake clock, closed after the test."""
    opened: list[Flask] = []

    def build(mounts: Any = (), **changes: Any) -> Flask:
        changes.setdefault("clock", clock)
        app = make_app(tmp_path / f"data-{len(opened)}", mounts, **changes)
        opened.append(app)
        return app

    yield build
    for app in opened:
        close_app(app)
