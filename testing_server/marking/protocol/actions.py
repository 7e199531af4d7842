"""Freezing a protocol: the head's word, one transaction, the hub's signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.states import check_move
from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import State, Step, post_progress
from testing_server.foundation.refusals import NotFound
from testing_server.marking.protocol.queries import UNDONE_STATES, compute_points, find_protocol
from testing_server.marking.protocol.records import ProtocolRecord
from testing_server.marking.protocol.rounds import describe_rounds
from testing_server.marking.protocol.rules import (
    AlreadyFrozen, AttemptPoints, NotAllMarked, NotFrozen, check_reason)
from testing_server.marking.rescoring.queries import find_correction, list_rescores
from testing_server.marking.review.records import (
    AssignmentRecord, MarkingAnswerRecord, MarkingAttemptRecord, MarkingWorkRecord)
from testing_server.marking.review.rules import check_marks
from testing_server.marking.review.thirds import decide_answer

FORMAT = "marking-protocol/1"
Sign = Callable[[dict[str, Any]], bytes]


def freeze_protocol(session: Session, now_ms: int, head: str, archive: str, sign: Sign) -> str:
    """Closes every marking of the work and keeps the signed protocol; returns its SHA-256.

    A work whose key was corrected after the signature gets the next version, which names the one it supersedes.
    Raises NotFound, AlreadyFrozen, NotAllMarked. `sign` makes the envelope of the payload.
    """
    work = session.get(MarkingWorkRecord, archive, with_for_update=True)
    if work is None:
        raise NotFound()
    if work.state == "frozen":
        raise AlreadyFrozen()
    assignments = list(session.scalars(
        select(AssignmentRecord).join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .where(MarkingAnswerRecord.archive == archive, AssignmentRecord.copy == "")))
    if left := sum(row.state in UNDONE_STATES for row in assignments):
        raise NotAllMarked(details={"left": left})
    version, before = _next_version(session, archive)
    payload = {**describe_protocol(work, head, now_ms, compute_points(session, archive)),
               "version": version, "supersedes": before, "corrections": _describe_corrections(session, archive),
               "answers": describe_rounds(session, archive)}
    _close_marking(assignments)
    work.state = "frozen"
    post_progress(session, work.school, work.campaign, work.assessment, Step.MARKING, State.READY, now_ms)
    return _keep_protocol(session, work, version, sign(payload), payload)


def correct_points(session: Session, now_ms: int, head: str, archive: str, code: str, position: int,
                   points: Mapping[str, Any], reason: str) -> None:
    """Another decision about one answer after the signature, as an appeal may bring: the signed protocol stays, the
    next one must be signed. Raises NotFound, NotFrozen, CorrectionReasonMissing, PointsOutOfRange."""
    text = check_reason(reason)
    work = session.get(MarkingWorkRecord, archive, with_for_update=True)
    answer = session.scalar(
        select(MarkingAnswerRecord).join(MarkingAttemptRecord,
                                         MarkingAnswerRecord.attempt == MarkingAttemptRecord.attempt)
        .where(MarkingAnswerRecord.archive == archive, MarkingAttemptRecord.code == code,
               MarkingAnswerRecord.position == position))
    if work is None or answer is None:
        raise NotFound()
    if work.state == "open":
        raise NotFrozen()
    checked = check_marks(work.definition["criteria"][answer.criteria], points)
    decide_answer(session, now_ms, head, answer.id, checked, "correction", text)
    work.state = "corrected"
    append_audit(session, now_ms, f"school:{work.school}", head, "points_corrected", archive,
                 {"code": code, "position": position, "points": checked, "reason": text})


def _next_version(session: Session, archive: str) -> tuple[int, str | None]:
    """Number of the protocol to sign, and the digest of the one it takes the place of."""
    newest = find_protocol(session, archive)
    return (1, None) if newest is None else (newest.version + 1, newest.sha256)


def _close_marking(assignments: list[AssignmentRecord]) -> None:
    for row in assignments:
        if row.state != "closed":
            check_move("marking_assignment", row.state, "closed")
            row.state = "closed"


def _keep_protocol(session: Session, work: MarkingWorkRecord, version: int, envelope: bytes,
                   payload: dict[str, Any]) -> str:
    digest, head, now_ms = sha256_hex(envelope), payload["head"], payload["frozen_at_ms"]
    session.add(ProtocolRecord(archive=work.archive, version=version, envelope=envelope, sha256=digest, head=head,
                               frozen_at_ms=now_ms))
    append_audit(session, now_ms, f"school:{work.school}", head, "protocol_frozen", work.archive,
                 {"sha256": digest, "version": version})
    return digest


def describe_protocol(work: MarkingWorkRecord, head: str, now_ms: int, rows: list[AttemptPoints]) -> dict[str, Any]:
    """The payload that is signed: codes and points, never a name, never a float."""
    return {
        "format": FORMAT, "campaign": work.campaign, "school": work.school, "assessment": work.assessment,
        "archive": work.archive, "rounds": work.rounds, "head": head, "frozen_at_ms": now_ms,
        "rows": [asdict(row) for row in rows],
    }


def _describe_corrections(session: Session, archive: str) -> list[dict[str, Any]]:
    """Keys corrected for this work since it was sealed: who, why, and both scores of every answer they moved."""
    attempts = {row.attempt: row.code for row in session.scalars(
        select(MarkingAttemptRecord).where(MarkingAttemptRecord.archive == archive))}
    found: dict[str, dict[str, Any]] = {}
    for row in list_rescores(session, list(attempts)):
        described = found.setdefault(row.correction, _describe_correction(session, row.correction))
        if row.before_points != row.after_points:
            described["changes"].append({"code": attempts[row.attempt], "position": row.position,
                                         "before": row.before_points, "after": row.after_points})
    return list(found.values())


def _describe_correction(session: Session, correction: str) -> dict[str, Any]:
    one = find_correction(session, correction)
    return {"item": one.item, "sha256": one.sha256, "by": one.by, "reason": one.reason,
            "applied_at_ms": one.applied_at_ms, "changes": []}
