"""One door for writing: what is acknowledged is kept, one bad action never fails its group."""
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from testing_server.foundation.progress import post_progress, read_progress
from testing_server.foundation.storage import committer
from testing_server.foundation.storage import Busy, Storage, StorageFull, StorageReadonly
from testing_server.foundation.storage.committer import GROUP_ITEMS, RUSH
from testing_server.foundation.storage.faults import Fault, judge_fault
from testing_server.foundation.storage.queueing import WeighedQueue
from testing_server.foundation.storage.refusals import StorageClosed
from testing_server.foundation.storage.waiting import QueueEmpty


def post(school: str, state: str = "ready") -> Callable[[Session], str]:
    def action(session: Session) -> str:
        post_progress(session, school, "", "", "materials", state, 1)
        return school
    return action


def schools(storage: Storage) -> list[str]:
    with storage.read() as session:
        return [row.school for row in read_progress(session)]


def sqlite_error(code: int) -> OperationalError:
    cause = sqlite3.OperationalError("made by the test")
    cause.sqlite_errorcode = code
    return OperationalError("INSERT", {}, cause)


def failing_with(error: BaseException) -> Callable[[Session], None]:
    def action(session: Session) -> None:
        post_progress(session, "lost", "", "", "materials", "ready", 1)
        raise error
    return action


def hold_committer(storage: Storage) -> tuple[threading.Event, threading.Thread]:
    """Keeps the writing thread inside an action until the event is set."""
    inside, release = threading.Event(), threading.Event()

    def wait(session: Session) -> None:
        inside.set()
        release.wait(10)

    thread = threading.Thread(target=storage.write, args=(wait,))
    thread.start()
    assert inside.wait(5)
    return release, thread


def write_all_waiting(storage: Storage, actions: list[Callable[[Session], Any]]) -> list[Any]:
    """All actions in one group; gives results and errors in order."""
    release, holder = hold_committer(storage)
    results: list[Any] = [None] * len(actions)

    def run(number: int) -> None:
        try:
            results[number] = storage.write(actions[number])
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    while storage._committer and storage._committer._queue.qsize() < len(actions):
        pass
    release.set()
    for thread in [*threads, holder]:
        thread.join(10)
    return results


def test_write_returns_what_the_action_returned(storage: Storage) -> None:
    assert storage.write(post("a")) == "a"
    assert schools(storage) == ["a"]


def test_database_is_durable_at_every_commit(storage: Storage) -> None:
    def read_pragmas(session: Session) -> tuple[Any, Any]:
        return (session.scalar(text("PRAGMA journal_mode")), session.scalar(text("PRAGMA synchronous")))
    assert storage.write(read_pragmas) == ("wal", 2)


def test_waiting_actions_share_one_commit(storage: Storage) -> None:
    assert storage._committer is not None
    write_all_waiting(storage, [post(f"school-{number}") for number in range(50)])
    # tables, the held action, and everything that waited meanwhile
    assert storage._committer.groups == 3
    assert len(schools(storage)) == 50


