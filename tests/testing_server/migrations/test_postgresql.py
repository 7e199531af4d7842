"""The foundation on a real PostgreSQL: the same door, the same audit, the same refusals."""
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit, verify_audit
from testing_server.foundation.progress import post_progress, read_progress
from testing_server.foundation.storage import Storage
from testing_server.migrations import upgrade_database
from tests.testing_server.postgres import PostgresServer

pytestmark = pytest.mark.postgresql


@pytest.fixture
def storage(postgres: PostgresServer) -> Iterator[Storage]:
    url = postgres.make_database()
    upgrade_database(url)
    opened = Storage(url)
    yield opened
    opened.close()


def test_written_is_read_and_failed_is_not(storage: Storage) -> None:
    def fail(session: Session) -> None:
        post_progress(session, "lost", "", "", "materials", "ready", 1)
        raise ValueError("refused")

    storage.write(lambda session: post_progress(session, "kept", "", "", "materials", "ready", 1_760_000_000_000))
    with pytest.raises(ValueError):
        storage.write(fail)
    with storage.read() as session:
        assert [row.school for row in read_progress(session)] == ["kept"]


def test_reading_session_cannot_write(storage: Storage) -> None:
    with storage.read() as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(text("DELETE FROM progress"))


def test_writers_at_once_share_one_chain(storage: Storage) -> None:
    def write() -> None:
        for _line in range(20):
            storage.write(lambda session: append_audit(session, 1, "hub", "anna", "did", "it"))

    threads = [threading.Thread(target=write) for _writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with storage.read() as session:
        assert verify_audit(session, "hub") is None
        assert session.scalar(text("SELECT length FROM audit_chain")) == 80
