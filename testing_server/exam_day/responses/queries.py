"""Reading events and recordings. Takes a session; gives texts, numbers and dataclasses."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.responses.records import EventRecord, RecordingRecord
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord


@dataclass(frozen=True)
class Recording:
    """A spoken response as the console shows it; verdicts are words of contracts.verdicts, "" = not judged yet."""

    attempt: str
    lease: int
    number: int
    item: str
    response: str
    rate_hz: int
    state: str
    bytes: int
    durable_bytes: int
    samples: int
    pcm_sha256: str
    flac_sha256: str
    verdict: str
    server_verdict: str

    @property
    def seconds(self) -> int:
        return self.samples // self.rate_hz if self.rate_hz else 0


def list_acked(session: Session, attempts: Sequence[str]) -> dict[str, dict[str, int]]:
    """attempt -> {lease as text: highest gap-free number}, of those that are known here.

    One whose lease was granted after the last ledger has none here yet: the seat must learn that the attempt is known
    all the same, or it would never come to a server that took over, and show its lease there.
    """
    known = session.scalars(select(AttemptRecord.id).where(AttemptRecord.id.in_(attempts)))
    found: dict[str, dict[str, int]] = {attempt: {} for attempt in known}
    for lease in session.scalars(select(LeaseRecord).where(LeaseRecord.attempt.in_(attempts))):
        found.setdefault(lease.attempt, {})[str(lease.lease)] = lease.acked
    return found


def list_grants(session: Session, attempt: str) -> dict[str, str]:
    """Lease as text -> its grant's JSON text."""
    return {str(lease): grant for lease, grant in session.execute(
        select(LeaseRecord.lease, LeaseRecord.grant).where(LeaseRecord.attempt == attempt))}


def list_event_lines(session: Session, attempt: str) -> list[str]:
    """Every event of the attempt as it was written, by lease and number."""
    return list(session.scalars(select(EventRecord.line).where(EventRecord.attempt == attempt).order_by(
        EventRecord.lease, EventRecord.number)))


def list_recordings(session: Session, attempts: Sequence[str]) -> list[Recording]:
    """Recordings of the attempts, in the order they were begun."""
    rows = session.scalars(select(RecordingRecord).where(RecordingRecord.attempt.in_(attempts)).order_by(
        RecordingRecord.attempt, RecordingRecord.lease, RecordingRecord.number))
    return [read_recording(row) for row in rows]


def read_recording(row: RecordingRecord) -> Recording:
    """The record as a dataclass."""
    return Recording(row.attempt, row.lease, row.number, row.item, row.response, row.rate_hz, row.state, row.bytes,
                     row.durable_bytes, row.samples, row.pcm_sha256, row.flac_sha256, row.verdict,
                     row.server_verdict)
