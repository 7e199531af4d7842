"""Commits shared by the threads that wait for them, over one bare SQLite connection.

Takes rows from many threads. Gives each thread its turn back only after the fsync of the commit that holds its row: who
comes while a commit is being written goes into the next one, and one of those who wait there writes it for all.
"""
from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from testing_server.foundation.files.durable import end_process
from testing_server.foundation.storage.faults import Fault, judge_fault

Statement = tuple[str, tuple[Any, ...]]


@dataclass
class Batch:
    """What goes into one commit; `is_over` once it was written or could not be."""

    statements: list[Statement] = field(default_factory=list)
    is_over: bool = False
    error: BaseException | None = None


class SharedCommits:
    """The one writer of a connection in autocommit mode (`isolation_level=None`)."""

    def __init__(self, database: sqlite3.Connection,
                 on_fsync_error: Callable[[BaseException], None] = end_process) -> None:
        self._database = database
        self._on_fsync_error = on_fsync_error
        self._joining = threading.Lock()
        self._writing = threading.Lock()
        self._next = Batch()
        self.commits = 0

    def execute(self, statement: str, values: tuple[Any, ...]) -> None:
        """Durable when it returns. Raises what the whole commit raised: then nothing of it is kept."""
        with self._joining:
            mine = self._next
            mine.statements.append((statement, values))
        with self._writing:
            if not mine.is_over:
                self._write(mine)
        if mine.error is not None:
            raise mine.error

    def _write(self, batch: Batch) -> None:
        with self._joining:
            self._next = Batch()
        try:
            self._commit(batch.statements)
        except sqlite3.Error as error:
            batch.error = error
            if judge_fault(error) is Fault.FSYNC:
                self._on_fsync_error(error)
        batch.is_over = True
        self.commits += 1

    def _commit(self, statements: list[Statement]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in statements:
                self._database.execute(statement, values)
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
