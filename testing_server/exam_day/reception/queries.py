"""Reading what was received. Takes a session; gives dataclasses. `accepted_attempts` is what marking works on."""
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.reception.records import (
    PackageRecord, ReceivedAttemptRecord, ReceivedRecordingRecord, UploadRecord)
from testing_server.preparation.registry.queries import select_places

UNJUDGED = ("receiving", "received", "verifying", "quarantined")
Value = str | list[str] | None


@dataclass(frozen=True)
class AcceptedRecording:
    """One recording of a spoken response. `flac_sha256`: in the file store; `counted`: False after a move."""

    lease: int
    number: int
    item: str
    response: str
    flac_sha256: str
    pcm_sha256: str
    rate_hz: int
    samples: int
    verdict: str
    state: str
    counted: bool

    @property
    def seconds(self) -> int:
        """Whole seconds of sound."""
        return self.samples // self.rate_hz if self.rate_hz else 0


@dataclass(frozen=True)
class AcceptedAttempt:
    """One candidate's work as the newest accepted package has it.

    `responses`: "item/response" -> value (None = cleared), item and response as the variant names them;
    `archive`: SHA-256 of the materials archive; `state`: finished, absent, spoiled …; `events_sha256`: JSON lines.
    """

    attempt: str
    package: str
    school: str
    campaign: str
    assessment: str
    archive: str
    sitting: str
    code: str
    variant: str
    state: str
    training: bool
    seconds_used: int
    receipt_code: str
    accepted_at_ms: int
    responses: dict[str, Value]
    recordings: tuple[AcceptedRecording, ...]
    events_sha256: str
    results_sha256: str


@dataclass(frozen=True)
class Upload:
    """An upload and what became of it; `state`: a word of contracts.states.PACKAGE.

    `reason`: of quarantine; `pardon`: why a coordinator lets it through all the same, "" when nobody does;
    `content`: SHA-256 of the sealed file once it lies in the file store.
    """

    id: str
    school: str
    length: int
    state: str
    package: str
    sitting: str
    claimed_sha256: str
    reason: str
    detail: str
    by: str
    begun_at_ms: int
    last_byte_at_ms: int
    judged_at_ms: int | None
    pardon: str
    content: str


@dataclass(frozen=True)
class Package:
    """An accepted package."""

    package: str
    school: str
    sitting: str
    campaign: str
    assessment: str
    archive: str
    sequence: int
    state: str
    training: bool
    size_bytes: int
    accepted_at_ms: int
    manifest: dict[str, Any]
    receipt: bytes


def accepted_attempts(session: Session, *, campaign: str | None = None, assessment: str | None = None,
                      school: str | None = None) -> list[AcceptedAttempt]:
    """Attempts of accepted packages, each once: as its newest package has it. Ordered by school and code."""
    query = select(PackageRecord).where(PackageRecord.state == "accepted").order_by(PackageRecord.sequence)
    if campaign is not None:
        query = query.where(PackageRecord.campaign == campaign)
    if assessment is not None:
        query = query.where(PackageRecord.assessment == assessment)
    if school is not None:
        query = query.where(PackageRecord.school == school)
    newest: dict[str, AcceptedAttempt] = {}
    for package in session.scalars(query):
        newest.update({one.attempt: one for one in _read_attempts(session, package)})
    return sorted(newest.values(), key=lambda one: (one.school, one.code, one.attempt))


def find_attempt(session: Session, attempt: str) -> AcceptedAttempt | None:
    """One accepted attempt, or None."""
    rows = session.scalars(
        select(PackageRecord).join(ReceivedAttemptRecord, ReceivedAttemptRecord.package == PackageRecord.package)
        .where(ReceivedAttemptRecord.attempt == attempt, PackageRecord.state == "accepted")
        .order_by(PackageRecord.sequence.desc()))
    package = rows.first()
    if package is None:
        return None
    return next(one for one in _read_attempts(session, package) if one.attempt == attempt)


def list_uploads(session: Session, school: str | None = None, state: str | None = None) -> list[Upload]:
    """Uploads, newest first; of one school or in one state where named."""
    query = select(UploadRecord).order_by(UploadRecord.begun_at_ms.desc(), UploadRecord.id)
    if school is not None:
        query = query.where(UploadRecord.school == school)
    if state is not None:
        query = query.where(UploadRecord.state == state)
    return [describe_upload(row) for row in session.scalars(query)]


def list_territory_uploads(session: Session, territory: str | None, limit: int) -> list[Upload]:
    """Of the open schools of a territory: those kept aside first, then the newest."""
    places = select_places(territory).subquery()
    query = (select(UploadRecord).join(places, places.c.id == UploadRecord.school)
             .order_by(UploadRecord.state != "quarantined", UploadRecord.begun_at_ms.desc(), UploadRecord.id)
             .limit(limit))
    return [describe_upload(row) for row in session.scalars(query)]


