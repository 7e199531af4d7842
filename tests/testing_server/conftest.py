"""Fixtures of the server's tests: databases of both kinds."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shortcuts import make_passwords_quick
from tests.testing_server.postgres import Model, PostgresServer, find_binaries


@pytest.fixture(scope="module")
def quick_passwords() -> Iterator[None]:
    """For those who sign in hundreds of people: as in every test, whatever else patches them."""
    with pytest.MonkeyPatch.context() as patch:
        make_passwords_quick(patch)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: make setup installs it where apt may be used")
    server = PostgresServer(binaries)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> str:
    """Of a database without tables."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'trial.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.make_database()


@pytest.fixture(scope="session")
def newest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    """Models of all tables, by kind of database."""
    return {}


@pytest.fixture
def migrated_url(request: pytest.FixtureRequest, database_kind: str, newest: dict[str, Model],
                 tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a database with all tables as migrations make them."""
    if database_kind not in newest:
        newest[database_kind] = open_model(request, database_kind, tmp_path_factory.mktemp("newest"))
    return newest[database_kind].copy_at("head")


def open_model(request: pytest.FixtureRequest, kind: str, folder: Path) -> Model:
    return Model(folder, request.getfixturevalue("postgres") if kind == "postgresql" else None)
