"""The life of an upload at the hub: begun, received, verified, accepted or kept aside. One audit line each."""
import json
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.reception.records import (
    PackageRecord, ReceivedAttemptRecord, ReceivedFileRecord, ReceivedRecordingRecord, UploadRecord)
from testing_server.exam_day.reception.rules import (
    EXPIRES_MS, check_releasable, describe_receipt, is_expired, may_ask, read_reason)
from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import State, Step, post_progress
from testing_server.foundation.storage.refusals import Busy
from testing_server.preparation.retention.actions import condemn_files
from testing_server.preparation.retention.queries import is_removing

THING = "package"
DIGEST_LENGTH = 64
# the campaign of a package is known when its manifest is verified
UNKNOWN = ""


def begin_upload(session: Session, now_ms: int, school: str, length: int, metadata: dict[str, str], by: str) -> str:
    """A new upload, or the one that was begun for the very same file before and whose answer was lost; its id."""
    if known := find_begun(session, now_ms, school, length, metadata, by):
        return known
    upload = uuid.uuid4().hex
    session.add(UploadRecord(
        id=upload, school=school, length=length, state="receiving", by=by, begun_at_ms=now_ms,
        last_byte_at_ms=now_ms, package=_digest(metadata.get("package", "")),
        sitting=metadata.get("sitting", "")[:80], claimed_sha256=_digest(metadata.get("sha256", ""))))
    append_audit(session, now_ms, f"school:{school}", by, "upload_begun", upload, {"bytes": length})
    return upload


def find_begun(session: Session, now_ms: int, school: str, length: int, metadata: dict[str, str],
               by: str) -> str | None:
    """The unfinished upload of a sender's file, by its length and the SHA-256 told; None for a file that told none."""
    row, claimed = UploadRecord, _digest(metadata.get("sha256", ""))
    if not claimed:
        return None
    return session.scalar(select(row.id).where(
        row.school == school, row.state == "receiving", row.claimed_sha256 == claimed, row.length == length,
        row.by == by, row.package == _digest(metadata.get("package", "")),
        row.sitting == metadata.get("sitting", "")[:80],
        row.last_byte_at_ms > now_ms - EXPIRES_MS).order_by(row.begun_at_ms, row.id).limit(1))


def note_bytes(session: Session, now_ms: int, upload: str, have: int) -> bool:
    """Remembers when bytes came last; True when these were the last ones: the upload is received now."""
    row = session.get_one(UploadRecord, upload)
    row.last_byte_at_ms = now_ms
    if have < row.length or row.state != "receiving":
        return False
    _move(row, "received")
    append_audit(session, now_ms, f"school:{row.school}", row.by, "upload_received", upload, {"bytes": have})
    post_progress(session, row.school, UNKNOWN, _work(row), Step.PACKAGES, State.RUNNING, now_ms)
    return True


def end_upload(session: Session, now_ms: int, upload: str, by: str) -> None:
    """The sender gives an unfinished upload up."""
    row = session.get_one(UploadRecord, upload)
    _move(row, "expired")
    append_audit(session, now_ms, f"school:{row.school}", by, "upload_ended", upload)


def expire_uploads(session: Session, now_ms: int) -> list[str]:
    """Ends unfinished uploads 30 days after their last byte; returns their ids, whose bytes may go."""
    rows = session.scalars(select(UploadRecord).where(UploadRecord.state == "receiving"))
    old = [row for row in rows if is_expired(row.last_byte_at_ms, now_ms)]
    for row in old:
        _move(row, "expired")
    return [row.id for row in old]


def claim_judging(session: Session, now_ms: int, upload: str, again: bool) -> bool:
    """Whether the worker is to be asked now: not while an earlier request is fresh, unless it is wanted `again`."""
    row = session.get_one(UploadRecord, upload)
    if not may_ask(row.state, row.asked_at_ms, now_ms, again):
        return False
    row.asked_at_ms = now_ms
    return True


def note_verifying(session: Session, now_ms: int, upload: str) -> None:
    """The worker has begun; a repeated job says so again. Raises Busy while files are removed by their term."""
    row = session.get(UploadRecord, upload)
    if is_removing(session):
        raise Busy()
    if row is not None and row.state == "received":
        _move(row, "verifying")


def quarantine_upload(session: Session, now_ms: int, upload: str, reason: str, detail: str, content: str = "") -> None:
    """Kept aside with the reason, seen by a coordinator. `content`: where the sealed file lies."""
    row = session.get_one(UploadRecord, upload)
    if row.state in ("accepted", "replaced"):
        return
    row.content = content or row.content
    if (row.state, row.reason, row.detail) == ("quarantined", reason, detail[:1000]):
        # the worker was cut off before it heard that this had been taken
        return
    if row.state != "quarantined":
        _move(row, "quarantined")
    row.reason, row.detail, row.judged_at_ms = reason, detail[:1000], now_ms
    append_audit(session, now_ms, f"school:{row.school}", "system", "package_quarantined", upload, {"reason": reason})
    post_progress(session, row.school, UNKNOWN, _work(row), Step.PACKAGES, State.ATTENTION, now_ms)


