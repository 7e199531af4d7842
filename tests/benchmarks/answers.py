"""How many durable answers a classroom server takes, and how soon it says so.

Takes a folder. Gives rates, waits and memory of one core process over TLS with signed-in seats, beside the same server
without a database and with a commit for every request, and once more with 5 ms added to every fsync. Every acknowledged
answer is looked for on the disk afterwards.
"""
from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.answers_room import make_hall, write_answers
from tests.benchmarks.answers_run import SLOW_MS, Load, make_load, run_core
from tests.benchmarks.sound import Measured

SEATS = 200
SATURATED_S = 5.0
PACED_S = 10
SETTLE_S = 2.0
BATCHES = (1, 16, 200)
# Requests of a seat in a saturated run: more than it can send, so that nobody ends early.
REQUESTS = {1: 400, 16: 90, 200: 10}
FORGETFUL = ("no_database", "nothing_kept")


class AnswersLost(AssertionError):
    """An acknowledged answer is not on the disk: the numbers are worth nothing."""


@dataclass(frozen=True)
class Seen:
    """One run: what the load maker saw and what the server used. `cpu`: cores; `memory_mb`: at the end."""

    load: Load
    answers: int
    cpu: float
    memory_mb: float

    @property
    def rate(self) -> float:
        """Answers acknowledged a second."""
        return self.load.answered * self.answers / self.load.seconds


def try_answers(folder: Path, seats: int, answers: int, mode: str = "product", slow: bool = False,
                interval_ms: int = 0) -> Seen:
    """One run over a fresh server. `interval_ms` 0: as fast as answers come. Raises AnswersLost."""
    name = f"{mode}-{seats}-{answers}-{slow}-{interval_ms}-{time.monotonic_ns()}"
    hall = make_hall(folder / name, seats)
    requests = PACED_S + 2 if interval_ms else REQUESTS[answers]
    script = write_answers(folder / f"{name}.script", hall.seats, requests, answers)
    with run_core(hall.data, mode, slow) as core:
        time.sleep(SETTLE_S)
        before = core.cpu_s
        load = make_load(core.port, script, interval_ms, PACED_S if interval_ms else SATURATED_S)
        seen = Seen(load, answers, (core.cpu_s - before) / load.seconds, core.memory_mb)
    script.unlink()
    kept = hall.count_kept()
    lost = [seat for seat, acked in zip(hall.seats, load.acked, strict=True) if kept.get(seat.attempt, 0) < acked]
    if lost and mode not in FORGETFUL:
        raise AnswersLost(f"{len(lost)} seats, {name}")
    return seen


def measure_all(folder: Path) -> Iterator[Measured]:
    """All measurements, one by one as they are done; some minutes."""
    yield from measure_saturation(folder)
    yield from measure_seats(folder)
    yield from measure_pace(folder)


def measure_saturation(folder: Path) -> Iterator[Measured]:
    """As many as it takes: one answer a request, then a reconnect backlog in batches, each beside both baselines."""
    for slow in (False, True):
        word = f", {SLOW_MS} ms added to fsync" if slow else ""
        usual = try_answers(folder, SEATS, 1, "commit_per_request", slow)
        yield Measured(f"answers, a commit per request{word}", usual.rate, "answers/s", None, "")
        for answers in BATCHES:
            free = try_answers(folder, SEATS, answers, "no_database", slow)
            least = try_answers(folder, SEATS, answers, "nothing_kept", slow)
            seen = try_answers(folder, SEATS, answers, "product", slow)
            what = f"answers, {answers} a request{word}"
            yield Measured(what, seen.rate, "answers/s", usual.rate, "a commit per request")
            yield Measured(f"{what}, ratio", seen.rate, "answers/s", free.rate, "without a database")
            yield Measured(f"{what}, ratio to no keeping", seen.rate, "answers/s", least.rate, "acknowledged at once")
            yield Measured(f"{what}, processor", 1e6 * seen.cpu / seen.rate, "CPU us an answer",
                           1e6 * free.cpu / free.rate, "without a database")
            yield Measured(f"{what}, load maker", seen.load.cpu, "cores", None, "")


def measure_seats(folder: Path) -> Iterator[Measured]:
    """The same saturation with few and with many connections."""
    for seats in (30, 1000):
        seen = try_answers(folder, seats, 1)
        yield Measured(f"answers of {seats} seats", seen.rate, "answers/s", None, "")
        yield Measured(f"answers of {seats} seats, 99 of 100", seen.load.p99_ms, "ms", None, "")


def measure_pace(folder: Path) -> Iterator[Measured]:
    """An answer a second from each seat: how soon it is durable and said so."""
    for seats, slow in ((30, False), (200, False), (1000, False), (1000, True)):
        word = f"{seats} seats, 1 answer/s each" + (f", {SLOW_MS} ms added to fsync" if slow else "")
        free = try_answers(folder, seats, 1, "no_database", slow, 1000).load
        seen = try_answers(folder, seats, 1, "product", slow, 1000)
        yield Measured(f"{word}, kept up", seen.rate, "answers/s", float(seats), "asked")
        yield Measured(f"{word}, median", seen.load.p50_ms, "ms", free.p50_ms, "without a database")
        yield Measured(f"{word}, 99 of 100", seen.load.p99_ms, "ms", free.p99_ms, "without a database")
        yield Measured(f"{word}, core", seen.cpu, "cores", None, "")
        yield Measured(f"{word}, memory", seen.memory_mb, "MB", None, "")
