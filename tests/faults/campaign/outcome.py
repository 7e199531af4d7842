"""One line for each fault: what was promised before, what is there after, and whether that is within the limits."""
from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# What the product promises: issue "A workstation that never loses a word".
KILLED_MS, CUT_MS, BEHIND_MS, RETURN_S = 100, 1_000, 2_000, 5.0


@dataclass
class Outcome:
    """One fault at one seat. `speech_limit_ms` None: no promise is made about speech under this fault, only measured.

    `speech_wrong_ms`: sound that is in the recording and was never said there. `behind_ms`: how much of what was being
    said the server did not have yet when the fault came, None when nobody spoke or the link was not up.
    `return_s` None: the candidate was not interrupted.
    """

    number: int
    seed: int
    kind: str
    seat: int
    at_s: float = 0.0
    doing: str = ""
    attempt: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    saved_before: int = 0
    lost_at_seat: int = 0
    lost_at_server: int = 0
    speech_given_ms: int = 0
    speech_lost_ms: int = 0
    speech_wrong_ms: int = 0
    speech_limit_ms: int | None = KILLED_MS
    behind_ms: int | None = None
    is_same_item: bool = True
    return_s: float | None = None
    trouble: str = ""

    def list_breaches(self) -> list[str]:
        """Which promises were not kept."""
        found = [name for name, broken in (
            ("answers", self.lost_at_seat + self.lost_at_server > 0),
            ("speech", self.speech_limit_ms is not None and self.speech_lost_ms > self.speech_limit_ms),
            ("wrong sound", self.speech_wrong_ms > 0),
            ("behind", self.behind_ms is not None and self.behind_ms > BEHIND_MS),
            ("item", not self.is_same_item),
            ("return", self.return_s is not None and self.return_s >= RETURN_S),
            ("trouble", bool(self.trouble))) if broken]
        return found


class Results:
    """The file of outcomes: a run that is started again goes on after the faults that are in it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()

    def read(self) -> list[Outcome]:
        """Every outcome so far; half a line of a run that was killed is dropped."""
        return read_outcomes(self.path)

    def keep(self, outcome: Outcome) -> None:
        """One more line."""
        with self._lock, open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({**asdict(outcome), "breaches": outcome.list_breaches()}, ensure_ascii=False) + "\n")


def read_outcomes(path: Path) -> list[Outcome]:
    """The outcomes of a file, [] where there is none."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        told.pop("breaches", None)
        found.append(Outcome(**told))
    return found
