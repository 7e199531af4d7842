"""Reading workstations. Takes a session; gives dataclasses."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.exam_day.workstations.records import (
    PairingFileRecord, PairingFileUseRecord, PairingRecord, WorkstationRecord)
from testing_server.exam_day.workstations.rules import PAIRING_LIFE_MS, find_check_trouble, order_seats

# how a seat without installation names itself in its report
PLAIN_SOFTWARE = "plain-seat/"


@dataclass(frozen=True)
class Workstation:
    """A paired workstation; `check` is its last report, {} before the first."""

    id: str
    seat: str
    state: str
    host_name: str
    public_key: str
    check: dict[str, Any]
    checked_at_ms: int | None
    paired_at_ms: int

    @property
    def is_plain(self) -> bool:
        """Whether nothing is installed there: its browser keeps the answers and promises less."""
        return str(self.check.get("software", "")).startswith(PLAIN_SOFTWARE)

    @property
    def trouble(self) -> str:
        """Code of what its check found, "" when nothing."""
        return find_check_trouble(self.check)


@dataclass(frozen=True)
class Pairing:
    """A workstation that waits for its six digits; `revealed`: it shows them already."""

    id: str
    host_name: str
    address: str
    software: str
    state: str
    revealed: bool
    begun_at_ms: int


@dataclass(frozen=True)
class PairingFile:
    """A pairing file that is good: for how many computers, by how many it was used."""

    id: str
    made_by: str
    uses: int
    used: int
    expires_at_ms: int


def list_workstations(session: Session) -> list[Workstation]:
    """All but the removed ones, by seat."""
    rows = session.scalars(select(WorkstationRecord).where(WorkstationRecord.state != "removed"))
    return sorted(map(read_workstation, rows), key=lambda one: order_seats(one.seat))


def find_free_seat(session: Session) -> str:
    """The next free number."""
    taken = {one.seat for one in list_workstations(session)}
    return next(str(number) for number in range(1, 10_000) if str(number) not in taken)


def list_pairing_files(session: Session, now_ms: int) -> list[PairingFile]:
    """Those that are still good, newest first."""
    rows = session.scalars(select(PairingFileRecord).where(
        PairingFileRecord.is_withdrawn.is_(False), PairingFileRecord.expires_at_ms > now_ms,
    ).order_by(PairingFileRecord.made_at_ms.desc()))
    counts = select(PairingFileUseRecord.file, func.count()).group_by(PairingFileUseRecord.file)
    used = {file: count for file, count in session.execute(counts)}
    return [PairingFile(row.id, row.made_by, row.uses, used.get(row.id, 0), row.expires_at_ms) for row in rows]


def list_waiting_pairings(session: Session, now_ms: int) -> list[Pairing]:
    """Oldest first; those that showed their nonce and are not older than a quarter of an hour."""
    rows = session.scalars(select(PairingRecord).where(
        PairingRecord.state == "waiting", PairingRecord.begun_at_ms > now_ms - PAIRING_LIFE_MS,
    ).order_by(PairingRecord.begun_at_ms))
    newest = {row.public_key: row for row in rows}
    return [Pairing(row.id, row.host_name, row.address, row.software, row.state, bool(row.nonce_kiosk),
                    row.begun_at_ms) for row in newest.values()]


def read_workstation(row: WorkstationRecord) -> Workstation:
    """The record as other parts of the room see it."""
    check = msgspec.json.decode(row.check) if row.check else {}
    return Workstation(row.id, row.seat, row.state, row.host_name, row.public_key, check, row.checked_at_ms,
                       row.paired_at_ms)
