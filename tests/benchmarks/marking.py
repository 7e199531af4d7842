"""Marking: 20,000 answers marked twice by 60 and by 600 experts, through the storage door; next and save, no HTTP.

Marks a second of this process, the 99th percentile of "next" at the beginning and after a tenth of the queue is gone,
and memory. The baseline of "next" is how the thin slice of issue 2 did it: the whole queue read, the smallest taken.
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.storage import Storage
from testing_server.marking.gathering.actions import WorkToMark, add_attempts, open_work
from testing_server.marking.gathering.rules import AnswerForPeople, CriteriaBook, SortedAttempt, SubmittedAttempt
from testing_server.marking.review.actions import Marks, save_marks, take_next
from testing_server.marking.review.records import AssignmentRecord, MarkingAnswerRecord
from testing_server.migrations.tables import collect_tables
from testing_server.rehearsal.commission.world import HIGHEST, ITEM, RULES, describe_assessment
from tests.benchmarks.sound import Measured

ANSWERS, MARKS, LOOKS = 20_000, 2_000, 5


def measure_all(folder: Path) -> Iterator[Measured]:
    """Both commissions on a database each."""
    for experts in (60, 600):
        path = folder / f"{experts}"
        path.mkdir()
        yield from measure_commission(path, experts)


def measure_commission(folder: Path, experts: int) -> Iterator[Measured]:
    """One commission of so many."""
    collect_tables()
    storage = Storage(f"sqlite:///{folder / 'marking.sqlite'}")
    storage.create_tables()
    fill(storage)
    old_ms = measure_whole_queue(storage)
    chance, nexts, began = random.Random(1), list[float](), time.perf_counter()
    for _ in range(MARKS):
        nexts.append(mark_once(storage, f"expert{chance.randrange(experts)}", chance))
    spent = time.perf_counter() - began
    half = MARKS // 2
    yield Measured(f"marking.{experts}.marks", MARKS / spent, "marks/s")
    for name, some in (("first", nexts[:half]), ("last", nexts[half:])):
        yield Measured(f"marking.{experts}.next_p99_{name}_half", quantile(some), "ms", old_ms, "whole queue read, ms")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Measured(f"marking.{experts}.memory", memory, "MB")
    storage.close()


def quantile(spent_ms: list[float]) -> float:
    """The 99th percentile."""
    return sorted(spent_ms)[len(spent_ms) * 99 // 100]


def mark_once(storage: Storage, expert: str, chance: random.Random) -> float:
    """One answer taken and saved; milliseconds of "next"."""
    now_ms, began = SystemClock().now_ms(), time.perf_counter()
    assignment = storage.write(lambda session: take_next(session, now_ms, expert, chance))
    spent_ms = (time.perf_counter() - began) * 1000
    with storage.read() as session:
        row = session.get_one(AssignmentRecord, assignment)
    points = {name: chance.randint(0, highest) for name, highest in HIGHEST.items() if name in (row.asked or HIGHEST)}
    storage.write(lambda session: save_marks(session, now_ms, expert, assignment, row.version, Marks(points)))
    return spent_ms


def measure_whole_queue(storage: Storage) -> float:
    """Reading what waits and taking the smallest, in milliseconds."""
    spent = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        with storage.read() as session:
            rows = session.execute(
                select(AssignmentRecord.id, MarkingAnswerRecord.id, MarkingAnswerRecord.position)
                .join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
                .where(AssignmentRecord.state == "queued"))
            assert min((position, answer) for _, answer, position in rows)
        spent.append((time.perf_counter() - began) * 1000)
    return min(spent)


def fill(storage: Storage) -> None:
    """The queue: one work, every answer spoken."""
    book = CriteriaBook(describe_assessment(), {}, {}, {ITEM: {"item": {}, "guidance": ""}})
    work = WorkToMark("0" * 64, "school", "demo-2026", RULES, book, "Region")
    storage.write(lambda session: open_work(session, 1, work))
    for start in range(0, ANSWERS, 1_000):
        storage.write(lambda session, first=start: _add(session, work, first))


def _add(session: Session, work: WorkToMark, first: int) -> None:
    content = {"files": [], "responses": {}, "recordings": [{"sha256": "0" * 64, "seconds": 40, "verdict": "heard"}]}
    add_attempts(session, 1, work, [
        (SubmittedAttempt(f"attempt-{number}", f"{number:05d}", "10000", "0" * 64, {}, []),
         SortedAttempt([AnswerForPeople(1, ITEM, "spoken", content)], [], {"1": "answered"}))
        for number in range(first, first + 1_000)])
