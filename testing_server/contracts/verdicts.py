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

# What only the seat can know: the candidate's voice at the sound check, and which device the sound came from.
KNOWN_AT_SEAT = frozenset({Verdict.NEIGHBOUR, Verdict.WRONG_DEVICE})


def choose_verdict(server: str, seat: str) -> str:
    """The one verdict shown and packed for a recording; "" = not judged yet.

    The server judges the bytes that arrived, so its word counts, except for what only the seat can know.
    """
    return seat if seat in KNOWN_AT_SEAT and server != Verdict.NO_DATA else server or seat
