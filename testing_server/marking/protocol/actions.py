"""Freezing a protocol: the head's word, one transaction, the hub's signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.states import check_move
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.marking.protocol.queries import UNDONE_STATES, compute_points
from testing_server.marking.protocol.records import ProtocolRecord
from testing_server.marking.protocol.rules import AlreadyFrozen, AttemptPoints, NotAllMarked
from testing_server.marking.review.records import AssignmentRecord, MarkingAnswerRecord, MarkingWorkRecord

FORMAT = "marking-protocol/1"
Sign = Callable[[dict[str, Any]], bytes]


def freeze_protocol(session: Session, now_ms: int, head: str, archive: str, sign: Sign) -> str:
    """Closes every marking of the work and keeps the signed protocol; returns its SHA-256.

    Raises NotFound, AlreadyFrozen, NotAllMarked. `sign` makes the envelope of the payload.
    """
    work = session.get(MarkingWorkRecord, archive, with_for_update=True)
    if work is None:
        raise NotFound()
    if work.state != "open":
        raise AlreadyFrozen()
    assignments = list(session.scalars(
        select(AssignmentRecord).join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .where(MarkingAnswerRecord.archive == archive)))
    if left := sum(row.state in UNDONE_STATES for row in assignments):
        raise NotAllMarked(details={"left": left})
    envelope = sign(describe_protocol(work, head, now_ms, compute_points(session, archive)))
    for row in assignments:
        check_move("marking_assignment", row.state, "closed")
        row.state = "closed"
    work.state = "frozen"
    digest = sha256_hex(envelope)
    session.add(ProtocolRecord(archive=archive, envelope=envelope, sha256=digest, head=head, frozen_at_ms=now_ms))
    append_audit(session, now_ms, f"school:{work.school}", head, "protocol_frozen", archive, {"sha256": digest})
    return digest


def describe_protocol(work: MarkingWorkRecord, head: str, now_ms: int, rows: list[AttemptPoints]) -> dict[str, Any]:
    """The payload that is signed: codes and points, never a name, never a float."""
    return {
        "format": FORMAT, "campaign": work.campaign, "school": work.school, "assessment": work.assessment,
        "archive": work.archive, "rounds": work.rounds, "head": head, "frozen_at_ms": now_ms,
        "rows": [asdict(row) for row in rows],
    }
