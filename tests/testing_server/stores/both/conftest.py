"""A hub on the stores of one machine or of a country, and what the hub's tests ask for, made on it."""
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask

from testing_server.foundation import services
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.files.bucket import Bucket, read_address
from testing_server.foundation.live import Live
from testing_server.foundation.storage import Storage
from tests.builders import close_app, make_app
from tests.testing_server.exam_day.reception.make_reception import Reception, make_reception
from tests.testing_server.postgres import Model
from tests.testing_server.preparation.make_hub import Hub, make_hub
from tests.testing_server.stores.servers import RedisServer, SeaweedServer

SETS = ["one-machine", pytest.param("country", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def country_model(request: pytest.FixtureRequest, newest: dict[str, Model],
                  tmp_path_factory: pytest.TempPathFactory) -> Model:
    """All tables on PostgreSQL, migrated once and then copied."""
    if "postgresql" not in newest:
        newest["postgresql"] = Model(tmp_path_factory.mktemp("newest"), request.getfixturevalue("postgres"))
    return newest["postgresql"]


@pytest.fixture(scope="session")
def bucket_url(seaweed: SeaweedServer) -> str:
    """One bucket for all: files are named by their digests, and SeaweedFS makes volumes for each bucket."""
    files_url = seaweed.url.replace("hub-files", "both-sets")
    Bucket(read_address(files_url)).ensure()
    return files_url


@pytest.fixture
def stores(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of the set a test is parametrised with; a country's where it names none."""
    if getattr(request, "param", "country") == "one-machine":
        return {}
    model: Model = request.getfixturevalue("country_model")
    return {"database_url": model.copy_at("head"), "files_url": request.getfixturevalue("bucket_url")}


@pytest.fixture
def hub(stores: dict[str, Any], tmp_path: Path) -> Iterator[Hub]:
    made = make_hub(tmp_path, **stores)
    yield made
    close_app(made.app)


@pytest.fixture
def reception(hub: Hub, tmp_path: Path) -> Reception:
    return make_reception(hub, tmp_path)


@pytest.fixture
def storage(country_model: Model) -> Iterator[Storage]:
    found = Storage(country_model.copy_at("head"))
    yield found
    found.close()


@pytest.fixture
def limits(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of a hub that counts tries in Redis; what tests before this one tried is forgotten."""
    redis.Redis.from_url(redis_server.url).flushdb()
    # the thread that listens to other processes never ends; test_country has such processes
    monkeypatch.setattr(services, "Live", lambda url: Live())
    return {"redis_url": redis_server.url}


@pytest.fixture
def open_app(stores: dict[str, Any], limits: dict[str, str], tmp_path: Path,
             clock: FakeClock) -> Iterator[Callable[..., Flask]]:
    """`open_app(mounts, **settings)`: as in every other test, on the stores of a country."""
    opened: list[Flask] = []

    def build(mounts: Any = (), **changes: Any) -> Flask:
        opened.append(make_app(tmp_path / "hub", mounts, **{"clock": clock, **stores, **limits, **changes}))
        return opened[-1]
    yield build
    for app in opened:
        close_app(app)
