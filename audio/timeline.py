"""How much sound was lost, from when blocks arrived: takes arrivals, gives lost milliseconds.

A device that stalls may hand everything over afterwards (then nothing is lost) or drop it; nobody says which.
So arrivals are compared with the sound they carried: the *lag* is the time since the first block minus the
seconds received. Bursts make the lag jump and come back; lost sound raises its lowest value for good.
Pure: the clock's readings are arguments.
"""

from collections import deque

SETTLED_BLOCKS = 50
PROOF_SECONDS = 0.5
SMALLEST_LOSS_MS = 30


class Timeline:
    """`arrive` with every block; `suspect` when something happened; `find_loss` when it asks to be heard."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._started: float | None = None
        self._samples = 0
        self._recent: deque[float] = deque(maxlen=SETTLED_BLOCKS)
        self._before: float | None = None
        self._after: list[float] = []
        self._suspected_at = 0.0

    @property
    def is_suspecting(self) -> bool:
        return self._before is not None

    def suspect(self, now: float) -> None:
        """Sound may have been lost before the block that arrives next; a second suspicion joins the first."""
        if self._before is None:
            self._before = min(self._recent, default=0.0)
            self._after = []
            self._suspected_at = now

    def arrive(self, now: float, samples: int) -> None:
        """A block of so many samples arrived at `now` (seconds, monotonic)."""
        self._samples += samples
        carried = self._samples / self._rate
        if self._started is None:
            self._started = now - carried
        lag = now - self._started - carried
        if self._before is None:
            self._recent.append(lag)
        else:
            self._after = [min([lag, *self._after])]

    def is_proven(self, now: float) -> bool:
        """Whether enough came since the suspicion to tell a burst from a loss."""
        return self.is_suspecting and bool(self._after) and now - self._suspected_at >= PROOF_SECONDS

    def find_loss(self) -> int:
        """Lost milliseconds of the suspicion, which is closed by this; 0 if nothing was lost."""
        if self._before is None:
            return 0
        lost_s = min(self._after) - self._before if self._after else 0.0
        self._before = None
        self._recent.clear()
        self._recent.extend(self._after)
        return _count_loss(lost_s)

    def find_trailing_loss(self, now: float) -> int:
        """Lost milliseconds if nothing came after the last block although recording went on until `now`."""
        if self._started is None:
            return 0
        before = min(self._recent, default=0.0) if self._before is None else self._before
        return _count_loss(now - self._started - self._samples / self._rate - before)


def _count_loss(seconds: float) -> int:
    milliseconds = round(seconds * 1000)
    return milliseconds if milliseconds >= SMALLEST_LOSS_MS else 0
