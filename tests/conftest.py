"""Fixtures for all tests: a clock that stands still, storage and an application in a folder of the test."""
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from testing_server.foundation.clock import FakeClock
from testing_server.foundation.storage import Storage
from tests.builders import close_app, make_app
from tests.shortcuts import lock_as_the_product, take_shortcuts

# the many servers of the tests would hold half a gigabyte each
os.environ.setdefault("TESTING_SERVER_BALLAST_MB", "0")
ENDED = pytest.StashKey[int]()


@pytest.fixture(scope="session", autouse=True)
def shortcuts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        take_shortcuts(patch)
        yield


@pytest.fixture
def product_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords and key files as slow as they are for a stranger."""
    lock_as_the_product(monkeypatch)


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


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remembers how the run ended, for `pytest_unconfigure`."""
    session.config.stash[ENDED] = int(exitstatus)


def pytest_unconfigure(config: pytest.Config) -> None:
    """A failed test may leave a thread that never ends; it is named, and the run ends all the same."""
    end = time.monotonic() + 5
    while (left := list_threads_left()) and time.monotonic() < end:
        time.sleep(0.1)
    if left and ENDED in config.stash:
        print(f"\nthreads that went on after the tests: {', '.join(left)}", flush=True)
        os._exit(config.stash[ENDED])


def list_threads_left() -> list[str]:
    """Names of those that keep the process from ending."""
    return [one.name for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
