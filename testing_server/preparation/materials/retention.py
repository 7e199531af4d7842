"""Sealed archives of a campaign, and how they are deleted: files, opened criteria, locked ciphers and seeds.

What an archive was stays as its row: its statement, its day, who was given it. A package that comes late is judged by
it, and result forms name variants by it. The archives lie in a folder that all machines share, not in the file store.
"""
from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.files.store import DIGEST
from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.materials.sealing import ARCHIVES
from testing_server.preparation.retention.keepers import Amount, Keeper, register_companion, register_keeper
from testing_server.preparation.retention.needs import Need, register_need

# the archives themselves, and criteria as they were opened for marking
FOLDERS = (ARCHIVES, "criteria")


def weigh_archives(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Archives whose files are here, of materials and of criteria, withdrawn ones too."""
    query = (select(ArchiveRecord.school, func.count(), func.sum(ArchiveRecord.size_bytes))
             .where(*_select_kept(campaign, before_ms)).group_by(ArchiveRecord.school))
    return {school: Amount(things, int(size or 0)) for school, things, size in session.execute(query)}


def forget_archives(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                    by: str) -> Collection[str]:
    """Ciphers and seeds go at once; the digests of the archives name the folders that the worker removes."""
    rows = list(session.scalars(select(ArchiveRecord).where(
        *_select_kept(campaign, before_ms), ArchiveRecord.school == school)))
    for row in rows:
        row.cipher_locked, row.key_age, row.forgotten_at_ms = b"", None, now_ms
    session.execute(update(SealingRecord).where(SealingRecord.id.in_({row.sealing for row in rows}))
                    .values(seed_locked=None))
    if rows:
        append_audit(session, now_ms, f"school:{school}", by, "archives_deleted", campaign, {"archives": len(rows)})
    return {row.archive for row in rows}


def list_kept(session: Session, digests: Collection[str]) -> set[str]:
    """Of these, the archives whose files must stay."""
    return set(session.scalars(select(ArchiveRecord.archive).where(
        ArchiveRecord.archive.in_(list(digests)), ArchiveRecord.forgotten_at_ms.is_(None))))


def remove_archive(data: Path, sha256: str) -> None:
    """The folders of an archive; what is not there, or goes at this moment by another hand, is no error."""
    if not DIGEST.fullmatch(sha256):
        return
    for name in FOLDERS:
        folder = data / name / sha256
        while folder.exists():
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue


def find_unopened(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Archives whose cipher or criteria have their hour ahead."""
    return _count(session, school, ArchiveRecord, ArchiveRecord.campaign == campaign,
                  ArchiveRecord.state != "withdrawn", ArchiveRecord.opens_at_ms > now_ms)


def find_sealings(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Orders that are on the way: their archives are not known yet."""
    return _count(session, school, SealingRecord, SealingRecord.campaign == campaign,
                  SealingRecord.state.in_(("waiting", "running")))


def _count(session: Session, school: str | None, record: Any, *chosen: ColumnElement[bool]) -> dict[str, int]:
    query = (select(record.school, func.count()).where(*chosen, record.school == school if school else true())
             .group_by(record.school))
    return {place: count for place, count in session.execute(query)}


def _select_kept(campaign: str, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (ArchiveRecord.campaign == campaign, ArchiveRecord.sealed_at_ms <= before_ms,
            ArchiveRecord.forgotten_at_ms.is_(None))


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("materials archives", "archives", weigh_archives, forget_archives, list_kept))
    register_companion("sealed archives", remove_archive)
    register_need(Need("materials unopened", frozenset({"archives"}),
                       _("час шифра или критериев ещё не наступил"), find_unopened))
    register_need(Need("materials sealing", frozenset({"archives", "rosters", "codes"}),
                       _("материалы ещё собираются"), find_sealings))
