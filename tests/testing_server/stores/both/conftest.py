"""A hub on the stores of one machine or of a country, and what the hub's tests ask for, made on it."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing_server.foundation.files.bucket import Bucket, read_address
from testing_server.foundation.storage import Storage
from tests.builders import close_app
from tests.testing_server.exam_day.reception.make_reception import Reception, make_reception
from tests.testing_server.postgres import Model
from tests.testing_server.preparation.make_hub import Hub, make_hub
from tests.testing_server.stores.servers import SeaweedServer

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
def stores(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of the set a test is parametrised with; a country's where it names none."""
    if getattr(request, "param", "country") == "one-machine":
        return {}
    model: Model = request.getfixturevalue("country_model")
    return {"database_url": model.copy_at("head"), "files_url": request.getfixturevalue("bucket_url")}


@pytest.fixture
def hub(stores: dict[str, str], tmp_path: Path) -> Iterator[Hub]:
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