def pardon_upload(session: Session, now_ms: int, upload: str, reason: str, by: str) -> None:
    """A coordinator lets work on withdrawn or moved materials through. Raises NotToRelease."""
    row = session.get_one(UploadRecord, upload)
    check_releasable(row.state, row.reason)
    row.pardon = read_reason(reason)
    append_audit(session, now_ms, f"school:{row.school}", by, "package_released", upload, {"reason": row.pardon})


def accept_package(session: Session, now_ms: int, signing: Ed25519PrivateKey, upload: str,
                   facts: dict[str, Any], keep_days: int) -> bytes:
    """Records a verified package once; returns the signed receipt, the same for every repetition.

    `keep_days`: of the campaign.
    """
    row = session.get_one(UploadRecord, upload)
    if row.state not in ("accepted", "replaced"):
        _move(row, "accepted")
        row.package, row.sitting = facts["package"], facts["manifest"]["sitting"]
        row.reason, row.detail, row.judged_at_ms, row.content = "", "", now_ms, facts["ciphertext_sha256"]
    post_progress(session, row.school, facts["manifest"]["campaign"], _work(row), Step.PACKAGES, State.READY, now_ms)
    known = session.get(PackageRecord, facts["package"])
    if known is not None:
        if known.forgotten_at_ms is not None:
            # sent again after its term had passed: what the worker put into the store goes once more
            condemn_files(session, "", [one["sha256"] for one in facts["manifest"]["entries"] if one["sha256"]]
                          + [row.content])
            row.content = ""
        return known.receipt
    told = describe_receipt(facts, facts["ciphertext_sha256"], now_ms, keep_days)
    receipt = sign_statement(told, PAYLOAD_TYPES["receipt"], signing)
    _supersede_earlier(session, row, facts["manifest"])
    _record_package(session, now_ms, row, facts, receipt)
    append_audit(session, now_ms, f"school:{row.school}", "system", "package_accepted", facts["package"],
                 {"sitting": row.sitting, "attempts": len(facts["attempts"])})
    return receipt


def _record_package(session: Session, now_ms: int, row: UploadRecord, facts: dict[str, Any], receipt: bytes) -> None:
    manifest = facts["manifest"]
    session.add(PackageRecord(
        package=facts["package"], school=row.school, sitting=manifest["sitting"], campaign=manifest["campaign"],
        assessment=manifest["assessment"], archive=manifest["archive"], sequence=manifest["sequence"],
        state="accepted", training=manifest["training"], ciphertext_sha256=facts["ciphertext_sha256"],
        size_bytes=row.length, accepted_at_ms=now_ms, manifest=json.dumps(manifest), receipt=receipt))
    files = {one["sha256"] for one in manifest["entries"] if one["sha256"]} | {facts["ciphertext_sha256"]}
    session.add_all(ReceivedFileRecord(package=facts["package"], sha256=one) for one in sorted(files))
    found = {one["attempt"]: one for one in facts["attempts"]}
    session.add_all(_describe_attempt(facts["package"], one, found[one["id"]]) for one in manifest["attempts"])
    counted = {tuple(one) for one in facts["counted"]}
    session.add_all(_describe_recording(facts["package"], one, counted) for one in manifest["recordings"])


def _describe_attempt(package: str, packed: dict[str, Any], found: dict[str, Any]) -> ReceivedAttemptRecord:
    return ReceivedAttemptRecord(
        package=package, attempt=packed["id"], code=packed["code"], variant=packed["variant"], state=packed["state"],
        seconds_used=packed["seconds_used"], receipt_code=packed["receipt"], heads=json.dumps(packed["heads"]),
        responses=json.dumps(found["responses"], ensure_ascii=False), events_sha256=found["events_sha256"],
        results_sha256=found["results_sha256"])


def _describe_recording(package: str, one: dict[str, Any], counted: set[Any]) -> ReceivedRecordingRecord:
    return ReceivedRecordingRecord(
        package=package, attempt=one["attempt"], lease=one["lease"], number=one["number"], item=one["item"],
        response=one["response"], flac_sha256=one["flac_sha256"], pcm_sha256=one["pcm_sha256"],
        rate_hz=one["rate_hz"], samples=one["samples"], verdict=one["verdict"], state=one["state"],
        counted=(one["attempt"], one["lease"], one["number"]) in counted)


def _supersede_earlier(session: Session, row: UploadRecord, manifest: dict[str, Any]) -> None:
    """The newest package of a sitting holds everything: older ones and refused tries step back."""
    older = session.scalars(select(PackageRecord).where(
        PackageRecord.school == row.school, PackageRecord.sitting == manifest["sitting"],
        PackageRecord.state == "accepted", PackageRecord.sequence < manifest["sequence"]))
    for package in older:
        check_move(THING, package.state, "superseded")
        package.state = "superseded"
    refused = session.scalars(select(UploadRecord).where(
        UploadRecord.school == row.school, UploadRecord.sitting == manifest["sitting"],
        UploadRecord.state == "quarantined", UploadRecord.begun_at_ms <= row.begun_at_ms))
    for upload in refused:
        _move(upload, "replaced")


def _move(row: UploadRecord, wanted: str) -> None:
    check_move(THING, row.state, wanted)
    row.state = wanted


def _work(row: UploadRecord) -> str:
    return row.sitting or row.id


def _digest(text: str) -> str:
    return text if len(text) == DIGEST_LENGTH and all(letter in "0123456789abcdef" for letter in text) else ""
