"""What one run of rules works on: the variables' values, right answers and defaults, and chance. All of it changes."""
from collections.abc import Mapping
from random import Random
from typing import Any

from task_bank.scoring.values import Value


class Scope:
    """Variables of one attempt, or of one test session (`sessions`, see outcome_processing.py), while rules run."""

    __slots__ = ("chance", "correct", "defaults", "sessions", "values")

    def __init__(
        self, values: dict[str, Value], correct: Mapping[str, Value], defaults: Mapping[str, Value],
        chance: Random | None = None, sessions: Any = None,
    ) -> None:
        self.values, self.correct, self.defaults = values, correct, defaults
        self.chance, self.sessions = chance, sessions
