"""The words by which sound is judged, the same at the seat, at the server and in every message."""

from enum import StrEnum


class Verdict(StrEnum):
    heard = "heard"
    silent = "silent"
    too_quiet = "too_quiet"
    clipped = "clipped"
    noisy = "noisy"
    neighbour = "neighbour"
    wrong_device = "wrong_device"
    no_data = "no_data"

    @property
    def is_usable(self) -> bool:
        """Whether an expert can mark such sound: clipping warns, it does not fail."""
        return self in (Verdict.heard, Verdict.clipped)
