"""What stands in a response package. Takes a session and a sitting; writes files and the manifest into a folder.

Plain form of protocol.md §5: names sorted and times zero come later, with the tar.
"""
from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import EventKind
from testing_server.contracts.fold import FOLD_VERSION, AttemptState
from testing_server.contracts.packages import (
    FORMAT, LEASES, LEDGER, MANIFEST, SIGNATURE, Balance, Entry, Head, Manifest, PackedAttempt, PackedFile,
    PackedRecording,
    package_id_of, write_manifest)
from testing_server.contracts.receipt_code import make_receipt_code
from testing_server.contracts.statements import sign_bytes
from testing_server.contracts.verdicts import choose_verdict
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.packages.results import write_results
from testing_server.exam_day.packages.rules import count_seconds_used, describe_sound, pick_gaps
from testing_server.exam_day.recovery.queries import list_older_claims
from testing_server.exam_day.responses.answer_files import WHOLE, list_answer_files
from testing_server.exam_day.responses.pieces import answer_file_path
from testing_server.exam_day.responses.queries import Recording, list_event_lines, list_recordings
from testing_server.exam_day.responses.records import AnswerFileRecord, EventConflictRecord, EventRecord
from testing_server.exam_day.sittings.actions import chain_of, list_attempts
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.foundation.audit import read_audit
from testing_server.foundation.audit.rules import describe_line
from testing_server.foundation.files.store import digest_file
from testing_server.preparation.school_key import SchoolKey

PLAN = "plan.json"


@dataclass(frozen=True)
class Packing:
    """What a package is besides the sitting's own facts."""

    school: str
    instance: str
    sequence: int
    previous: str | None
    reason: str
    made_at_ms: int
    balance: Balance


@dataclass(frozen=True)
class Staged:
    """A package that is written and signed but not yet sealed. `folder` holds its files and plan.json."""

    package: str
    manifest: bytes
    folder: Path


def stage_package(session: Session, data: Path, sitting: SittingRecord, states: dict[str, AttemptState],
                  packing: Packing, key: SchoolKey) -> Staged:
    """Write everything but sound and answers' files, which are listed in plan.json with where they lie."""
    draft = data / "packages" / f"draft-{sitting.id}-{packing.sequence}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    attempts = list_attempts(session, sitting.id)
    recordings = list_recordings(session, [attempt.id for attempt in attempts])
    for attempt in attempts:
        _write_attempt(session, data, draft, sitting, attempt, states[attempt.id])
    _write_room_files(session, draft, sitting, [attempt.id for attempt in attempts])
    files = list_answer_files(session, [attempt.id for attempt in attempts])
    carried = _plan_sound(data, recordings) | _plan_files(data, files)
    manifest = write_manifest(Manifest(
        format=FORMAT, school=packing.school, sitting=sitting.id, assessment=sitting.assessment,
        campaign=sitting.campaign, archive=sitting.archive, generation=sitting.generation,
        instance=packing.instance, fold_version=FOLD_VERSION, software=f"testing-server {version('testing-server')}",
        made_at_ms=packing.made_at_ms, sequence=packing.sequence, previous=packing.previous, kind="full",
        reason=packing.reason, training=sitting.training,
        attempts=[_pack_attempt(session, attempt, states[attempt.id]) for attempt in attempts],
        recordings=[_pack_recording(session, one) for one in recordings],
        entries=_list_entries(draft, carried), balance=packing.balance, files=[_pack_file(one) for one in files]))
    (draft / MANIFEST).write_bytes(manifest)
    (draft / SIGNATURE).write_bytes(sign_bytes(manifest, PAYLOAD_TYPES["manifest"], key.signing))
    (draft / PLAN).write_bytes(msgspec.json.encode({name: str(path) for name, path in carried.items()}))
    return Staged(package_id_of(manifest), manifest, draft)


def _write_attempt(session: Session, data: Path, draft: Path, sitting: SittingRecord, attempt: AttemptRecord,
                   state: AttemptState) -> None:
    _write_lines(draft / "events" / f"{attempt.id}.jsonl", list_event_lines(session, attempt.id))
    variant: dict[str, Any] = msgspec.json.decode(
        (opened_folder(data, sitting.archive) / "variants" / f"{attempt.variant}.json").read_bytes())
    path = draft / "results" / f"{attempt.id}.xml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(write_results(attempt.code, sitting.assessment, variant["items"], state))