def list_unjudged(session: Session, school: str) -> list[Upload]:
    """What a school sent or is sending and nobody accepted."""
    query = select(UploadRecord).where(UploadRecord.school == school, UploadRecord.state.in_(UNJUDGED))
    return [describe_upload(row) for row in session.scalars(query)]


def list_waiting(session: Session, accepted: str) -> list[str]:
    """Uploads kept aside because a package was missing that came only now, by the same school."""
    row = session.get_one(UploadRecord, accepted)
    return list(session.scalars(select(UploadRecord.id).where(
        UploadRecord.school == row.school, UploadRecord.state == "quarantined",
        UploadRecord.reason == "missing_previous")))


def find_upload(session: Session, named: str, school: str | None = None) -> Upload | None:
    """By upload id or by package id (then the newest upload of it); of that school where one is named."""
    query = (select(UploadRecord).where((UploadRecord.id == named) | (UploadRecord.package == named))
             .order_by(UploadRecord.begun_at_ms.desc()))
    if school is not None:
        query = query.where(UploadRecord.school == school)
    row = session.scalars(query).first()
    return describe_upload(row) if row else None


def find_package(session: Session, package: str, school: str | None = None) -> Package | None:
    """An accepted package by id, or None."""
    row = session.get(PackageRecord, package)
    return _describe_package(row) if row is not None and school in (None, row.school) else None


def list_packages(session: Session, school: str | None = None) -> list[Package]:
    """Accepted packages, newest first."""
    query = select(PackageRecord).order_by(PackageRecord.accepted_at_ms.desc(), PackageRecord.package)
    if school is not None:
        query = query.where(PackageRecord.school == school)
    return [_describe_package(row) for row in session.scalars(query)]


def read_heads(session: Session, school: str) -> dict[str, dict[str, list[Any]]]:
    """attempt -> {lease -> [number, digest]} of what was accepted from a school."""
    rows = session.execute(
        select(ReceivedAttemptRecord.attempt, ReceivedAttemptRecord.heads)
        .join(PackageRecord, PackageRecord.package == ReceivedAttemptRecord.package)
        .where(PackageRecord.school == school, PackageRecord.state == "accepted").order_by(PackageRecord.sequence))
    return {attempt: {str(head["lease"]): [head["number"], head["digest"]] for head in json.loads(heads)}
            for attempt, heads in rows}


def describe_upload(row: UploadRecord) -> Upload:
    """The row as a dataclass."""
    return Upload(row.id, row.school, row.length, row.state, row.package, row.sitting, row.claimed_sha256, row.reason,
                  row.detail, row.by, row.begun_at_ms, row.last_byte_at_ms, row.judged_at_ms, row.pardon, row.content)


def _describe_package(row: PackageRecord) -> Package:
    return Package(row.package, row.school, row.sitting, row.campaign, row.assessment, row.archive, row.sequence,
                   row.state, row.training, row.size_bytes, row.accepted_at_ms, json.loads(row.manifest), row.receipt)


def _read_attempts(session: Session, package: PackageRecord) -> list[AcceptedAttempt]:
    recordings: dict[str, list[AcceptedRecording]] = {}
    found = (select(ReceivedRecordingRecord).where(ReceivedRecordingRecord.package == package.package)
             .order_by(ReceivedRecordingRecord.lease, ReceivedRecordingRecord.number))
    for row in session.scalars(found):
        recordings.setdefault(row.attempt, []).append(_describe_recording(row))
    attempts = select(ReceivedAttemptRecord).where(ReceivedAttemptRecord.package == package.package)
    return [_describe_attempt(package, row, recordings.get(row.attempt, [])) for row in session.scalars(attempts)]


def _describe_attempt(package: PackageRecord, row: ReceivedAttemptRecord,
                      recordings: list[AcceptedRecording]) -> AcceptedAttempt:
    return AcceptedAttempt(
        attempt=row.attempt, package=package.package, school=package.school, campaign=package.campaign,
        assessment=package.assessment, archive=package.archive, sitting=package.sitting, code=row.code,
        variant=row.variant, state=row.state, training=package.training, seconds_used=row.seconds_used,
        receipt_code=row.receipt_code, accepted_at_ms=package.accepted_at_ms, responses=json.loads(row.responses),
        recordings=tuple(recordings), events_sha256=row.events_sha256, results_sha256=row.results_sha256)


def _describe_recording(row: ReceivedRecordingRecord) -> AcceptedRecording:
    return AcceptedRecording(row.lease, row.number, row.item, row.response, row.flac_sha256, row.pcm_sha256,
                             row.rate_hz, row.samples, row.verdict, row.state, row.counted)
