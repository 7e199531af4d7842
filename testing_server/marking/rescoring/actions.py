"""Drafting, applying and dropping a correction of a key. Each one transaction and one audit line."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import sha256_hex
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.marking.rescoring.queries import limit_to_region, list_scored_answers
from testing_server.marking.rescoring.records import CorrectionRecord, RescoreRecord
from testing_server.marking.rescoring.rules import AlreadyDecided, AnswersArrived, Rescored, check_reason
from testing_server.marking.review.records import MachineScoreRecord, MarkingWorkRecord


def draft_correction(session: Session, now_ms: int, by: str, assessment: str, item: str, xml: bytes,
                     reason: str, region: str) -> str:
    """Keeps a corrected item beside the sealed one; no points change yet. Returns its id. Raises ReasonMissing.

    `region`: whose answers it will score again, empty for those of every region.
    """
    row = CorrectionRecord(
        id=str(uuid.uuid4()), assessment=assessment, item=item, region=region, xml=xml, sha256=sha256_hex(xml),
        reason=check_reason(reason), by=by, drafted_at_ms=now_ms, state="drafted", applied_at_ms=None)
    session.add(row)
    append_audit(session, now_ms, "hub", by, "key_correction_drafted", item,
                 {"assessment": assessment, "region": region, "sha256": row.sha256, "reason": row.reason})
    return row.id


def drop_correction(session: Session, now_ms: int, by: str, correction: str) -> None:
    """Lays a draft aside. Raises NotFound, AlreadyDecided."""
    row = _find_draft(session, correction)
    row.state = "dropped"
    append_audit(session, now_ms, "hub", by, "key_correction_dropped", row.item, {"correction": correction})


def apply_correction(session: Session, now_ms: int, by: str, correction: str, rescored: list[Rescored]) -> int:
    """Gives every answer its new points and keeps the old beside them; returns how many points changed.

    `rescored` was computed before this transaction: answers that arrived since, or points that another correction
    changed since, refuse it. Signed works whose points change wait for a new signature.
    Raises NotFound, AlreadyDecided, AnswersArrived.
    """
    row = _find_draft(session, correction)
    answers = list_scored_answers(session, row.assessment, row.item, limit_to_region(row.region))
    if answers != [one.answer for one in rescored]:
        raise AnswersArrived()
    for one in rescored:
        _keep_both(session, correction, one)
    changed = [one for one in rescored if one.changes]
    _reopen_signed(session, {one.answer.archive for one in changed})
    row.state, row.applied_at_ms, row.answers, row.changed = "applied", now_ms, len(rescored), len(changed)
    _note_in_schools(session, now_ms, by, row, {one.answer.archive for one in rescored})
    return len(changed)


def _find_draft(session: Session, correction: str) -> CorrectionRecord:
    row = session.get(CorrectionRecord, correction, with_for_update=True)
    if row is None:
        raise NotFound()
    if row.state != "drafted":
        raise AlreadyDecided()
    return row


def _keep_both(session: Session, correction: str, one: Rescored) -> None:
    session.add(RescoreRecord(
        correction=correction, attempt=one.answer.attempt, position=one.answer.position,
        before_points=one.answer.points, before_outcomes=dict(one.answer.outcomes),
        after_points=one.points, after_outcomes=one.outcomes))
    session.execute(
        update(MachineScoreRecord)
        .where(MachineScoreRecord.attempt == one.answer.attempt, MachineScoreRecord.position == one.answer.position)
        .values(points=one.points, outcomes=one.outcomes, correction=correction))


def _reopen_signed(session: Session, archives: Iterable[str]) -> None:
    for archive in sorted(archives):
        work = session.get_one(MarkingWorkRecord, archive)
        if work.state == "frozen":
            work.state = "corrected"


def _note_in_schools(session: Session, now_ms: int, by: str, row: CorrectionRecord, archives: set[str]) -> None:
    """One line in the chain of each school it touches, and one in the hub's own."""
    schools = set(session.scalars(select(MarkingWorkRecord.school).where(MarkingWorkRecord.archive.in_(archives))))
    details = {"assessment": row.assessment, "correction": row.id, "sha256": row.sha256, "reason": row.reason}
    for chain in ["hub", *sorted(f"school:{school}" for school in schools)]:
        append_audit(session, now_ms, chain, by, "key_corrected", row.item, details)
