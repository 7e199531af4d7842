"""What was done with a kit: signed lines in a file, one for each act, and what follows from them.

A line is on the disk before the desk hears that its marks are kept. State is a fold of the lines, so a kit that was cut
off in the middle goes on where its last whole line ends.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing_server.contracts.canonical import sha256_hex
from testing_server.marking.kits.bundle import KitKeys, sign_event, verify_events
from testing_server.marking.review.rules import RoundClosed, TakenByOther


@dataclass
class AnswerState:
    """Where one answer of a kit stands. `state` as on the hub: taken, saved, undone, referred."""

    version: int = 1
    state: str = "taken"
    marks: dict[str, Any] = field(default_factory=dict)


class Journal:
    """The signed lines of one kit. Opening verifies every line and leaves out a torn last one."""

    def __init__(self, path: Path, kit: str, keys: KitKeys, assignments: list[str]) -> None:
        self._path, self._kit, self._keys = path, kit, keys
        self.states = {assignment: AnswerState() for assignment in assignments}
        self.lines = self._read()
        for event in verify_events(self.lines, kit, keys.public_key):
            self._follow(dict(event.body))

    def add(self, kind: str, assignment: str, now_ms: int, body: dict[str, Any]) -> None:
        """One more signed act, on the disk when this returns."""
        previous = sha256_hex(self.lines[-1].encode()) if self.lines else ""
        event = {**body, "kit": self._kit, "number": len(self.lines) + 1, "kind": kind, "assignment": assignment,
                 "at_ms": now_ms, "previous": previous, "points": body.get("points", {})}
        line = sign_event(self._keys, event)
        with open(self._path, "a", encoding="utf-8", newline="\n") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.lines.append(line)
        self._follow(event)

    def find_own(self, assignment: str, version: int) -> AnswerState:
        """The answer in hand. Raises TakenByOther for an answer of another kit or an older version of it."""
        state = self.states.get(assignment)
        if state is None or state.version != version or state.state not in ("taken", "undone"):
            raise TakenByOther()
        return state

    def list_open(self) -> list[str]:
        """Answers still to be marked; one called back lies on top."""
        waiting = [name for name, one in self.states.items() if one.state in ("taken", "undone")]
        return sorted(waiting, key=lambda name: self.states[name].state != "undone")

    def count(self, *states: str) -> int:
        """How many answers are in one of these states."""
        return sum(one.state in states for one in self.states.values())

    def check_undo(self, assignment: str) -> None:
        """Raises RoundClosed where there is nothing to take back."""
        if assignment not in self.states or self.states[assignment].state != "saved":
            raise RoundClosed()

    def _read(self) -> list[str]:
        if not self._path.exists():
            return []
        text = self._path.read_text(encoding="utf-8")
        whole = text[:text.rfind("\n") + 1]
        if whole != text:
            # the power went while a line was written: nobody was told that it is kept
            self._path.write_text(whole, encoding="utf-8", newline="\n")
        return whole.splitlines()

    def _follow(self, event: dict[str, Any]) -> None:
        state = self.states.get(event["assignment"])
        if state is None:
            return
        state.version, state.state = state.version + 1, event["kind"]
        if event["kind"] == "saved":
            state.marks = {name: event.get(name) for name in ("points", "comment", "moments", "notes")}
