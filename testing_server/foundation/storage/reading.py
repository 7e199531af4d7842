"""Reading the database from a process that never writes it. Takes its URL; gives sessions."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from testing_server.foundation.storage.storage import make_sqlite_engine, normalise_url

READ_ONLY: dict[str, Any] = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}


@contextmanager
def read_apart(url: str) -> Iterator[Session]:
    """A session that sees one moment of the database and cannot write; its connection ends with it.

    Hold it no longer than reading takes: SQLite's log grows as long as somebody looks at an old moment.
    """
    url = normalise_url(url)
    is_sqlite = url.startswith("sqlite")
    engine = make_sqlite_engine(url, writing=False) if is_sqlite else _make_engine(url)
    try:
        with engine.connect().execution_options(**({} if is_sqlite else READ_ONLY)) as connection:
            with Session(connection, autoflush=False, expire_on_commit=False) as session:
                yield session
    finally:
        engine.dispose()


def _make_engine(url: str) -> Engine:
    return create_engine(url, hide_parameters=True, poolclass=NullPool)