def _write_room_files(session: Session, draft: Path, sitting: SittingRecord, attempts: list[str]) -> None:
    leases = session.scalars(select(LeaseRecord).where(LeaseRecord.attempt.in_(attempts)).order_by(
        LeaseRecord.attempt, LeaseRecord.lease))
    _write_lines(draft / LEASES, [msgspec.json.encode({
        "attempt": one.attempt, "lease": one.lease, "state": one.state, "grant": one.grant}).decode()
        for one in leases])
    chain = chain_of(sitting.id)
    _write_lines(draft / LEDGER, [msgspec.json.encode({"line": describe_line(
        chain, one.number, one.at_ms, one.actor, one.verb, one.subject, one.details), "digest": one.digest}).decode()
        for one in read_audit(session, chain)])
    if sitting.claim:
        (draft / "claims").mkdir()
        for generation, claim in {**list_older_claims(session, sitting.id), sitting.generation: sitting.claim}.items():
            (draft / "claims" / f"{generation}.json").write_text(claim)
    _write_conflicts(session, draft, attempts)


def _write_conflicts(session: Session, draft: Path, attempts: list[str]) -> None:
    lines = list(session.scalars(select(EventConflictRecord.line).where(
        EventConflictRecord.attempt.in_(attempts)).order_by(EventConflictRecord.row)))
    if not lines:
        return
    content = "".join(f"{line}\n" for line in lines).encode()
    (draft / "files").mkdir()
    (draft / "files" / sha256_hex(content)).write_bytes(content)


def _write_lines(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def _plan_sound(data: Path, recordings: list[Recording]) -> dict[str, Path]:
    """Name in the tar -> where the FLAC lies; one file for recordings with the same sound."""
    return {f"recordings/{one.flac_sha256}.flac": data / "encoded" / f"{one.pcm_sha256}.flac"
            for one in recordings if one.flac_sha256}


def _plan_files(data: Path, files: list[AnswerFileRecord]) -> dict[str, Path]:
    """Name in the tar -> where the answer's file lies; the same file of two candidates stands once."""
    return {f"files/{one.sha256}": answer_file_path(data, one.attempt, one.sha256)
            for one in files if one.state == WHOLE}


def _list_entries(draft: Path, carried: dict[str, Path]) -> list[Entry]:
    files = {path.relative_to(draft).as_posix(): path for path in draft.rglob("*") if path.is_file()} | carried
    return [Entry(path=name, bytes=path.stat().st_size, sha256=digest_file(path))
            for name, path in sorted(files.items())]


def _pack_attempt(session: Session, attempt: AttemptRecord, state: AttemptState) -> PackedAttempt:
    heads = _find_heads(session, attempt.id)
    # the digests the seat vouched for, also of sound that was written off here: its screen showed this very code
    code = make_receipt_code({head.lease: (head.number, head.digest) for head in heads},
                             [one.sha256 for one in state.recordings])
    return PackedAttempt(id=attempt.id, code=attempt.code, variant=attempt.variant, state=attempt.state, heads=heads,
                         seconds_used=count_seconds_used(state), receipt=code)


def _find_heads(session: Session, attempt: str) -> list[Head]:
    rows = session.execute(select(EventRecord.lease, EventRecord.number, EventRecord.digest).where(
        EventRecord.attempt == attempt).order_by(EventRecord.lease, EventRecord.number))
    heads = {lease: Head(lease=lease, number=number, digest=digest) for lease, number, digest in rows}
    return list(heads.values())


def _pack_file(one: AnswerFileRecord) -> PackedFile:
    return PackedFile(attempt=one.attempt, item=one.item, response=one.response, sha256=one.sha256, bytes=one.bytes,
                      type=one.type, name=one.name, state=one.state)


def _pack_recording(session: Session, one: Recording) -> PackedRecording:
    lines = session.scalars(select(EventRecord.line).where(
        EventRecord.attempt == one.attempt, EventRecord.kind == EventKind.RECORDING_GAP))
    gaps = pick_gaps((msgspec.json.decode(line)["body"] for line in lines), one.lease, one.number)
    return PackedRecording(
        attempt=one.attempt, lease=one.lease, number=one.number, item=one.item, response=one.response,
        rate_hz=one.rate_hz, pcm_sha256=one.pcm_sha256, flac_sha256=one.flac_sha256, bytes=one.bytes,
        samples=one.samples, gaps=gaps, state=describe_sound(one.state),
        verdict=choose_verdict(one.server_verdict, one.verdict))
