"""Variants of a campaign: 40,000 schools of 15 variants each, of a bank with 60 items for each of six positions.

The baseline draws the same places by random.choice, with no rule at all. The whole campaign once:
`python -m tests.benchmarks.bank_variants`.
"""
import os
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

import task_bank
from task_bank.assessments import Assessment, parse_assessment
from task_bank.items import read_package
from task_bank.variants import Prover, assemble, assemble_campaign, deliver
from tests.benchmarks.measures import Measure

POSITIONS, POOL, VARIANTS, SCHOOLS, SAMPLE = 6, 60, 15, 40_000, 400
ENGLISH = Path(task_bank.__file__).parent / "samples" / "english_grade_7"
ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Novosibirsk",
         "Asia/Vladivostok", "Asia/Kamchatka")


def make_bank() -> Assessment:
    """Items of unequal difficulty, every tenth excluding one of the next position; each in a quarter of schools."""
    chance = random.Random(1)
    positions = [{"number": number, "kind": "written", "points": 5, "title": {"ru": "Задание"},
                  "pool": [f"p{number}-{place:02}" for place in range(POOL)]} for number in range(1, POSITIONS + 1)]
    items = {}
    for number in range(1, POSITIONS + 1):
        for place in range(POOL):
            after = f"p{number % POSITIONS + 1}-{place:02}"
            items[f"p{number}-{place:02}"] = {"expected": round(chance.uniform(0.5, 0.8), 2),
                                              "excludes": [after] if place % 10 == 0 else []}
    return parse_assessment(msgspec.json.encode({
        "format": "assessment/1", "id": "bench", "version": 1, "title": {"ru": "Проба"}, "subject": "sample",
        "grade": 7, "content_language": "ru", "duration_s": 2700, "positions": positions, "total_points": 30,
        "scale": [{"mark": 2, "from": 0}], "items": items, "blueprint": {"exposure": {"school_share": 0.25}}}))


def list_schools(count: int) -> Iterator[tuple[str, str, int]]:
    """Schools from west to east."""
    for place in range(count):
        yield f"sch{place:06}", ZONES[place * len(ZONES) // count], VARIANTS


def assemble_on_one_core(folder: Path) -> float:
    """Variants a second."""
    return _rate(SAMPLE, 1)


def assemble_on_all_cores(folder: Path) -> float:
    """Variants a second; more schools, so that starting the processes weighs as little as in a campaign."""
    return _rate(SAMPLE * 20, os.cpu_count() or 1)


def choose_blindly(folder: Path) -> float:
    """Variants a second by random.choice: no evenness, no neighbours, no limits."""
    pools = [position.pool for position in make_bank().positions]
    began = time.perf_counter()
    for _ in range(SAMPLE * VARIANTS):
        [random.choice(pool) for pool in pools]
    return SAMPLE * VARIANTS / (time.perf_counter() - began)


def prove_variants(folder: Path) -> float:
    """Variants of the shipped English work proven in a second: answered with their keys and with nothing."""
    package = read_package(ENGLISH)
    made = [deliver(package, variant, 1) for variant in assemble(package.assessment, "sch330001", VARIANTS, 1)]
    began = time.perf_counter()
    prover = Prover(package)
    for delivery in made:
        prover.require(delivery)
    return VARIANTS / (time.perf_counter() - began)


def render_variants(folder: Path) -> float:
    """The same variants only rendered."""
    package = read_package(ENGLISH)
    made = assemble(package.assessment, "sch330001", VARIANTS, 1)
    began = time.perf_counter()
    for variant in made:
        deliver(package, variant, 1)
    return VARIANTS / (time.perf_counter() - began)


def _rate(schools: int, processes: int) -> float:
    bank, made = make_bank(), 0
    began = time.perf_counter()
    for one in assemble_campaign(bank, list_schools(schools), 1, processes):
        made += len(one.variants)
    return made / (time.perf_counter() - began)


MEASURES = (
    Measure("variants-one-core", "variants/s", assemble_on_one_core, choose_blindly),
    Measure("variants-all-cores", "variants/s", assemble_on_all_cores, choose_blindly),
    Measure("variants-proven", "variants/s", prove_variants, render_variants),
)


if __name__ == "__main__":
    began, made = time.perf_counter(), 0
    for one in assemble_campaign(make_bank(), list_schools(SCHOOLS), 1):
        made += len(one.variants)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{made} variants of {SCHOOLS} schools in {time.perf_counter() - began:.1f} s, {memory:.0f} MiB at most")
