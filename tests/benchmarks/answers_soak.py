"""A whole exam day of answers, looked at for what grows: memory, open files, waits.

Takes HOURS of exam time and PACE (how many times faster it goes by) from the environment. Runs a core and seats that
answer, tick and come back with new connections a dozen times and more; prints a line each time. Exit code 1 when
something grows, naming it.
"""
from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.answers_room import Hall, make_hall, write_answers
from tests.benchmarks.answers_run import Core, make_load, run_core

SEATS = 100
ANSWER_EVERY_S = 5.0
LONGEST_ROUND_S = 300.0
LEAST_ROUNDS = 12
# The first rounds fill caches; afterwards a day may not add more than this.
MORE_MEMORY_MB = 20.0
MORE_HANDLES = 20
MORE_WAIT_MS = 10.0


@dataclass(frozen=True)
class Sample:
    """The end of one round. `lost`: requests refused or broken in it."""

    memory_mb: float
    handles: int
    p99_ms: float
    answered: int
    lost: int


def judge(samples: Sequence[Sample]) -> list[str]:
    """What grew: the last third beside the middle third, each by its median, so that one bad minute is no trend."""
    third = len(samples) // 3
    if third == 0:
        return ["too short to judge: three rounds at least"]
    middle, last = samples[third:2 * third], samples[-third:]
    grown = {
        f"memory, MB (at most {MORE_MEMORY_MB:g} more)": (
            _median([one.memory_mb for one in middle]), _median([one.memory_mb for one in last]), MORE_MEMORY_MB),
        f"open files (at most {MORE_HANDLES} more)": (
            _median([one.handles for one in middle]), _median([one.handles for one in last]), MORE_HANDLES),
        f"99 of 100 waits, ms (at most twice and {MORE_WAIT_MS:g} more)": (
            2 * _median([one.p99_ms for one in middle]), _median([one.p99_ms for one in last]), MORE_WAIT_MS)}
    found = [f"{name}: {before:.1f} -> {after:.1f}" for name, (before, after, more) in grown.items()
             if after > before + more]
    lost = sum(one.lost for one in samples)
    return found + ([f"{lost} requests were refused or broken"] if lost else [])


def run_rounds(folder: Path, hours: float, pace: float) -> list[Sample]:
    """Every round is new connections; the same server all the time."""
    whole_s = hours * 3600 / pace
    round_s = min(LONGEST_ROUND_S, whole_s / LEAST_ROUNDS)
    hall = make_hall(folder / "soak", SEATS)
    with run_core(hall.data) as core:
        return [run_round(folder, hall, core, round_s, pace) for _ in range(round(whole_s / round_s))]


def run_round(folder: Path, hall: Hall, core: Core, seconds: float, pace: float) -> Sample:
    """One round at the pace; what the server looks like after it."""
    interval_s = ANSWER_EVERY_S / pace
    script = write_answers(folder / "soak.script", hall.seats, max(1, int(seconds / interval_s) - 1), 1)
    load = make_load(core.port, script, interval_s * 1000, seconds + 60)
    time.sleep(1)
    sample = Sample(core.memory_mb, core.handles, load.p99_ms, load.answered, load.refused + load.broken)
    print(f"{sample.answered} answers, {sample.memory_mb:.1f} MB, {sample.handles} open files, "
          f"99 of 100 within {sample.p99_ms:.1f} ms, {sample.lost} lost", flush=True)
    return sample


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> int:
    """0 when nothing grew."""
    hours, pace = float(os.environ.get("HOURS", "4")), float(os.environ.get("PACE", "1"))
    with tempfile.TemporaryDirectory(prefix="bench-", dir=".") as folder:
        samples = run_rounds(Path(folder), hours, pace)
    troubles = judge(samples)
    for trouble in troubles:
        print(f"grows: {trouble}", file=sys.stderr)
    print(f"{hours:g} hours of exam time at pace {pace:g}: {'something grows' if troubles else 'nothing grows'}")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
