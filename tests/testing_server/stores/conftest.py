"""The servers of a hub of a country, each started once for the tests that ask for it."""
from collections.abc import Iterator

import pytest

from tests.testing_server.stores.servers import RedisServer, SeaweedServer, find_weed


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    import shutil
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed: make setup installs it where apt may be used")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    weed = find_weed()
    if weed is None:
        pytest.skip("SeaweedFS is not installed: make setup installs it on Linux")
    server = SeaweedServer(weed, tmp_path_factory.mktemp("seaweed"))
    yield server
    server.stop()
