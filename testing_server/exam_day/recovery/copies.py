"""How many copies of each attempt there are, and where: at its seat, on this server, on a standby, on a stick.

Takes a session and what is known of standbys and of the last backup; gives one `Copies` for each seated attempt. Only
a copy that is whole counts: a copy that lacks the last minute is no copy of the last minute.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.backups import read_backup_note
from testing_server.exam_day.recovery.standby.giving import attach_standbys
from testing_server.exam_day.responses.parts import read_parts
from testing_server.exam_day.responses.records import EventRecord, RecordingRecord
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.services import Services


class Held(StrEnum):
    """What a place holds of an attempt: everything, not the newest, it is silent so nobody knows, nothing."""

    WHOLE = "whole"
    BEHIND = "behind"
    SILENT = "silent"
    NONE = "none"


@dataclass(frozen=True)
class Copies:
    """One attempt. `seat`: its label, "" where the workstation is no longer known; `at`: place -> what it holds."""

    attempt: str
    code: str
    seat: str
    at: Mapping[str, Held]

    @property
    def count(self) -> int:
        """Whole copies."""
        return sum(held == Held.WHOLE for held in self.at.values())


@dataclass(frozen=True)
class Ends:
    """The last event and the last part of an attempt that this server has, by its own rows."""

    event: int
    part: int

    def judge(self, event: int, part: int) -> Held:
        """Of a place that has everything up to these rows."""
        return Held.WHOLE if event >= self.event and part >= self.part else Held.BEHIND


PLACES = ("seat", "server", "standby", "stick")


def order_worst_first(found: Iterable[Copies]) -> list[Copies]:
    """Fewest whole copies first, then by code."""
    return sorted(found, key=lambda one: (one.count, one.code))


def list_copies(offered: Services, sitting: str) -> list[Copies]:
    """Of every attempt that somebody sits, or sat, in this sitting; the worst first."""
    with offered.storage.read() as session:
        attempts = list(session.scalars(select(AttemptRecord).where(
            AttemptRecord.sitting == sitting, AttemptRecord.workstation.is_not(None))))
        return order_worst_first(_look(offered, session, attempts))


def find_copies(offered: Services, attempt: str) -> Copies | None:
    """Of one attempt; None where nobody has sat down yet."""
    with offered.storage.read() as session:
        row = session.get(AttemptRecord, attempt)
        found = _look(offered, session, [row] if row is not None and row.workstation else [])
    return found[0] if found else None


def _look(offered: Services, session: Session, attempts: list[AttemptRecord]) -> list[Copies]:
    here = attach_room(offered)
    seats = {one.id: one.seat for one in list_workstations(session)}
    ends = read_ends(session, here.data, [one.id for one in attempts])
    lacking = _list_lacking(session, [one.id for one in attempts])
    judge = _judge_elsewhere(offered)

    def describe(one: AttemptRecord) -> Copies:
        workstation = one.workstation or ""
        silent = here.presence.is_silent(workstation, here.clock.monotonic_ms())
        at_seat = Held.NONE if workstation not in seats else Held.SILENT if silent else Held.WHOLE
        at = {"seat": at_seat, "server": Held.BEHIND if one.id in lacking else Held.WHOLE, **judge(ends[one.id])}
        return Copies(one.id, one.code, seats.get(workstation, ""), at)
    return [describe(one) for one in attempts]


def _judge_elsewhere(offered: Services) -> Callable[[Ends], dict[str, Held]]:
    """The best standby, the last stick."""
    now_ms = attach_room(offered).clock.monotonic_ms()
    standbys = [one for one in attach_standbys(offered).reached.values() if not one.is_away(now_ms)]
    note = read_backup_note(offered.settings.data)

    def judge(ends: Ends) -> dict[str, Held]:
        held = [ends.judge(one.event, one.part) for one in standbys]
        standby = Held.WHOLE if Held.WHOLE in held else Held.BEHIND if held else Held.NONE
        return {"standby": standby, "stick": ends.judge(note.event, note.part) if note else Held.NONE}
    return judge


def read_ends(session: Session, data: Path, attempts: list[str]) -> dict[str, Ends]:
    """attempt -> its last rows; zeros where there is nothing yet."""
    last = select(func.max(EventRecord.row)).where(EventRecord.attempt == AttemptRecord.id).scalar_subquery()
    events: dict[str, Any] = {attempt: row for attempt, row in session.execute(
        select(AttemptRecord.id, last).where(AttemptRecord.id.in_(attempts)))}
    with read_parts(data) as database:
        parts = {attempt: database.execute("SELECT max(rowid) FROM part WHERE attempt = ?", (attempt,)).fetchone()[0]
                 for attempt in attempts} if database is not None else {}
    return {attempt: Ends(events.get(attempt) or 0, parts.get(attempt) or 0) for attempt in attempts}


def _list_lacking(session: Session, attempts: list[str]) -> set[str]:
    """Attempts with a recording whose sound is not all here."""
    return set(session.scalars(select(RecordingRecord.attempt).where(
        RecordingRecord.attempt.in_(attempts), RecordingRecord.state.in_(("committed", "partial")),
        RecordingRecord.durable_bytes < RecordingRecord.bytes)))
