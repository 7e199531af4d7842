"""Reading archives and sittings. Takes a session; gives dataclasses and plain data."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.messages import Bundle
from testing_server.exam_day.sittings.records import ArchiveRecord, AttemptRecord, BundleRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE


def read_assessment(archive: ArchiveRecord) -> dict[str, Any]:
    """The public assessment.json, {} before the archive is opened."""
    found: dict[str, Any] = msgspec.json.decode(archive.assessment_json) if archive.assessment_json else {}
    return found


def read_title(archive: ArchiveRecord, language: str = "ru") -> str:
    """The assessment's title."""
    titles: dict[str, str] = msgspec.json.decode(archive.title)
    return titles.get(language) or titles.get("ru") or archive.assessment


def find_variants(archive: ArchiveRecord) -> list[str]:
    """Numbers of variants that opened and show; [] unless every one does."""
    checks: dict[str, dict[str, Any]] = msgspec.json.decode(archive.checks)
    if archive.state != "opened" or not all(check["ok"] for check in checks.values()):
        return []
    return sorted(checks)


def find_leading_sitting(session: Session, attempts: Sequence[str]) -> SittingRecord | None:
    """The sitting of these attempts, else the newest one that is going on."""
    if attempts:
        mine = session.scalars(
            select(SittingRecord).join(AttemptRecord, AttemptRecord.sitting == SittingRecord.id)
            .where(AttemptRecord.id.in_(attempts)).order_by(SittingRecord.opened_at_ms.desc()).limit(1)).first()
        if mine is not None:
            return mine
    return session.scalars(select(SittingRecord).where(SittingRecord.state.in_(ACTIVE), SittingRecord.claim != "")
                           .order_by(SittingRecord.opened_at_ms.desc()).limit(1)).first()


def list_bundles(session: Session, archive: str, variant: str) -> list[BundleRecord]:
    """The variant's own bundle first, then its media."""
    own = session.scalars(select(BundleRecord).where(
        BundleRecord.archive == archive, BundleRecord.variant == variant)).first()
    if own is None:
        return []
    wanted = msgspec.json.decode(own.media, type=list[str])
    media = session.scalars(select(BundleRecord).where(
        BundleRecord.archive == archive, BundleRecord.plain.in_(wanted)).order_by(BundleRecord.plain))
    return [own, *media]


def describe_bundle(bundle: BundleRecord) -> Bundle:
    """The bundle as a seat hears of it: without its key."""
    return Bundle(sha256=bundle.sha256, bytes=bundle.bytes, plain=bundle.plain, type=bundle.type)
