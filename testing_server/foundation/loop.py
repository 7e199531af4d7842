"""The loop that serves everybody must not wait for a disk. Takes a function; gives its result, from a real thread."""
from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent import monkey

T = TypeVar("T")


def keep_loop_free(action: Callable[[], T]) -> T:
    """`action` may block: a lock of another process, an fsync. Where there is no loop it is simply called."""
    if not monkey.is_module_patched("threading"):
        return action()
    result: T = gevent.get_hub().threadpool.apply(action)
    return result
