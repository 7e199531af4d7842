"""Databases that climb the history step by step, one of each kind for the tests of a file."""
from collections.abc import Callable

import pytest

from tests.testing_server.conftest import open_model
from tests.testing_server.postgres import Model


@pytest.fixture(scope="module")
def climbing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    """By kind of database."""
    return {}


@pytest.fixture
def stand_at(request: pytest.FixtureRequest, database_kind: str, climbing: dict[str, Model],
             tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """`stand_at(revision)`: an empty database at that step, whose later steps are asked for later."""
    if database_kind not in climbing:
        climbing[database_kind] = open_model(request, database_kind, tmp_path_factory.mktemp("climbing"))
    return climbing[database_kind].copy_at
