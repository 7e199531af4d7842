"""Storage: the only door for writing and the usual door for reading.

Takes a database URL: `sqlite:///path` or `postgresql://…`. Gives `write(action)` and `read()`.
On SQLite actions run in the committer thread, on PostgreSQL in place; callers cannot tell the difference.
"""
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, configure_mappers
from sqlalchemy.pool import StaticPool

from testing_server.foundation.storage.base import Base
from testing_server.foundation.storage.committer import QUEUE_LIMIT, Committer
from testing_server.foundation.storage.faults import Fault
from testing_server.foundation.storage.grouped import WriteMany
from testing_server.foundation.storage.in_place import write_in_place

T = TypeVar("T")
# connections of one process, and as many again for a moment: servers × twice this must fit into max_connections
POOL = 8
LARGEST_LOG_PAGES = 64 * 1024 * 1024 // 4096


class Storage:
    """One database. Close it to stop its thread."""

    def __init__(self, url: str, queue_limit: int = QUEUE_LIMIT) -> None:
        self.url = normalise_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        configure_mappers()
        self._committer: Committer | None = None
        self._reading_options: dict[str, Any] = {}
        if self.is_sqlite:
            self._writing = make_sqlite_engine(self.url, writing=True)
            self._reading = make_sqlite_engine(self.url, writing=False)
            self._committer = Committer(self._writing, queue_limit)
        else:
            self._writing = self._reading = create_engine(
                self.url, pool_pre_ping=True, hide_parameters=True, pool_size=POOL, max_overflow=POOL)
            self._reading_options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}

    def write(self, action: Callable[[Session], T], *, locks_rows: bool = False) -> T:
        """Runs `action` in one durable transaction and returns what it returned.

        `locks_rows`: it reads all rows it decides by FOR UPDATE, in one order, and those that may be missing it first
        makes without a conflict; PostgreSQL then lets it wait where it would else have to begin again.

        The action may be run in another thread, and more than once: it must use the session it is given, nothing of
        Flask, and change nothing else.
        Raises what the action raised (nothing of it is kept then), Busy, StorageFull or StorageReadonly.
        """
        if self._committer is not None:
            return self._committer.write(action)
        return write_in_place(self._writing, action, locks_rows)

    def write_grouped(self, write_many: WriteMany, item: Any, weight: int = 1) -> Any:
        """One item of many of a kind, written together with the others that wait; SQLite only (`is_sqlite`).

        `write_many` gets the bare connection and all items, inside the committer's transaction. `weight`: how many
        rows the item brings. Raises as `write`.
        """
        assert self._committer is not None
        return self._committer.write_grouped(write_many, item, weight)

    @property
    def refuses_writes(self) -> bool:
        """Whether the disk under a SQLite file would not take the newest group: read-only, or an error of input and
        output. A full disk is another matter (`foundation.disk`)."""
        return self._committer is not None and self._committer.fault is Fault.READONLY

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database and cannot write."""
        with self._reading.connect().execution_options(**self._reading_options) as connection:
            with Session(connection, autoflush=False, expire_on_commit=False) as session:
                yield session

    def read_row(self, statement: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The one row of a statement on the bare connection, for what is asked a thousand times a second; SQLite only
        (`is_sqlite`). `values` by name."""
        borrowed = self._reading.raw_connection()
        try:
            bare: Any = borrowed.driver_connection
            row: tuple[Any, ...] = bare.execute(statement, values).fetchone()
            return row
        finally:
            borrowed.close()

    def create_tables(self) -> None:
        """All tables known to `Base`, for tests; a role migrates instead."""
        if self._committer is None:
            Base.metadata.create_all(self._writing)
        else:
            self._committer.write(lambda session: Base.metadata.create_all(session.connection()))

    def close(self) -> None:
        """Writes what waits and lets the file go."""
        if self._committer is not None:
            self._committer.close()
        self._writing.dispose()
        self._reading.dispose()


def normalise_url(url: str) -> str:
    """PostgreSQL by the driver that waits cooperatively under gevent."""
    for start in ("postgresql://", "postgres://"):
        if url.startswith(start):
            return "postgresql+psycopg://" + url.removeprefix(start)
    return url


def make_sqlite_engine(url: str, writing: bool) -> Engine:
    """An engine whose transactions begin as told: at once for the writer, deferred for readers."""
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("storage needs a file: a database in memory cannot be shared by writer and readers")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    # the writer keeps one connection for its one thread
    pool: dict[str, Any] = {"poolclass": StaticPool} if writing else {"pool_size": 10, "max_overflow": 40}
    # a failure goes into the log with its statement: what was to be written (answers, names, hashes) must not
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10}, hide_parameters=True, **pool)
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        prepare_sqlite(dbapi_connection, writing)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def prepare_sqlite(connection: Any, writing: bool) -> None:
    """Durable at every commit; the driver must not begin transactions by itself."""
    connection.isolation_level = None
    pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"]
    # the committer merges the log when nobody waits, and in a commit only when it has grown to 64 MiB
    # every seat writes to pages of its own: 8 MB hold those of a thousand, where SQLite's usual 2 MB read them again
    pragmas += [f"wal_autocheckpoint={LARGEST_LOG_PAGES}", "cache_size=-8000"] if writing else ["query_only=ON"]
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()
