"""Threads that wait share a commit; what one is told is on the disk, and a failed commit is told to all of it."""
import errno
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from testing_server.foundation.files import durable
from testing_server.foundation.storage.shared_commits import SharedCommits


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(tmp_path / "list.sqlite", check_same_thread=False, isolation_level=None)
    made.execute("CREATE TABLE part (name TEXT PRIMARY KEY)")
    return made


def write_held(commits: SharedCommits, names: list[str]) -> list[BaseException | None]:
    """All of them while a commit is being written, so that they wait together."""
    errors: list[BaseException | None] = [None] * len(names)

    def write(number: int) -> None:
        try:
            commits.execute("INSERT INTO part VALUES (?)", (names[number],))
        except sqlite3.Error as error:
            errors[number] = error
    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(names))]
    with commits._writing:
        for thread in threads:
            thread.start()
        while len(commits._next.statements) < len(names):
            pass
    for thread in threads:
        thread.join(10)
    return errors


def read_names(database: sqlite3.Connection) -> list[str]:
    return [row[0] for row in database.execute("SELECT name FROM part ORDER BY name")]


def test_who_waits_shares_one_commit(database: sqlite3.Connection) -> None:
    commits = SharedCommits(database)
    assert write_held(commits, [f"{number:02}" for number in range(30)]) == [None] * 30
    assert commits.commits == 1 and len(read_names(database)) == 30


def test_a_failed_commit_is_told_to_all_and_keeps_nothing(database: sqlite3.Connection) -> None:
    commits = SharedCommits(database)
    errors = write_held(commits, ["a", "b", "a"])
    assert all(isinstance(error, sqlite3.IntegrityError) for error in errors) and read_names(database) == []
    commits.execute("INSERT INTO part VALUES (?)", ("a",))
    assert read_names(database) == ["a"]


def test_a_failed_fsync_under_a_list_ends_the_process() -> None:
    class Failing:
        in_transaction = False

        def execute(self, statement: str) -> None:
            error = sqlite3.OperationalError("made by the test")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
    ended: list[BaseException] = []
    with pytest.raises(sqlite3.OperationalError):
        SharedCommits(Failing(), ended.append).execute("", ())  # type: ignore[arg-type]
    assert len(ended) == 1


def test_a_failed_fsync_of_sound_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "made by the test")
    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "_exit", ended.append)
    durable.sync_or_end(1)
    assert ended == [74]
