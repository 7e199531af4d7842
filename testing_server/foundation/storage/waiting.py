"""Waiting for another thread without stopping a gevent loop.

Takes nothing. Gives real threads, real queues and a waiter, with and without monkey patching: a patched
`threading.Event` belongs to the loop, and SQLite in a greenlet would hold every other greenlet up.
"""
import _queue
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

import gevent
from gevent import monkey
from gevent.hub import Waiter as LoopWaiter

start_real_thread: Callable[..., int] = monkey.get_original("_thread", "start_new_thread")
# of the thread and not of the loop
sleep_really: Callable[[float], None] = monkey.get_original("time", "sleep")
RealLock: Callable[[], Any] = monkey.get_original("_thread", "allocate_lock")
# the C queue itself is never patched, only the name in the module queue
RealQueue = _queue.SimpleQueue
QueueEmpty = _queue.Empty
LONG_S = 86_400


class Patience:
    """Keeps a loop from giving up while anybody in it waits for another thread, of which it cannot know."""

    def __init__(self, hub: Any) -> None:
        self._timer = hub.loop.timer(LONG_S, LONG_S)
        self._waiting = 0

    def begin(self) -> None:
        """One more waits."""
        self._waiting += 1
        if self._waiting == 1:
            self._timer.start(_do_nothing)

    def end(self) -> None:
        """One waits no more."""
        self._waiting -= 1
        if not self._waiting:
            self._timer.stop()


# one timer a loop: a timer for each of six thousand waits a second was a twentieth of what a wait costs
PATIENCE: WeakKeyDictionary[Any, Patience] = WeakKeyDictionary()


def _do_nothing() -> None:
    pass


class Waiter:
    """One caller waiting for a result that another, real thread makes."""

    def __init__(self) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self.hub: Any = None
        if monkey.is_module_patched("threading"):
            self.hub = gevent.get_hub()
            self._turn = LoopWaiter()
        else:
            self._lock = RealLock()
            self._lock.acquire()

    def wait(self) -> Any:
        """The result, or the error raised; the loop goes on meanwhile."""
        if self.hub is not None:
            self._wait_in_loop()
        else:
            self._lock.acquire()
        if self.error is not None:
            raise self.error
        return self.result

    def _wait_in_loop(self) -> None:
        patience = PATIENCE.get(self.hub) or PATIENCE.setdefault(self.hub, Patience(self.hub))
        patience.begin()
        try:
            self._turn.get()
        finally:
            patience.end()

    def wake(self) -> None:
        """Called in the waiter's own hub, or from any thread where there is none."""
        if self.hub is not None:
            self._turn.switch(None)
        else:
            self._lock.release()


def wake_all(waiters: Iterable[Waiter]) -> None:
    """Wakes each waiter from another thread: one signal a loop, however many wait there."""
    by_hub: dict[Any, list[Waiter]] = {}
    for waiter in waiters:
        by_hub.setdefault(waiter.hub, []).append(waiter)
    for hub, group in by_hub.items():
        if hub is None:
            _wake_group(group)
        else:
            hub.loop.run_callback_threadsafe(_wake_group, group)


def _wake_group(group: list[Waiter]) -> None:
    for waiter in group:
        waiter.wake()
