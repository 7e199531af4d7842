"""Words for what was heard in a recording; the same words as in `audio`, which judges, and on every screen."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """One judgement of one recording or part."""

    HEARD = "heard"
    SILENT = "silent"
    TOO_QUIET = "too_quiet"
    CLIPPED = "clipped"
    NOISY = "noisy"
    NEIGHBOUR = "neighbour"
    WRONG_DEVICE = "wrong_device"
    NO_DATA = "no_data"


# Clipping and noise warn: the words can still be understood and marked.
NEEDS_ORGANIZER = frozenset({
    Verdict.SILENT, Verdict.TOO_QUIET, Verdict.NEIGHBOUR, Verdict.WRONG_DEVICE, Verdict.NO_DATA,
})
