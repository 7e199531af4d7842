"""Many callers, one piece of work: what comes hundreds of times a second is written, or read, for all who wait at once.

Takes a function of a list of items. Gives each caller the result for its own item, once the list was worked through;
who comes meanwhile is in the next list. A caller who comes alone waits for nobody unless told to.
"""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from testing_server.foundation.storage.refusals import Busy, StorageClosed, StorageFull, StorageReadonly

Item = TypeVar("Item")
Result = TypeVar("Result")
# these are about the database and not about an item: to try each alone would only make it worse
OF_ALL = (Busy, StorageClosed, StorageFull, StorageReadonly)


@dataclass
class Batch(Generic[Item, Result]):
    """What is worked through at once; `results` in the order of `items`, empty when it failed; `refused`: for all."""

    items: list[Item] = field(default_factory=list)
    results: Sequence[Result] = ()
    refused: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Gathering(Generic[Item, Result]):
    """`work` gives a result for each item, in order; it runs in the thread of one of the callers.

    `interval_s`: how long a list stays open in a rush, which is when the list before held more than one item;
    `always`: in any case. Work in which no other caller gets a turn needs it: in one loop those who come in one moment
    would each find the list before them worked through already.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], interval_s: float,
                 always: bool = False) -> None:
        self._work = work
        self._interval_s, self._always = interval_s, always
        self._joining, self._working = threading.Lock(), threading.Lock()
        self._next: Batch[Item, Result] = Batch()
        self._is_rush = False

    def put(self, item: Item) -> Result:
        """The result for this item. Raises what `work` raises for it alone, or what the database says to all: no
        neighbour's item refuses it.
        """
        with self._joining:
            mine, place = self._next, len(self._next.items)
            mine.items.append(item)
        if place == 0:
            return self._lead(mine)
        mine.done.wait()
        if mine.refused is not None:
            raise mine.refused
        return mine.results[place] if mine.results else self._work([item])[0]

    def _lead(self, mine: Batch[Item, Result]) -> Result:
        try:
            if self._is_rush or self._always:
                time.sleep(self._interval_s)
            with self._working:
                self._shut(mine)
                self._is_rush = len(mine.items) > 1
                mine.results = self._work(mine.items)
        except OF_ALL as refused:
            mine.refused = refused
            raise
        except Exception:
            if len(mine.items) == 1:
                raise
        finally:
            self._shut(mine)
            mine.done.set()
        return mine.results[0] if mine.results else self._work(mine.items[:1])[0]

    def _shut(self, mine: Batch[Item, Result]) -> None:
        """Nobody joins this list any more."""
        with self._joining:
            if self._next is mine:
                self._next = Batch()
