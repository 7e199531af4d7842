"""Many writes of one kind in one call: what comes a thousand times a second is too dear one by one.

Takes a function that writes a whole list with a few statements on the bare SQLite connection. Each statement lets other
threads of the process run until it is done, so few large ones cost an answer less waiting than many small ones.
"""
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from testing_server.foundation.storage.faults import Fault, judge_fault
from testing_server.foundation.storage.waiting import Waiter

WriteMany = Callable[[sqlite3.Connection, list[Any]], list[Any]]
# A statement of each size is prepared once; a thousand rows are two statements and not a thousand.
CHUNKS = (512, 64, 8, 1)


@dataclass(frozen=True, slots=True)
class Grouped:
    """One item for `write_many`, which gives a result for each item, in order, and begins and ends no transaction.

    `weight`: how many rows it brings."""

    write_many: WriteMany
    item: Any
    weight: int = 1


Member = tuple[Grouped, Waiter]


def commit_grouped(database: sqlite3.Connection, group: Sequence[Member]) -> None:
    """A transaction of nothing but such items. Raises whatever went wrong; nothing is kept then."""
    database.execute("BEGIN IMMEDIATE")
    try:
        run_grouped(database, group)
        database.execute("COMMIT")
    except BaseException:
        # a full disk may have ended the transaction by itself
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def run_grouped(database: sqlite3.Connection, group: Sequence[Member]) -> None:
    """Inside a transaction of somebody else."""
    kinds: dict[WriteMany, list[Member]] = {}
    for member in group:
        kinds.setdefault(member[0].write_many, []).append(member)
    for write_many, members in kinds.items():
        results = write_many(database, [grouped.item for grouped, _ in members])
        for (_, waiter), result in zip(members, results, strict=True):
            waiter.result = result


def run_grouped_apart(database: sqlite3.Connection, group: Sequence[Member]) -> None:
    """Beside other actions of one transaction: an ordinary failure is these items' own. Raises faults of the disk."""
    database.execute("SAVEPOINT grouped")
    try:
        run_grouped(database, group)
    except Exception as error:
        if judge_fault(error) is not Fault.ORDINARY:
            raise
        database.execute("ROLLBACK TO grouped")
        for _, waiter in group:
            waiter.result, waiter.error = None, error
    database.execute("RELEASE grouped")


def write_rows(database: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """`statement` with many rows at a time in place of its {rows}: "(?,?),(?,?)"."""
    start = 0
    for size in CHUNKS:
        while len(rows) - start >= size:
            values = [value for row in rows[start:start + size] for value in row]
            marks = f"({','.join('?' * len(rows[start]))})"
            database.execute(statement.format(rows=",".join([marks] * size)), values)
            start += size
