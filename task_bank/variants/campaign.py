"""A whole campaign: takes a stream of schools, gives a stream of their sets, in any number of processes.

A school's set depends on its own place in the stream and on nothing another school got, so processes share no state,
the result does not depend on how many there are, and no more than a few chunks are in memory at any time.
"""
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from task_bank.assessments import Assessment
from task_bank.variants.assembly import School, SchoolSet, assemble_school, plan_assembly
from task_bank.variants.portions import Plan
from task_bank.variants.zones import read_offset_h

SCHOOLS_A_CHUNK = 64
CHUNKS_AHEAD = 3

Order = tuple[School, int]


def assemble_campaign(assessment: Assessment, schools: Iterable[tuple[str, str | None, int]], seed: int,
                      processes: int | None = None, least_pool: int = 1, total: int | None = None
                      ) -> Iterator[SchoolSet]:
    """Sets of (school, IANA zone or None, number of variants), in their order.

    `total`: how many schools there are, for a limit in schools. `processes`: None – one for each processor.
    Raises as assemble; what is wrong with a school is raised when its turn comes.
    """
    plan = plan_assembly(assessment, seed, least_pool, total)
    return assemble_planned(plan, schools, seed, processes)


def assemble_planned(plan: Plan, schools: Iterable[tuple[str, str | None, int]], seed: int,
                     processes: int | None = None) -> Iterator[SchoolSet]:
    """As assemble_campaign, of a plan made before."""
    wanted = processes or os.cpu_count() or 1
    orders = _number_schools(schools)
    if wanted == 1:
        return (assemble_school(plan, school, count, seed) for school, count in orders)
    return _spread_over_processes(plan, orders, seed, wanted)


def _number_schools(schools: Iterable[tuple[str, str | None, int]]) -> Iterator[Order]:
    for ordinal, (school, zone, count) in enumerate(schools):
        if zone is not None:
            read_offset_h(zone)
        yield School(school, zone, ordinal), count


def _spread_over_processes(plan: Plan, orders: Iterator[Order], seed: int, processes: int) -> Iterator[SchoolSet]:
    waiting: deque[Future[list[SchoolSet]]] = deque()
    # Spawned, not forked: a progress bar or a server has threads, and a fork copies their locks as they are.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _remember, (plan, seed))
    try:
        while chunk := list(islice(orders, SCHOOLS_A_CHUNK)):
            waiting.append(pool.submit(_assemble_chunk, chunk))
            if len(waiting) > processes * CHUNKS_AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


# What a process was started for; every chunk is of the same plan, which is too large to travel with each.
_work: list[tuple[Plan, int]] = []


def _remember(plan: Plan, seed: int) -> None:
    _work[:] = [(plan, seed)]


def _assemble_chunk(orders: list[Order]) -> list[SchoolSet]:
    plan, seed = _work[0]
    return [assemble_school(plan, school, count, seed) for school, count in orders]
