"""A rehearsal that went well, and what may be changed of it."""
from __future__ import annotations

from typing import Any

from testing_server.contracts.rehearsals import FORMAT, Count, Rehearsal, Speed, Trial


def make_rehearsal(**changes: Any) -> Rehearsal:
    """Four seats, two faults made, one that this machine could not make."""
    told: dict[str, Any] = {
        "format": FORMAT, "school_name": "Школа № 7", "software": "0.1.0", "began_at_ms": 1_760_000_000_000,
        "ended_at_ms": 1_760_000_300_000, "material": "demonstration", "title": "Английский язык, 7 класс", "seats": 4,
        "pace": 10, "one_machine": True,
        "counts": [Count(what="answers", sent=40, kept=40, lost=0), Count(what="events", sent=800, kept=800, lost=0)],
        "trials": [
            Trial(kind="server-kill", where="server", outcome="endured", away_ms=9_000, return_ms=1_400),
            Trial(kind="link-cut", where="2", outcome="endured", away_ms=6_000, return_ms=600, noticed_ms=4_800),
            Trial(kind="disk-full", where="", outcome="not_tried", reason="эта система не даёт заполнить диск")],
        "speed": Speed(median_ms=130, p95_ms=500, longest_ms=9_200), "verdict": "kept", **changes}
    return Rehearsal(**told)
