"""Who is told of parts, levels, gaps and faults: a fault is told when it begins and when it ends.

Faults are noted by any thread and told by one that may do anything, even end the recording: the driver's thread
and the writer must never wait for a listener that waits for them.
"""

import logging
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from audio.parts import Gap, Part
from audio.recording import Fault, FaultKind, Level

OnPart = Callable[[Part], None]
OnLevel = Callable[[Level], None]
OnFault = Callable[[Fault], None]
OnGap = Callable[[Gap], None]
Told = TypeVar("Told")

log = logging.getLogger(__name__)


class Listeners:
    """Calls the listeners safely: an exception of theirs must not end a recording."""

    def __init__(
        self,
        on_part: OnPart,
        on_level: OnLevel | None,
        on_fault: OnFault | None,
        on_gap: OnGap | None,
        count_samples: Callable[[], int],
    ) -> None:
        self._on_part, self._on_level = on_part, on_level
        self._on_fault, self._on_gap = on_fault, on_gap
        self._count_samples = count_samples
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Fault] = queue.SimpleQueue()
        self._begun: set[FaultKind] = set()
        self._seen: set[FaultKind] = set()

    def tell_part(self, part: Part) -> None:
        self._tell(self._on_part, part)

    def tell_level(self, level: Level) -> None:
        self._tell(self._on_level, level)

    def tell_gap(self, gap: Gap) -> None:
        self._tell(self._on_gap, gap)

    def begin_fault(self, kind: FaultKind, details: str = "") -> bool:
        """Note that a fault began; False if it is known already."""
        with self._lock:
            if kind in self._begun:
                return False
            self._begun.add(kind)
            self._seen.add(kind)
        self._waiting.put(Fault(kind, self._count_samples(), False, details))
        return True

    def end_fault(self, kind: FaultKind) -> None:
        """Note that a fault is over, if it had begun."""
        with self._lock:
            if kind not in self._begun:
                return
            self._begun.remove(kind)
        self._waiting.put(Fault(kind, self._count_samples(), True))

    def follow_fault(self, kind: FaultKind, is_present: bool) -> None:
        if is_present:
            self.begin_fault(kind)
        else:
            self.end_fault(kind)

    def tell_faults(self) -> None:
        """Tell all faults noted until now, in their order."""
        while True:
            try:
                fault = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._tell_fault(fault)

    def has_seen(self, kind: FaultKind) -> bool:
        """Whether this fault has happened at any time of the recording."""
        with self._lock:
            return kind in self._seen

    def _tell(self, listener: Callable[[Told], None] | None, told: Told) -> None:
        if listener is None:
            return
        try:
            listener(told)
        except Exception as error:
            log.exception("a listener of the recorder failed")
            self.begin_fault(FaultKind.listener_failed, repr(error))

    def _tell_fault(self, fault: Fault) -> None:
        if self._on_fault is None:
            return
        try:
            self._on_fault(fault)
        except Exception:
            log.exception("the listener for faults failed at %s", fault)
