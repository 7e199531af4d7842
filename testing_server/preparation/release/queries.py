"""What is released when, and what was told by telephone. Takes a session; gives dataclasses without a cipher."""
from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.registry.queries import lies_within
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.release.kits import KitWork
from testing_server.preparation.release.records import ToldCipherRecord

MOST_TOLD = 500


@dataclass(frozen=True)
class SlotUse:
    """One slot with archives of a territory. `given`: how many ciphers their schools took."""

    slot: str
    campaign: str
    assessment: str
    title: dict[str, str]
    kind: str
    day: str
    opens_at_ms: int
    schools: int
    given: int


@dataclass(frozen=True)
class Told:
    """One cipher told by telephone. `fetched_at_ms`: when the school took it itself, None while it did not."""

    id: str
    archive: str
    school: str
    school_name: str
    login: str
    title: dict[str, str]
    day: str
    kind: str
    source: str
    reason: str
    asked_by: str
    asked_at_ms: int
    approved_by: str | None
    first_read_at_ms: int | None
    second_read_at_ms: int | None
    fetched_at_ms: int | None

    @property
    def is_read(self) -> bool:
        """Whether both halves were read out."""
        return self.source == "kit" or bool(self.first_read_at_ms and self.second_read_at_ms)


def list_slot_uses(session: Session, territory: str | None, since_ms: int) -> list[SlotUse]:
    """Slots with valid archives whose hour is not before `since_ms`, the next hour first."""
    query = (select(ArchiveRecord.slot, ArchiveRecord.campaign, ArchiveRecord.assessment,
                    func.max(ArchiveRecord.title), ArchiveRecord.kind, ArchiveRecord.day, ArchiveRecord.opens_at_ms,
                    func.count(), func.sum(case((ArchiveRecord.released_at_ms.is_not(None), 1), else_=0)))
             .join(SchoolRecord, SchoolRecord.id == ArchiveRecord.school)
             .where(ArchiveRecord.state != "withdrawn", ArchiveRecord.lock != "none",
                    ArchiveRecord.opens_at_ms >= since_ms, lies_within(territory))
             .group_by(ArchiveRecord.slot, ArchiveRecord.campaign, ArchiveRecord.assessment, ArchiveRecord.kind,
                       ArchiveRecord.day, ArchiveRecord.opens_at_ms)
             .order_by(ArchiveRecord.opens_at_ms, ArchiveRecord.slot))
    return [SlotUse(slot, campaign, assessment, json.loads(title), kind, day, opens, count, given or 0)
            for slot, campaign, assessment, title, kind, day, opens, count, given in session.execute(query)]


def list_hours(session: Session, since_ms: int, until_ms: int) -> list[tuple[str, int]]:
    """(slot, hour) of every slot that opens between two moments."""
    query = (select(ArchiveRecord.slot, ArchiveRecord.opens_at_ms).distinct()
             .where(ArchiveRecord.state != "withdrawn", ArchiveRecord.lock != "none",
                    ArchiveRecord.opens_at_ms >= since_ms, ArchiveRecord.opens_at_ms <= until_ms))
    return [(slot, opens_at_ms) for slot, opens_at_ms in session.execute(query)]


def list_kit_works(session: Session, territory: str | None, day: str) -> list[KitWork]:
    """Encrypted ciphers of a day, for the kit."""
    query = (select(ArchiveRecord, SchoolRecord).join(SchoolRecord, SchoolRecord.id == ArchiveRecord.school)
             .where(ArchiveRecord.day == day, ArchiveRecord.state != "withdrawn", ArchiveRecord.lock != "none",
                    ArchiveRecord.forgotten_at_ms.is_(None), lies_within(territory))
             .order_by(SchoolRecord.login, ArchiveRecord.kind.desc()))
    return [KitWork(row.archive, row.kind, school.login, school.name, json.loads(row.title)["ru"], row.opens_at_ms,
                    row.slot, row.cipher_locked.hex()) for row, school in session.execute(query)]


def list_told(session: Session, territory: str | None) -> list[Told]:
    """Ciphers told by telephone, the newest first."""
    query = (select(ToldCipherRecord, ArchiveRecord, SchoolRecord)
             .join(ArchiveRecord, ArchiveRecord.archive == ToldCipherRecord.archive)
             .join(SchoolRecord, SchoolRecord.id == ToldCipherRecord.school).where(lies_within(territory))
             .order_by(ToldCipherRecord.asked_at_ms.desc(), ToldCipherRecord.id).limit(MOST_TOLD))
    return [_describe(*row) for row in session.execute(query)]


def find_told(session: Session, told: str, territory: str | None) -> Told | None:
    """One of them, None where it is not this territory's."""
    query = (select(ToldCipherRecord, ArchiveRecord, SchoolRecord)
             .join(ArchiveRecord, ArchiveRecord.archive == ToldCipherRecord.archive)
             .join(SchoolRecord, SchoolRecord.id == ToldCipherRecord.school)
             .where(ToldCipherRecord.id == told, lies_within(territory)))
    row = session.execute(query).first()
    return _describe(*row) if row else None


def list_known_archives(session: Session, archives: Iterable[str], territory: str | None) -> dict[str, str]:
    """Archive -> its school, of those that are this territory's."""
    query = (select(ArchiveRecord.archive, ArchiveRecord.school)
             .join(SchoolRecord, SchoolRecord.id == ArchiveRecord.school)
             .where(ArchiveRecord.archive.in_(list(archives)), lies_within(territory)))
    return {archive: school for archive, school in session.execute(query)}


def _describe(row: ToldCipherRecord, archive: ArchiveRecord, school: SchoolRecord) -> Told:
    return Told(row.id, row.archive, row.school, school.name, school.login, json.loads(archive.title), archive.day,
                archive.kind, row.source, row.reason, row.asked_by, row.asked_at_ms, row.approved_by,
                row.first_read_at_ms, row.second_read_at_ms, archive.released_at_ms)
