"""From bytes that arrive to a whole, judged, losslessly kept recording.

Takes what parts.sqlite says (read only) and what the worker found. Moves recordings through their states.
"""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.exam_day.responses.jobs import keep_recording
from testing_server.exam_day.responses.parts import RecordingName, Received, read_parts, read_ranges, sum_ranges
from testing_server.exam_day.responses.records import RecordingRecord
from testing_server.exam_day.sittings.actions import chain_of, find_attempt, find_sitting
from testing_server.exam_day.sittings.rules import read_reason
from testing_server.foundation.audit import append_audit
from testing_server.foundation.jobs import Jobs
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.storage import Storage

# A job that was lost with its worker is asked for again after this.
ASK_AGAIN_MS = 30_000
UNSETTLED = ("recording", "committed", "partial")


def sweep_recordings(storage: Storage, jobs: Jobs, data: Path, now_ms: int) -> int:
    """Note how much sound is durable; hand recordings that are complete to the worker. Returns how many changed."""
    with storage.read() as session:
        waiting = list(session.scalars(select(RecordingRecord).where(RecordingRecord.state.in_(UNSETTLED))))
    if not waiting:
        return 0
    received = read_received(data, [name_of(recording) for recording in waiting])
    due = [recording for recording in waiting if _is_due(recording, received, now_ms)]
    changed = [recording for recording in waiting
               if received[name_of(recording)].durable_bytes != recording.durable_bytes or recording in due]
    if not changed:
        return 0
    storage.write(lambda session: _note_received(session, now_ms, changed, received, due))
    for recording in due:
        jobs.enqueue(keep_recording, attempt=recording.attempt, lease=recording.lease, number=recording.number,
                     rate_hz=recording.rate_hz, sha256=recording.pcm_sha256, length=recording.bytes)
    return len(changed)


def name_of(recording: RecordingRecord) -> RecordingName:
    """The recording as parts are named."""
    return RecordingName(recording.attempt, recording.lease, recording.number)


def read_received(data: Path, names: list[RecordingName]) -> dict[RecordingName, Received]:
    """What parts.sqlite holds of each."""
    with read_parts(data) as database:
        if database is None:
            return {name: Received(0, []) for name in names}
        return {name: sum_ranges(read_ranges(database, name)) for name in names}


def _is_due(recording: RecordingRecord, received: Mapping[RecordingName, Received], now_ms: int) -> bool:
    complete = received[name_of(recording)].durable_bytes >= recording.bytes
    return (recording.state in ("committed", "partial") and bool(recording.rate_hz) and complete
            and now_ms - recording.asked_at_ms >= ASK_AGAIN_MS)


def _note_received(session: Session, now_ms: int, changed: list[RecordingRecord],
                   received: Mapping[RecordingName, Received], due: list[RecordingRecord]) -> None:
    for old in changed:
        recording = session.get_one(RecordingRecord, (old.attempt, old.lease, old.number))
        recording.durable_bytes = received[name_of(old)].durable_bytes
        if old in due:
            recording.asked_at_ms = now_ms


def note_kept(session: Session, now_ms: int, name: RecordingName, found: Mapping[str, Any]) -> str:
    """What the worker found; returns the sitting. A whole recording becomes whole, then encoded."""
    recording = find_recording(session, name)
    sitting = find_sitting(session, find_attempt(session, name.attempt).sitting)
    sitting.version += 1
    if found["outcome"] == "partial":
        # written off: the digest is now that of the part which is here
        recording.pcm_sha256, recording.bytes = found["sha256"], found["bytes"]
        recording.samples, recording.flac_sha256 = found["bytes"] // 2, found["flac_sha256"]
        recording.server_verdict = found["verdict"]
        return sitting.id
    if found["outcome"] != "kept":
        append_audit(session, now_ms, chain_of(sitting.id), "worker", "recording_differs", name.attempt, {
            "lease": name.lease, "number": name.number, "found": str(found.get("sha256", ""))})
        if recording.state == "committed":
            check_move("recording", recording.state, "partial")
            recording.state = "partial"
        return sitting.id
    recording.server_verdict = found["verdict"]
    recording.flac_sha256 = found["flac_sha256"]
    for state in ("whole", "encoded"):
        if recording.state != "encoded":
            check_move("recording", recording.state, state)
            recording.state = state
    return sitting.id


def write_off(session: Session, now_ms: int, name: RecordingName, reason: str, by: str) -> str:
    """An organizer gives up waiting for the rest of a recording; returns the sitting. Raises MoveRefused."""
    recording = find_recording(session, name)
    text = read_reason(reason)
    sitting = find_sitting(session, find_attempt(session, name.attempt).sitting)
    if recording.state in ("recording", "committed"):
        check_move("recording", recording.state, "partial")
        recording.state = "partial"
    check_move("recording", recording.state, "written_off")
    recording.state, recording.reason = "written_off", text
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, "recording_written_off", name.attempt,
                 {"lease": name.lease, "number": name.number, "reason": text})
    return sitting.id


def find_recording(session: Session, name: RecordingName) -> RecordingRecord:
    """Raises NotFound."""
    recording = session.get(RecordingRecord, (name.attempt, name.lease, name.number))
    if recording is None:
        raise NotFound()
    return recording
