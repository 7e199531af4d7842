"""Finding the work that a receipt code stands for on a classroom server. Takes a session; gives a `Proof` or None."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.events import Event, EventKind, read_event
from testing_server.contracts.file_answers import read_reference
from testing_server.contracts.fold import AttemptState, FoldedFile, fold
from testing_server.contracts.receipt_code import read_receipt_code
from testing_server.contracts.refusals import NumberWrong
from testing_server.exam_day.appeals.rules import (
    Heads, Mark, Outline, ReceiptMistyped, find_break, list_codes)
from testing_server.exam_day.responses.parts import RecordingName, recording_path
from testing_server.exam_day.responses.pieces import answer_file_path
from testing_server.exam_day.responses.queries import list_event_lines, list_grants
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.foundation.files.store import digest_file


@dataclass(frozen=True)
class ProvenSound:
    """A recording the code covers. `is_here`: its very bytes lie on this server; None where that is not known."""

    item: str
    seconds: int
    verdict: str
    sha256: str
    is_here: bool | None


@dataclass(frozen=True)
class ProvenFile:
    """A file that stands as an answer (upload, drawing): its digest is in an event the code covers."""

    item: str
    sha256: str
    bytes: int
    type: str
    name: str
    is_here: bool


@dataclass(frozen=True)
class Proof:
    """What a code stands for. `answered`: item -> when it was last answered (Unix ms), None for a cleared answer;
    `events`: covered ones; `later`: those that came after; `broken`: which event does not fit, "" when all do;
    `school`: told at the hub."""

    attempt: str
    candidate: str
    variant: str
    sitting: str
    state: str
    finished_at_ms: int | None
    answered: dict[str, int | None]
    sounds: list[ProvenSound]
    events: int
    later: int
    broken: str
    school: str = ""
    files: list[ProvenFile] = field(default_factory=list)


def read_typed(typed: str) -> str:
    """The code as it is compared. Raises ReceiptMistyped."""
    try:
        return read_receipt_code(typed)
    except NumberWrong as error:
        raise ReceiptMistyped(error.group) from error


def find_proof(session: Session, data: Path, code: str) -> Proof | None:
    """The work of this server that the code (20 characters) was shown for."""
    for attempt in session.scalars(select(AttemptRecord)):
        covered = list_codes(_outline(session, attempt.id)).get(code)
        if covered is not None:
            return _prove(session, data, attempt, covered)
    return None


def _outline(session: Session, attempt: str) -> Outline:
    outline = Outline()
    heads = session.execute(select(LeaseRecord.lease, LeaseRecord.head_number, LeaseRecord.head_digest).where(
        LeaseRecord.attempt == attempt, LeaseRecord.head_number > 0))
    outline.heads = {lease: (number, digest) for lease, number, digest in heads}
    telling = session.execute(select(EventRecord).where(EventRecord.attempt == attempt, EventRecord.kind.in_(
        (EventKind.ATTEMPT_FINISHED, EventKind.RECORDING_COMMITTED))))
    for row, in telling:
        mark = Mark(row.lease, row.number, row.digest)
        if row.kind == EventKind.ATTEMPT_FINISHED:
            outline.ends.append(mark)
        else:
            outline.sounds.append((mark, read_event(row.line.encode()).body["sha256"]))
    outline.known = {end.lease: _read_base(session, attempt, end.lease) for end in outline.ends}
    return outline


def _read_base(session: Session, attempt: str, lease: int) -> Heads:
    granted = session.get(LeaseRecord, (attempt, lease))
    base = msgspec.json.decode(granted.grant).get("base", {}) if granted else {}
    found: Heads = {}
    for older, number in base.items():
        digest = session.scalar(select(EventRecord.digest).where(
            EventRecord.attempt == attempt, EventRecord.lease == int(older), EventRecord.number == number))
        if digest:
            found[int(older)] = (number, digest)
    return found


def _prove(session: Session, data: Path, attempt: AttemptRecord, covered: Mapping[int, int]) -> Proof:
    lines, sitting = list_event_lines(session, attempt.id), session.get_one(SittingRecord, attempt.sitting)
    grants = {int(lease): text for lease, text in list_grants(session, attempt.id).items()}
    events = [event for line in lines if _is_covered(event := read_event(line.encode()), covered)]
    state = fold(events, window=(sitting.opens_at_ms, sitting.closes_at_ms))
    folder = data / "recordings"

    def is_here(lease: int, number: int, sha256: str) -> bool:
        return lies_whole(recording_path(folder, RecordingName(attempt.id, lease, number)), sha256)
    sounds = [ProvenSound(one.item, one.seconds, one.verdict, one.sha256, is_here(one.lease, one.number, one.sha256))
              for one in state.recordings if one.committed]
    files = [prove_file(one, lies_whole(answer_file_path(data, attempt.id, one.sha256), one.sha256))
             for one in list_given(state)]
    return Proof(attempt.id, attempt.code, attempt.variant, sitting.id, attempt.state, state.finished_at_ms,
                 list_answered(state), sounds, len(events), len(lines) - len(events),
                 find_break(lines, grants, covered), files=files)


def lies_whole(path: Path, sha256: str) -> bool:
    """Whether the very bytes lie there."""
    return path.exists() and digest_file(path) == sha256


def list_given(state: AttemptState) -> list[FoldedFile]:
    """Files that stand as answers at the end; one that another took the place of is none."""
    values = [one.value for one in state.responses.values() if isinstance(one.value, str)]
    standing = {found.sha256 for found in map(read_reference, values) if found is not None}
    return [one for sha256, one in sorted(state.files.items()) if sha256 in standing]


def prove_file(given: FoldedFile, is_here: bool) -> ProvenFile:
    """What a proof says of it."""
    return ProvenFile(given.item, given.sha256, given.bytes, given.type, given.name, is_here)


def list_answered(state: AttemptState) -> dict[str, int | None]:
    """Item -> when it was last answered; None where the last thing done was to clear it."""
    found: dict[str, int | None] = {}
    for key, response in state.responses.items():
        item, known = key.partition("/")[0], response.value not in (None, "", [])
        found[item] = max(found.get(item) or 0, response.at_ms) if known else found.get(item)
    return found


def _is_covered(event: Event, covered: Mapping[int, int]) -> bool:
    return event.number <= covered.get(event.lease, 0)
