"""Finding the work that a receipt code stands for at the hub: by the code in the signed manifest, proven again from
the events it kept. Takes a session and the file store; gives a `Proof` or None."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.events import read_event
from testing_server.contracts.fold import fold
from testing_server.exam_day.appeals.queries import Proof, ProvenSound, list_answered, list_given, prove_file
from testing_server.exam_day.appeals.rules import list_codes, outline_events
from testing_server.exam_day.reception.records import PackageRecord, ReceivedAttemptRecord, ReceivedRecordingRecord
from testing_server.foundation.files import FileStore

DIFFERS = "receipt"


def find_received(session: Session, files: FileStore, code: str, schools: set[str] | None = None) -> Proof | None:
    """The newest accepted work whose receipt this is, of these schools. `broken` is "receipt" when its events do not
    make the code."""
    found = session.execute(
        select(ReceivedAttemptRecord, PackageRecord).join(
            PackageRecord, PackageRecord.package == ReceivedAttemptRecord.package)
        .where(ReceivedAttemptRecord.receipt_code == code).order_by(PackageRecord.accepted_at_ms.desc())).first()
    if found is None or schools is not None and found[1].school not in schools:
        return None
    row, package = found
    lines = _read_lines(files, row.events_sha256)
    covered = list_codes(outline_events(lines)).get(code)
    events = [read_event(line.encode()) for line in lines]
    state = fold(events)
    given = [prove_file(one, files.has(one.sha256)) for one in list_given(state)]
    return Proof(row.attempt, row.code, row.variant, package.sitting, row.state, state.finished_at_ms,
                 list_answered(state), _list_sounds(session, files, row), len(events), 0,
                 "" if covered is not None else DIFFERS, package.school, given)


def _read_lines(files: FileStore, sha256: str) -> list[str]:
    if not sha256 or not files.has(sha256):
        return []
    with files.open(sha256) as source:
        return source.read().decode().splitlines()


def _list_sounds(session: Session, files: FileStore, row: ReceivedAttemptRecord) -> list[ProvenSound]:
    rows = session.scalars(select(ReceivedRecordingRecord).where(
        ReceivedRecordingRecord.package == row.package, ReceivedRecordingRecord.attempt == row.attempt))
    return [ProvenSound(one.item, one.samples // one.rate_hz if one.rate_hz else 0, one.verdict, one.pcm_sha256,
                        files.has(one.flac_sha256)) for one in rows]
