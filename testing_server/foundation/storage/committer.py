"""The one thread that writes a SQLite file.

Takes actions (functions of a session). Gives each caller its result only after the fsync of the commit that
holds it. Everything waiting goes into one BEGIN IMMEDIATE … COMMIT, each action in a savepoint of its own, so
a bad action never fails its group; when the commit itself fails nobody is acknowledged.
"""
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from testing_server.foundation.files.durable import end_process
from testing_server.foundation.storage.faults import Fault, as_refusal, judge_fault
from testing_server.foundation.storage.grouped import Grouped, Member, WriteMany, commit_grouped, run_grouped_apart
from testing_server.foundation.storage.queueing import WeighedQueue
from testing_server.foundation.storage.refusals import StorageClosed
from testing_server.foundation.storage.waiting import (
    QueueEmpty, RealLock, Waiter, sleep_really, start_real_thread, wake_all)

log = logging.getLogger(__name__)
T = TypeVar("T")
Action = Callable[[Session], Any]
Waiting = tuple[Action | Grouped, Waiter]
# In one commit: actions, and events or other items in groups. A commit of all that wait would leave the loop without
# work until it is done, and itself without work afterwards: with a part of them both go on.
GROUP_LIMIT = 512
GROUP_ITEMS = 1_024
# May wait: a few seconds of work.
QUEUE_LIMIT = 50_000
IDLE_S = 2.0
# From so many waiting requests on, up to so many, the next commit waits a moment for more of them.
RUSH, FULL_GROUP = 12, 64
PAUSE_S = 0.003


class Abandoned(Exception):
    """The transaction under a whole group is gone; carries the reason."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Committer:
    """Owns the only writing connection of one SQLite file."""

    def __init__(self, engine: Engine, queue_limit: int = QUEUE_LIMIT,
                 on_fsync_error: Callable[[BaseException], None] = end_process) -> None:
        self._engine = engine
        self._on_fsync_error = on_fsync_error
        self._queue = WeighedQueue(queue_limit)
        self._closed = False
        self._unmerged = False
        self._stopped = RealLock()
        self._stopped.acquire()
        self.groups = 0
        self.actions = 0
        # what the disk said to the newest group
        self.fault = Fault.ORDINARY
        start_real_thread(self._run, ())

    def write(self, action: Callable[[Session], T]) -> T:
        """Waits for the commit. Raises what the action raised, Busy, StorageFull or StorageReadonly."""
        result: T = self._await_commit(action)
        return result

    def write_grouped(self, write_many: WriteMany, item: Any, weight: int = 1) -> Any:
        """The same for one item of many of a kind; see `grouped`."""
        return self._await_commit(Grouped(write_many, item, weight))

    def _await_commit(self, action: Action | Grouped) -> Any:
        if self._closed:
            raise StorageClosed()
        waiter = Waiter()
        self._queue.put((action, waiter), _weigh(action))
        return waiter.wait()

    def close(self) -> None:
        """Writes what still waits, then stops the thread."""
        if self._closed:
            return
        self._closed = True
        self._queue.put_end()
        self._stopped.acquire()

    def _run(self) -> None:
        try:
            while (group := self._take_group()) is not None:
                self._write_group(group)
        finally:
            self._stopped.release()

    def _take_first(self) -> Waiting | None:
        try:
            found: Waiting | None = self._queue.get(IDLE_S if self._unmerged else None)
        except QueueEmpty:
            self._merge_log()
            found = self._queue.get()
        return found

    def _merge_log(self) -> None:
        """Nobody waits: the write-ahead log goes into the database now, not in the middle of an answer."""
        self._unmerged = False
        try:
            with self._engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
        except Exception as error:
            # the log is whole and is merged later; what the disk says will be said to the next writer
            log.warning("the write-ahead log could not be merged: %s", error)

    def _take_group(self) -> list[Waiting] | None:
        first = self._take_first()
        if first is None:
            return None
        group = [first]
        self._join_waiting(group)
        if RUSH <= len(group) < FULL_GROUP and not self._queue.qsize():
            # they come faster than groups of this size can be written: a moment more makes one commit of two
            sleep_really(PAUSE_S)
            self._join_waiting(group)
        return group

    def _join_waiting(self, group: list[Waiting]) -> None:
        """Everything that waits now, up to the limits of one commit."""
        weight = sum(_weigh(action) for action, _ in group)
        while len(group) < GROUP_LIMIT and weight < GROUP_ITEMS:
            try:
                following = self._queue.get_nowait()
            except QueueEmpty:
                break
            if following is None:
                # stop after this group: put the word back for the next round
                self._queue.put_end()
                break
            group.append(following)
            weight += _weigh(following[0])

    def _write_group(self, group: list[Waiting]) -> None:
        try:
            self._commit_group(group)
            self.fault = Fault.ORDINARY
        except BaseException as error:
            reason = error.reason if isinstance(error, Abandoned) else error
            self.fault = judge_fault(reason)
            if self.fault is Fault.FSYNC:
                self._on_fsync_error(reason)
            for _, waiter in group:
                waiter.result, waiter.error = None, as_refusal(reason)
        self.groups += 1
        self._unmerged = True
        self.actions += len(group)
        wake_all(waiter for _, waiter in group)

    def _commit_group(self, group: list[Waiting]) -> None:
        grouped = [(action, waiter) for action, waiter in group if isinstance(action, Grouped)]
        if len(grouped) == len(group):
            self._commit_grouped(grouped)
            return
        with self._engine.connect() as connection, connection.begin():
            for action, waiter in group:
                if not isinstance(action, Grouped):
                    run_action(connection, action, waiter)
            if grouped:
                run_grouped_apart(_bare(connection.connection), grouped)

    def _commit_grouped(self, group: list[Member]) -> None:
        borrowed = self._engine.raw_connection()
        try:
            commit_grouped(_bare(borrowed), group)
        finally:
            borrowed.close()


def _weigh(action: Action | Grouped) -> int:
    return action.weight if isinstance(action, Grouped) else 1


def _bare(borrowed: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = borrowed.driver_connection
    return connection


def run_action(connection: Connection, action: Action, waiter: Waiter) -> None:
    """One action in its savepoint: its failure is its own, a lost transaction is everyone's (Abandoned)."""
    session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    try:
        waiter.result = action(session)
        session.commit()
    except BaseException as error:
        waiter.result, waiter.error = None, error
        _forget_action(session, error)
    session.close()


def _forget_action(session: Session, error: BaseException) -> None:
    if judge_fault(error) is not Fault.ORDINARY:
        # SQLite may have ended the whole transaction by itself, and with it the savepoint to return to
        raise Abandoned(error) from error
    try:
        session.rollback()
    except Exception as failure:
        raise Abandoned(error) from failure
