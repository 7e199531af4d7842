"""Many callers at once: one piece of work for all who wait, and nobody refused for a neighbour's item."""
from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from testing_server.foundation.storage.gathering import Gathering
from testing_server.foundation.storage.refusals import StorageFull

PATIENCE_S = 60


class Refused(Exception):
    """This item is refused."""


class Work:
    """Doubles numbers, 13 is refused; the first list waits until the others have come."""

    def __init__(self) -> None:
        self.lists: list[list[int]] = []
        self.is_begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.lists.append(list(items))
        self.is_begun.set()
        assert self.go_on.wait(PATIENCE_S)
        if 13 in items:
            raise Refused()
        return [2 * one for one in items]


def put_many(work: Work, first: int, others: Sequence[int]) -> list[int | BaseException | None]:
    """`others` come while the first one is worked on."""
    gathering = Gathering(work, 0.3)
    with ThreadPoolExecutor(len(others) + 1) as callers:
        asked = [callers.submit(gathering.put, first)]
        assert work.is_begun.wait(PATIENCE_S)
        asked += [callers.submit(gathering.put, one) for one in others]
        while len(gathering._next.items) < len(others):
            threading.Event().wait(0.005)
        work.go_on.set()
        return [one.exception(PATIENCE_S) or one.result(PATIENCE_S) for one in asked]


def test_who_comes_meanwhile_is_worked_on_together() -> None:
    work = Work()
    assert put_many(work, 1, range(2, 12)) == [2 * one for one in range(1, 12)]
    assert [len(one) for one in work.lists] == [1, 10]


def test_a_bad_item_refuses_nobody_else() -> None:
    told = put_many(Work(), 1, [2, 13, 3])
    assert sorted(one for one in told if isinstance(one, int)) == [2, 4, 6]
    assert [type(one) for one in told if not isinstance(one, int)] == [Refused]


def test_one_alone_is_refused_as_the_work_says_and_the_next_is_taken() -> None:
    work = Work()
    work.go_on.set()
    gathering = Gathering(work, 0.3)
    with pytest.raises(Refused):
        gathering.put(13)
    assert gathering.put(4) == 8
    assert work.lists == [[13], [4]]


def test_work_that_lets_nobody_in_waits_for_the_others_beforehand() -> None:
    lists: list[list[int]] = []

    def work(items: Sequence[int]) -> list[int]:
        lists.append(list(items))
        return [2 * one for one in items]

    gathering = Gathering(work, 1.0, always=True)
    with ThreadPoolExecutor(3) as callers:
        assert sorted(callers.map(gathering.put, (1, 2, 3))) == [2, 4, 6]
    assert [len(one) for one in lists] == [3]


def test_a_full_disk_refuses_all_and_nobody_is_tried_alone() -> None:
    tried: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        tried.append(len(items))
        raise StorageFull()

    gathering = Gathering(work, 1.0, always=True)
    with ThreadPoolExecutor(3) as callers:
        asked = [callers.submit(gathering.put, one) for one in range(3)]
        assert {type(one.exception(PATIENCE_S)) for one in asked} == {StorageFull}
    assert tried == [3]
