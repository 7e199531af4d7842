"""The drill's witness: reads the disks of seats and server by itself, beside their owners, and compares.

Nothing here asks a server or a workstation what it believes to hold: a promise is kept when the bytes are there.
"""
from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing_server.contracts.events import digest_of

EventName = tuple[str, int, int]
# No event is stamped later than it came; none waits for an hour in a drill. What is outside has a wrong clock in it.
AHEAD_MS, BEHIND_MS = 10_000, 3_600_000
ANSWER_KINDS = ("answer_set", "answer_cleared")


@dataclass(frozen=True)
class SoundFile:
    """A recording at the seat. `durable`: how many bytes of it the server has called durable."""

    path: Path
    durable: int


@dataclass(frozen=True)
class SeatDisk:
    """A seat's journal at one moment. `acked`: (attempt, lease) → highest number acknowledged."""

    events: dict[EventName, str]
    acked: dict[tuple[str, int], int]
    sounds: dict[EventName, SoundFile]
    attempt: str

    def list_promised(self) -> dict[EventName, str]:
        """Digests of events the server has said to hold."""
        return {name: digest for name, digest in self.events.items()
                if name[2] <= self.acked.get((name[0], name[1]), 0)}


def ask(database: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows, read beside the owner."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as opened:
        rows = opened.execute(sql, values).fetchall()
    opened.close()
    return rows


def look_at_seat(folder: Path) -> SeatDisk:
    """What lies in a workstation's folder; nothing before it has a journal."""
    journal = folder / "journal.sqlite"
    if not journal.exists():
        return SeatDisk({}, {}, {}, "")
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=10) as opened:
        # one moment for all tables: an acknowledgement must not be newer than the events it is compared with
        opened.execute("BEGIN")
        seat = _read_seat(opened, folder)
    opened.close()
    return seat


def _read_seat(opened: sqlite3.Connection, folder: Path) -> SeatDisk:
    events = {(attempt, lease, number): digest_of(line) for attempt, lease, number, line in opened.execute(
        "SELECT attempt, lease, number, line FROM events")}
    acked = {(attempt, lease): number for attempt, lease, number in opened.execute(
        "SELECT attempt, lease, acked FROM leases")}
    sounds = {(attempt, lease, number): SoundFile(folder / "recordings" / path, durable)
              for attempt, lease, number, path, durable in opened.execute(
                  "SELECT attempt, lease, number, path, durable FROM recordings")}
    current = opened.execute("SELECT value FROM settings WHERE key = 'current_attempt'").fetchone()
    return SeatDisk(events, acked, sounds, str(json.loads(current[0]) or "") if current else "")


@dataclass(frozen=True)
class RoomDisk:
    """The classroom's folder. `events`: digests of the lines themselves, not those the server noted beside them.
    `late_ms`: of each event, from its stamp at the seat to the server's disk; `misdated`: stamped by a wrong clock."""

    folder: Path
    events: dict[EventName, str]
    answers: dict[EventName, Any]
    late_ms: list[int]
    misdated: int = 0

    def read_sound(self, name: EventName, length: int) -> bytes:
        """What the server's file of a recording begins with."""
        attempt, lease, number = name
        path = self.folder / "recordings" / attempt / f"{lease}-{number}.pcm"
        return path.read_bytes()[:length] if path.exists() else b""


def look_at_room(folder: Path) -> RoomDisk:
    """Everything the server has on its disk; nothing while it has no database."""
    database = folder / "classroom.sqlite"
    rows = ask(database, "SELECT attempt, lease, number, line, received_at_ms FROM room_event") \
        if database.exists() else []
    lines = {(attempt, lease, number): (line.encode(), received) for attempt, lease, number, line, received in rows}
    told = {name: json.loads(line) for name, (line, _) in lines.items()}
    late = [received - told[name]["at_ms"] for name, (_, received) in lines.items()]
    return RoomDisk(folder, {name: digest_of(line) for name, (line, _) in lines.items()},
                    {name: event["body"] for name, event in told.items() if event["kind"] in ANSWER_KINDS},
                    [max(0, ms) for ms in late], sum(not -AHEAD_MS < ms < BEHIND_MS for ms in late))


@dataclass
class Promises:
    """Everything anybody was told is safe, from the first moment on; what a seat forgets later stays promised."""

    events: dict[EventName, str] = field(default_factory=dict)
    sounds: dict[EventName, tuple[str, int]] = field(default_factory=dict)
    answers: dict[EventName, tuple[str, str, Any]] = field(default_factory=dict)

    def note_seat(self, seat: SeatDisk) -> None:
        """What the server had promised to a seat by now."""
        self.events.update(seat.list_promised())
        for name, sound in seat.sounds.items():
            if sound.durable > self.sounds.get(name, ("", 0))[1] and sound.path.exists():
                self.sounds[name] = (digest_sound(sound.path.read_bytes()[:sound.durable]), sound.durable)

    def note_answer(self, attempt: str, step: dict[str, Any]) -> None:
        """An answer that a candidate was shown as saved."""
        self.answers[attempt, step["lease"], step["number"]] = (step["item"], step["response"], step["value"])

    def list_lost(self, room: RoomDisk) -> dict[str, list[EventName]]:
        """Promised and not on the server's disk as promised, by kind."""
        return {
            "events": [name for name, digest in self.events.items() if room.events.get(name) != digest],
            "recordings": [name for name, (digest, length) in self.sounds.items()
                           if digest_sound(room.read_sound(name, length)) != digest],
            "answers": [name for name, said in self.answers.items() if not _holds(room.answers, name, said)]}


def digest_sound(data: bytes) -> str:
    """SHA-256 of PCM, hex."""
    return hashlib.sha256(data).hexdigest()


def _holds(answers: dict[EventName, Any], name: EventName, said: tuple[str, str, Any]) -> bool:
    """Under its number or, journalled again under another lease after a conflict, anywhere in the attempt."""
    if _says(answers.get(name), said):
        return True
    return any(_says(body, said) for other, body in answers.items() if other[0] == name[0])


def _says(body: Any, said: tuple[str, str, Any]) -> bool:
    return body is not None and (body["item"], body["response"], body.get("value")) == said


def count_kept(seats: Iterable[SeatDisk], room: RoomDisk) -> dict[str, tuple[int, int]]:
    """what → (written at the seats, found on the server's disk byte for byte)."""
    events = {name: digest for seat in seats for name, digest in seat.events.items()}
    sounds = {name: sound.path.read_bytes() for seat in seats for name, sound in seat.sounds.items()
              if sound.path.exists()}
    held = {name: data for name, data in sounds.items() if room.read_sound(name, len(data) + 1) == data}
    return {"events": (len(events), sum(room.events.get(name) == digest for name, digest in events.items())),
            "recordings": (len(sounds), len(held)),
            "sound_bytes": (sum(map(len, sounds.values())), sum(map(len, held.values())))}
