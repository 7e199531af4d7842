"""Who may act: many seats at once, or one that does something to all of them."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Hall:
    """Seats act side by side; who wants to be alone waits until they pause, and they wait for who does."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._acting, self._alone, self._wanting = 0, False, 0

    @contextmanager
    def share(self) -> Iterator[None]:
        """While others act too."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._wanting)
            self._acting += 1
        try:
            yield
        finally:
            with self._changed:
                self._acting -= 1
                self._changed.notify_all()

    @contextmanager
    def be_alone(self) -> Iterator[None]:
        """While nobody else acts; their candidates go on working."""
        with self._changed:
            self._wanting += 1
            self._changed.wait_for(lambda: not self._alone and not self._acting)
            self._wanting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
