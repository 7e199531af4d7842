"""Who was heard when. In memory: after a restart everybody is silent until the next word, which is the truth."""
from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from testing_server.exam_day.workstations.rules import CHALLENGE_LIFE_MS, SILENT_AFTER_MS


@dataclass
class Presence:
    """Last contact of each workstation, by the monotonic clock."""

    _heard_ms: dict[str, int] = field(default_factory=dict)

    def hear(self, workstation: str, monotonic_ms: int) -> bool:
        """Notes a contact; True when the workstation had been silent before."""
        was_silent = self.is_silent(workstation, monotonic_ms)
        self._heard_ms[workstation] = monotonic_ms
        return was_silent

    def count(self) -> int:
        """Workstations heard since the server's start."""
        return len(self._heard_ms)

    def is_silent(self, workstation: str, monotonic_ms: int) -> bool:
        heard = self._heard_ms.get(workstation)
        return heard is None or monotonic_ms - heard > SILENT_AFTER_MS

    def silent_for_ms(self, workstation: str, monotonic_ms: int) -> int | None:
        """None when it was never heard since the server's start."""
        heard = self._heard_ms.get(workstation)
        return None if heard is None else monotonic_ms - heard


@dataclass
class Challenges:
    """Bytes a workstation must sign; each is good once and for a minute."""

    _given: dict[str, tuple[str, int]] = field(default_factory=dict)

    def give(self, workstation: str, monotonic_ms: int) -> str:
        self._given = {challenge: (to, at) for challenge, (to, at) in self._given.items()
                       if monotonic_ms - at < CHALLENGE_LIFE_MS}
        challenge = secrets.token_hex(32)
        self._given[challenge] = (workstation, monotonic_ms)
        return challenge

    def take(self, challenge: str, workstation: str, monotonic_ms: int) -> bool:
        """Whether this challenge was given to this workstation less than a minute ago."""
        to, at = self._given.pop(challenge, ("", 0))
        return to == workstation and monotonic_ms - at < CHALLENGE_LIFE_MS


@dataclass
class Seats:
    """Sockets of the seats: connection -> workstation; (attempt, workstation) -> sitting, "" when they do not fit.

    A level comes five times a second: the database is asked once.
    """

    connected: dict[str, str] = field(default_factory=dict)
    routes: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Levels:
    """The last sound level of each attempt, for who joins late; lost without harm."""

    _last: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def set(self, attempt: str, dbfs_x10: int, speech: int, monotonic_ms: int) -> None:
        self._last[attempt] = (dbfs_x10, speech, monotonic_ms)

    def get(self, attempt: str, monotonic_ms: int, fresh_ms: int = 3_000) -> int | None:
        """dBFS × 10, None when nothing was heard lately."""
        level, _, at = self._last.get(attempt, (0, 0, -fresh_ms - 1))
        return level if monotonic_ms - at <= fresh_ms else None
