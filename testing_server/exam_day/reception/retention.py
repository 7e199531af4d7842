"""What reception keeps of a campaign and how it is deleted: sound by its term, all but the receipt by another.

A recording lies in the store as FLAC and inside the sealed package: both go together, else neither would be gone. The
receipt stays: the same package sent again gets the same one.
"""
import json
from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, delete, func, or_, select, true
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.exam_day.reception.queries import UNJUDGED
from testing_server.exam_day.reception.records import (
    PackageRecord, ReceivedAttemptRecord, ReceivedFileRecord, ReceivedRecordingRecord, UploadRecord)
from testing_server.foundation.audit import append_audit
from testing_server.preparation.retention.keepers import Amount, Keeper, register_keeper
from testing_server.preparation.retention.needs import Need, register_need

# a verdict that did not come within this time comes by another request, which asks the store anew
JUDGING_MS = 6 * 3_600_000


def weigh_recordings(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Recordings of accepted packages; bytes: about two for each sample and half of it gone in FLAC."""
    recording = ReceivedRecordingRecord
    query = (select(PackageRecord.school, func.count(), func.sum(recording.samples))
             .join(recording, recording.package == PackageRecord.package)
             .where(*_came(campaign, before_ms)).group_by(PackageRecord.school))
    return {school: Amount(things, int(samples or 0)) for school, things, samples in session.execute(query)}


def weigh_packages(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Accepted packages of which more than the receipt is left."""
    query = (select(PackageRecord.school, func.count(), func.sum(PackageRecord.size_bytes))
             .where(*_came(campaign, before_ms), PackageRecord.forgotten_at_ms.is_(None))
             .group_by(PackageRecord.school))
    return {school: Amount(things, int(size or 0)) for school, things, size in session.execute(query)}


def forget_recordings(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                      by: str) -> Collection[str]:
    """The sound of a school's packages, and the sealed files it lies in."""
    recording, gone, things = ReceivedRecordingRecord, set[str](), 0
    for package in session.scalars(_of_school(campaign, school, before_ms)):
        sounds = set(session.scalars(select(recording.flac_sha256).where(recording.package == package.package)))
        if not sounds:
            continue
        things += len(sounds)
        session.execute(delete(recording).where(recording.package == package.package))
        gone |= _drop_files(session, package.package, sounds | {package.ciphertext_sha256})
        gone |= _drop_sealed(session, package)
    if things:
        append_audit(session, now_ms, f"school:{school}", by, "recordings_deleted", campaign, {"recordings": things})
    return gone


def forget_packages(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                    by: str) -> Collection[str]:
    """Answers, events and files of a school's packages; recordings go by their own term."""
    gone, things = set[str](), 0
    rows = _of_school(campaign, school, before_ms).where(PackageRecord.forgotten_at_ms.is_(None))
    for package in session.scalars(rows):
        kept = set(session.scalars(select(ReceivedRecordingRecord.flac_sha256).where(
            ReceivedRecordingRecord.package == package.package)))
        files = set(session.scalars(select(ReceivedFileRecord.sha256).where(
            ReceivedFileRecord.package == package.package)))
        gone |= _drop_files(session, package.package, files - kept) | _drop_sealed(session, package)
        session.execute(delete(ReceivedAttemptRecord).where(ReceivedAttemptRecord.package == package.package))
        package.manifest, package.forgotten_at_ms = json.dumps({"attempts": []}), now_ms
        things += 1
    if things:
        append_audit(session, now_ms, f"school:{school}", by, "packages_deleted", campaign, {"packages": things})
    return gone


def list_needed(session: Session, digests: Collection[str]) -> set[str]:
    """Of these files, those of packages and of uploads that were kept aside."""
    wanted = list(digests)
    found = set(session.scalars(select(ReceivedFileRecord.sha256).where(ReceivedFileRecord.sha256.in_(wanted))))
    return found | set(session.scalars(select(UploadRecord.content).where(UploadRecord.content.in_(wanted))))


def is_judging(session: Session, now_ms: int) -> bool:
    """Whether a package is being verified: its worker may have found a file in the store and trust in it."""
    row = UploadRecord
    return session.scalar(select(row.id).where(
        row.state.in_(("verifying", "quarantined")), row.asked_at_ms > now_ms - JUDGING_MS,
        or_(row.judged_at_ms.is_(None), row.judged_at_ms < row.asked_at_ms)).limit(1)) is not None


def find_packages(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Packages of which more than the receipt is left."""
    kept = weigh_packages(session, campaign, now_ms)
    return {place: amount.things for place, amount in kept.items() if school in (None, place)}


def find_unjudged(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """What a school sent and nobody accepted yet: of which campaign it is, is known only then."""
    row = UploadRecord
    query = (select(row.school, func.count())
             .where(row.state.in_(UNJUDGED), row.school == school if school else true()).group_by(row.school))
    return {place: count for place, count in session.execute(query)}


def _came(campaign: str, before_ms: int) -> tuple[Any, ...]:
    return PackageRecord.campaign == campaign, PackageRecord.accepted_at_ms <= before_ms


def _of_school(campaign: str, school: str, before_ms: int) -> Select[PackageRecord]:
    return select(PackageRecord).where(*_came(campaign, before_ms), PackageRecord.school == school)


def _drop_files(session: Session, package: str, digests: set[str]) -> set[str]:
    session.execute(delete(ReceivedFileRecord).where(
        ReceivedFileRecord.package == package, ReceivedFileRecord.sha256.in_(digests)))
    return digests


def _drop_sealed(session: Session, package: PackageRecord) -> set[str]:
    """The package's own sealed file, and every try of the same sitting, also those kept aside."""
    tries = session.scalars(select(UploadRecord).where(
        UploadRecord.school == package.school, UploadRecord.content != "",
        or_(UploadRecord.sitting == package.sitting, UploadRecord.package == package.package)))
    gone = {package.ciphertext_sha256}
    for upload in tries:
        if upload.state == "quarantined":
            check_move("package", upload.state, "replaced")
            upload.state = "replaced"
        gone.add(upload.content)
        upload.content = ""
    return gone


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("reception recordings", "recordings", weigh_recordings, forget_recordings, list_needed,
                           is_judging))
    register_keeper(Keeper("reception packages", "packages", weigh_packages, forget_packages))
    register_need(Need("reception packages", frozenset({"codes"}), _("пакеты этой кампании ещё хранятся"),
                       find_packages))
    register_need(Need("reception uploads", frozenset({"archives", "rosters", "codes"}),
                       _("присланный пакет ждёт приёма или решения"), find_unjudged))