def test_a_rush_waits_a_moment_for_more(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[threading.Thread] = []

    def bring_one_more(seconds: float) -> None:
        late.append(threading.Thread(target=storage.write, args=(post("late"),)))
        late[0].start()
        while storage._committer and not storage._committer._queue.qsize():
            pass

    monkeypatch.setattr(committer, "sleep_really", bring_one_more)
    assert storage._committer is not None
    write_all_waiting(storage, [post(f"school-{number:02}") for number in range(RUSH)])
    late[0].join(60)
    # tables, the held action, and everything that waited together with the one who came last
    assert storage._committer.groups == 3
    assert len(schools(storage)) == RUSH + 1


def test_a_few_wait_for_nobody(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(committer, "sleep_really", pauses.append)
    write_all_waiting(storage, [post(f"school-{number:02}") for number in range(RUSH - 1)])
    assert not pauses


def test_bad_action_fails_alone(storage: Storage) -> None:
    results = write_all_waiting(storage, [post("a"), failing_with(ValueError("mine")), post("b")])
    assert isinstance(results[1], ValueError)
    assert schools(storage) == ["a", "b"]


def test_broken_constraint_fails_alone(storage: Storage) -> None:
    def collide(session: Session) -> None:
        session.execute(text("INSERT INTO progress VALUES ('a', '', 'materials', '', 'ready', 1)"))
    results = write_all_waiting(storage, [post("a"), collide, post("b")])
    assert isinstance(results[1], IntegrityError)
    assert schools(storage) == ["a", "b"]


@pytest.mark.parametrize(("code", "refusal"), [
    (sqlite3.SQLITE_FULL, StorageFull), (sqlite3.SQLITE_IOERR_WRITE, StorageReadonly),
    (sqlite3.SQLITE_READONLY_DBMOVED, StorageReadonly), (sqlite3.SQLITE_CORRUPT, StorageReadonly)])
def test_fault_of_the_disk_acknowledges_nobody(storage: Storage, code: int, refusal: type[Exception]) -> None:
    results = write_all_waiting(storage, [post("a"), failing_with(sqlite_error(code)), post("b")])
    assert [type(result) for result in results] == [refusal] * 3
    assert schools(storage) == []


def test_full_database_refuses_and_keeps_what_was_there(tmp_path: Path, storage: Storage) -> None:
    storage.write(post("kept"))

    def limit(session: Session) -> None:
        pages = session.scalar(text("PRAGMA page_count"))
        session.execute(text(f"PRAGMA max_page_count={pages}"))

    storage.write(limit)
    with pytest.raises(StorageFull):
        storage.write(lambda session: post_progress(session, "x" * 2_000_000, "", "", "materials", "ready", 1))
    assert schools(storage) == ["kept"]


def test_commit_that_fails_acknowledges_nobody(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage._committer is not None

    class FailingEngine:
        def connect(self) -> Any:
            raise sqlite_error(sqlite3.SQLITE_IOERR)

    monkeypatch.setattr(storage._committer, "_engine", FailingEngine())
    with pytest.raises(StorageReadonly):
        storage.write(post("a"))
    monkeypatch.undo()
    assert schools(storage) == []


def test_failed_fsync_ends_the_process(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage._committer is not None
    ended: list[BaseException] = []
    monkeypatch.setattr(storage._committer, "_on_fsync_error", ended.append)
    with pytest.raises(StorageReadonly):
        storage.write(failing_with(sqlite_error(sqlite3.SQLITE_IOERR_FSYNC)))
    assert len(ended) == 1


def test_full_queue_is_busy_and_says_when_to_return(tmp_path: Path) -> None:
    storage = Storage(f"sqlite:///{tmp_path / 'busy.sqlite'}", queue_limit=1)
    storage.create_tables()
    release, holder = hold_committer(storage)
    waiting = threading.Thread(target=storage.write, args=(post("waits"),))
    waiting.start()
    while storage._committer and storage._committer._queue.qsize() < 1:
        pass
    with pytest.raises(Busy) as refusal:
        storage.write(post("too much"))
    release.set()
    waiting.join(5)
    holder.join(5)
    assert refusal.value.as_json()["retry_after_s"] == 1
    assert schools(storage) == ["waits"]
    storage.close()


def test_what_waits_is_weighed() -> None:
    queue = WeighedQueue(limit=200)
    queue.put("small", 1)
    queue.put("large", 200)
    for weight in (1, 200):
        with pytest.raises(Busy):
            queue.put("too much", weight)
    assert queue.get() == "small"
    with pytest.raises(Busy):
        queue.put("still too much")
    assert queue.get_nowait() == "large"
    queue.put("again", 200)
    queue.put_end()
    assert [queue.get(), queue.get()] == ["again", None]
    with pytest.raises(QueueEmpty):
        queue.get_nowait()


def test_heavy_items_fill_a_commit_sooner(storage: Storage) -> None:
    release, holder = hold_committer(storage)
    writers = [threading.Thread(target=storage.write_grouped, args=(post_many, f"{number}", GROUP_ITEMS // 2))
               for number in range(6)]
    before = storage._committer.groups if storage._committer else 0
    for writer in writers:
        writer.start()
    while storage._committer and storage._committer._queue.qsize() < len(writers):
        pass
    release.set()
    for thread in (*writers, holder):
        thread.join(60)
    assert storage._committer and storage._committer.groups - before == 1 + 3


def test_reading_session_cannot_write(storage: Storage) -> None:
    with storage.read() as session, pytest.raises(OperationalError, match="readonly"):
        session.execute(text("DELETE FROM progress"))


def test_reader_sees_one_moment(storage: Storage) -> None:
    storage.write(post("before"))
    with storage.read() as session:
        assert len(read_progress(session)) == 1
        storage.write(post("after"))
        assert len(read_progress(session)) == 1


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    storage = Storage(f"sqlite:///{tmp_path / 'closing.sqlite'}")
    storage.create_tables()
    storage.write(post("a"))
    storage.close()
    with pytest.raises(StorageClosed):
        storage.write(post("b"))
    with sqlite3.connect(tmp_path / "closing.sqlite") as plain:
        assert plain.execute("SELECT school FROM progress").fetchall() == [("a",)]


def test_log_is_merged_when_nobody_waits(tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "IDLE_S", 0.05)
    storage.write(post("a"))
    deadline = time.monotonic() + 10
    # a merged log begins anew with the next write, so it does not grow
    while schools_in_file_alone(tmp_path) != ["a"]:
        assert time.monotonic() < deadline, "the log was never merged"
        time.sleep(0.05)
    storage.write(post("b"))
    assert schools(storage) == ["a", "b"]


def schools_in_file_alone(folder: Path) -> list[str]:
    """What a copy of the main file without its log holds."""
    copy = folder / "copy.sqlite"
    shutil.copy(folder / "test.sqlite", copy)
    with sqlite3.connect(copy) as plain:
        try:
            return [row[0] for row in plain.execute("SELECT school FROM progress")]
        except sqlite3.DatabaseError:
            # nothing there yet, or copied while the log was being merged
            return []


def test_memory_database_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        Storage("sqlite:///:memory:")


@pytest.mark.parametrize(("error", "fault"), [
    (sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE), Fault.ORDINARY), (ValueError(), Fault.ORDINARY),
    (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), Fault.FSYNC), (sqlite_error(sqlite3.SQLITE_FULL), Fault.FULL)])
def test_faults_are_told_apart(error: BaseException, fault: Fault) -> None:
    assert judge_fault(error) is fault


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from testing_server.foundation.progress import post_progress, read_progress
from testing_server.foundation.storage import Storage
storage = Storage(sys.argv[1]); storage.create_tables()
ticks = []
def tick():
    while True:
        ticks.append(1); gevent.sleep(0.001)
import time, gevent.monkey
sleep = gevent.monkey.get_original("time", "sleep")
def slow(session, name):
    sleep(0.02)
    post_progress(session, name, "", "", "materials", "ready", 1)
gevent.spawn(tick)
gevent.joinall([gevent.spawn(storage.write, lambda s, n=n: slow(s, str(n))) for n in range(20)], raise_error=True)
with storage.read() as session:
    print(len(read_progress(session)), len(ticks) > 50)
storage.close()
"""


def test_loop_of_gevent_goes_on_while_the_committer_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gevent.sqlite'}"
    done = subprocess.run([sys.executable, "-c", UNDER_GEVENT, url], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["20", "True"], done.stderr


def post_many(database: sqlite3.Connection, names: list[str]) -> list[str]:
    database.executemany("INSERT INTO progress VALUES (?, '', 'materials', '', 'ready', 1)",
                         [(name,) for name in names])
    return [name.upper() for name in names]


def in_group(name: str) -> Callable[[Storage], Any]:
    return lambda storage: storage.write_grouped(post_many, name)


def write_mixed(storage: Storage, writes: list[Callable[[Storage], Any]]) -> list[Any]:
    """All of them in one group; results and errors in order."""
    release, holder = hold_committer(storage)
    results: list[Any] = [None] * len(writes)

    def run(number: int) -> None:
        try:
            results[number] = writes[number](storage)
        except Exception as error:
            results[number] = error
    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(writes))]
    for thread in threads:
        thread.start()
    while storage._committer and storage._committer._queue.qsize() < len(writes):
        pass
    release.set()
    for thread in [*threads, holder]:
        thread.join(10)
    return results


def test_items_of_one_kind_are_written_in_one_call(storage: Storage) -> None:
    assert write_mixed(storage, [in_group("a"), lambda storage: storage.write(post("b")), in_group("c")]) == [
        "A", "b", "C"]
    assert schools(storage) == ["a", "b", "c"]


def test_a_broken_group_of_items_fails_without_its_neighbours(storage: Storage) -> None:
    results = write_mixed(storage, [in_group("a"), in_group("a"), lambda storage: storage.write(post("b"))])
    assert [type(result) for result in results] == [sqlite3.IntegrityError, sqlite3.IntegrityError, str]
    assert schools(storage) == ["b"]


def test_items_alone_that_fail_leave_nothing_and_the_next_are_kept(storage: Storage) -> None:
    assert storage.write_grouped(post_many, "a") == "A"
    with pytest.raises(sqlite3.IntegrityError):
        storage.write_grouped(post_many, "a")
    assert storage.write_grouped(post_many, "b") == "B"
    assert schools(storage) == ["a", "b"]


@pytest.mark.parametrize("alone", [True, False])
def test_fault_of_the_disk_under_items_acknowledges_nobody(storage: Storage, alone: bool) -> None:
    def fail(database: sqlite3.Connection, names: list[str]) -> list[str]:
        post_many(database, names)
        raise sqlite_error(sqlite3.SQLITE_FULL)
    writes: list[Callable[[Storage], Any]] = [lambda storage: storage.write_grouped(fail, "a")]
    results = write_mixed(storage, writes if alone else [*writes, lambda storage: storage.write(post("b"))])
    assert {type(result) for result in results} == {StorageFull}
    assert schools(storage) == []


def test_failed_fsync_under_items_ends_the_process(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage._committer is not None
    ended: list[BaseException] = []
    monkeypatch.setattr(storage._committer, "_on_fsync_error", ended.append)

    def fail(database: sqlite3.Connection, names: list[str]) -> list[str]:
        raise sqlite_error(sqlite3.SQLITE_IOERR_FSYNC)
    with pytest.raises(StorageReadonly):
        storage.write_grouped(fail, "a")
    assert len(ended) == 1
