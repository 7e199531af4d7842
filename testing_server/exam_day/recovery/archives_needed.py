"""Archives that sittings need on this server and that are not open here: without one nobody new starts and no package
is made.

Takes the services; gives what is lacking. A standby is handed everything but archives: they come on the stick.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.rules import LED_STATES, RECEIPTED
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.sittings.archives import are_files_here
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import ArchiveRecord, SittingRecord
from testing_server.foundation.services import Services

OPENED = "opened"


@dataclass(frozen=True)
class Lacking:
    """`is_here`: its sealed files are, only the cipher is missing; `is_known`: the page of archives shows it."""

    archive: str
    title: str
    is_here: bool
    is_known: bool


def list_lacking(offered: Services) -> list[Lacking]:
    """By title; [] on a server that has not taken over and does not stand by."""
    recovery = attach_recovery(offered)
    if not recovery.has_recovered:
        return []
    with offered.storage.read() as session:
        wanted = _list_told(offered) if recovery.may_lead else _list_led(session)
        found = [_describe(offered.settings.data, session.get(ArchiveRecord, one.id), one) for one in wanted]
    return sorted({one.archive: one for one in found if one is not None}.values(), key=lambda one: one.title)


def _list_told(offered: Services) -> Iterable[ArchiveRecord]:
    """Of the sittings in ledgers that have come."""
    rows = [row for opened in attach_recovery(offered).ledgers.values() for row in opened.facts["room_archive"]]
    return [ArchiveRecord(id=row["id"], title=row["title"], assessment=row["assessment"]) for row in rows]


def _list_led(session: Session) -> Iterable[ArchiveRecord]:
    return session.scalars(select(ArchiveRecord).where(ArchiveRecord.id.in_(
        select(SittingRecord.archive).where(SittingRecord.state.in_(LED_STATES - {RECEIPTED})))))


def _describe(data: Path, here: ArchiveRecord | None, wanted: ArchiveRecord) -> Lacking | None:
    if here is not None and here.state == OPENED:
        return None
    return Lacking(wanted.id, read_title(wanted), are_files_here(data, wanted.id), here is not None)
