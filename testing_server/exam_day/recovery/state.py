"""What a recovering server has gathered so far, and the file that says it is recovering.

Takes the services. In memory but for that file: after a restart the workstations hand everything in again.
"""
from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing_server.contracts.ledgers import LedgerHeader
from testing_server.exam_day.recovery.rules import Gathered, Place
from testing_server.exam_day.recovery.sealing import OpenedLedger
from testing_server.foundation.services import Services

NAME = "recovery"
FILE_NAME = "recovery.json"
GATHERING, LEADING, STANDBY = "gathering", "leading", "standby"


@dataclass
class Recovery:
    """`ledgers`: sitting -> the highest one; `kept`: sitting -> the place of the highest one that a workstation says it
    keeps; `generations`: sitting -> the highest generation anybody has shown;
    `told`: (address, claim) of older servers that took this one's claim."""

    path: Path
    state: str = ""
    taken: dict[str, list[int]] = field(default_factory=dict)
    ledgers: dict[str, OpenedLedger] = field(default_factory=dict)
    kept: dict[str, Place] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    heads: dict[str, dict[str, int]] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    refused: str = ""
    has_backup: bool = False
    began_ms: int = 0
    was_warned: bool = False
    is_taking_over: bool = False
    told: set[tuple[str, str]] = field(default_factory=set)
    first_ms: int | None = None
    last_new_ms: int = 0

    @property
    def is_gathering(self) -> bool:
        return self.state == GATHERING

    @property
    def is_standby(self) -> bool:
        """Whether it keeps up with the server that leads, and leads nothing itself."""
        return self.state == STANDBY

    @property
    def may_lead(self) -> bool:
        """Whether taking over is still to come."""
        return self.is_gathering or self.is_standby

    @property
    def has_recovered(self) -> bool:
        """Whether this server took over from another one, or is about to."""
        return bool(self.state)

    @property
    def held(self) -> dict[str, Place]:
        """sitting -> (generation, version) of the best ledger so far."""
        return {sitting: one.header.place for sitting, one in self.ledgers.items()}

    def hear(self, workstation: str, attempts: Mapping[str, Mapping[str, int]], ledgers: Mapping[str, Place],
             monotonic_ms: int) -> None:
        """A workstation said hello, with what it has of which attempts and which ledgers."""
        if workstation not in self.heard:
            self.heard.add(workstation)
            self.first_ms = self.first_ms if self.first_ms is not None else monotonic_ms
            self.last_new_ms = monotonic_ms
        for sitting, place in ledgers.items():
            self.kept[sitting] = max(place, self.kept.get(sitting, (0, 0)))
        for attempt, leases in attempts.items():
            known = self.heads.setdefault(attempt, {})
            for lease, number in leases.items():
                known[lease] = max(number, known.get(lease, 0))

    def is_better(self, header: LedgerHeader) -> bool:
        return header.place > self.held.get(header.sitting, (0, 0))

    def describe(self) -> Gathered:
        """For the rule that decides when to take over."""
        wanted = {row["workstation"] for one in self.ledgers.values() for row in one.facts["room_attempt"]
                  if row["workstation"]}
        first, held = self.first_ms if self.ledgers or self.has_backup else None, self.held
        return Gathered(first, self.last_new_ms, frozenset(self.heard), frozenset(wanted),
                        any(place > held.get(sitting, (0, 0)) for sitting, place in self.kept.items()))

    def note_lead(self, taken: dict[str, list[int]]) -> None:
        """From now on this server leads: sitting -> place of the ledger it was rebuilt from."""
        self.state, self.taken = LEADING, taken
        write_state(self.path.parent, {"state": LEADING, "taken": taken})

    def note_late(self, sitting: str, place: Place) -> None:
        """A later ledger was added."""
        self.note_lead({**self.taken, sitting: list(max(place, tuple(self.taken.get(sitting, (0, 0)))))})


def attach_recovery(offered: Services) -> Recovery:
    """Of these services, made at the first call."""
    found: Recovery | None = offered.vault.get(NAME)
    if found is None:
        kept = read_state(offered.settings.data)
        found = offered.vault[NAME] = Recovery(
            offered.settings.data / FILE_NAME, kept.get("state", ""), kept.get("taken", {}),
            has_backup=kept.get("has_backup", False), began_ms=offered.clock.monotonic_ms())
    return found


def read_state(data: Path) -> dict[str, Any]:
    """{} for a server that was set up in the usual way."""
    path = data / FILE_NAME
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write_state(data: Path, state: dict[str, Any]) -> None:
    """In one step."""
    draft = data / f"{FILE_NAME}.new"
    draft.write_text(json.dumps(state))
    os.replace(draft, data / FILE_NAME)
