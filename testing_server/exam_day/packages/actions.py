"""Closing a sitting: balance, package, what the hub answered. Takes a session; leaves an audit line for each act."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.exam_day.packages.contents import Packing, Staged, stage_package
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.packages.rules import (
    PACKABLE, SETTLED, Counted, MaterialsClosed, NotBalanced, check_balance, count_balance)
from testing_server.exam_day.recovery.actions import check_awaited
from testing_server.exam_day.responses.answer_files import EXPECTED, list_answer_files
from testing_server.exam_day.responses.records import RecordingRecord
from testing_server.exam_day.responses.states import StateCache
from testing_server.exam_day.sittings.actions import (
    chain_of, find_attempt, find_sitting, list_attempts, move_sitting)
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.records import AttemptRecord, SittingRecord
from testing_server.exam_day.sittings.rules import read_reason
from testing_server.exam_day.training.rules import check_sendable
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.preparation.school_key import SchoolKey

GOING_TO_HUB = frozenset({"made", "sending", "sent", "receipted", "quarantined"})


def close_sitting(session: Session, now_ms: int, sitting_id: str, by: str) -> SittingRecord:
    """No more work: open, running or paused → closing. Raises MoveRefused."""
    sitting = find_sitting(session, sitting_id)
    move_sitting(session, now_ms, sitting, "closing", by)
    sitting.closed_at_ms = now_ms
    return sitting


def explain_missing(session: Session, now_ms: int, attempt_id: str, reason: str, by: str) -> SittingRecord:
    """Why a candidate has neither finished nor been absent. Raises ReasonMissing."""
    attempt = find_attempt(session, attempt_id)
    attempt.reason = read_reason(reason)
    sitting = find_sitting(session, attempt.sitting)
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, "missing_explained", attempt.code,
                 {"reason": attempt.reason})
    return sitting


def read_counted(attempts: list[AttemptRecord]) -> list[Counted]:
    """Attempts as the balance sees them."""
    return [Counted(one.code, one.state, one.reason, one.moves) for one in attempts]


def list_unsettled(session: Session, attempts: list[AttemptRecord]) -> list[RecordingRecord]:
    """Recordings that are neither whole and encoded nor written off."""
    return list(session.scalars(select(RecordingRecord).where(
        RecordingRecord.attempt.in_([one.id for one in attempts]), RecordingRecord.state.not_in(SETTLED))))


def settle_balance(session: Session, now_ms: int, sitting_id: str, by: str) -> SittingRecord:
    """Closing → balanced. Raises SeatsNotHeard, StillAtWork, SoundMissing, MoveRefused."""
    sitting = find_sitting(session, sitting_id)
    attempts = list_attempts(session, sitting_id)
    balance = count_balance(read_counted(attempts))
    codes = {one.id: one.code for one in attempts}
    waiting = [one.attempt for one in list_unsettled(session, attempts)]
    waiting += [one.attempt for one in list_answer_files(session, list(codes)) if one.state == EXPECTED]
    check_awaited(session, sitting_id)
    check_balance(balance, [codes[attempt] for attempt in waiting])
    move_sitting(session, now_ms, sitting, "balanced", by, issued=balance.issued, finished=balance.finished,
                 absent=balance.absent, spoiled=balance.spoiled, transferred=balance.transferred,
                 missing=len(balance.missing))
    return sitting


def make_package(session: Session, now_ms: int, data: Path, sitting_id: str, school: str, instance: str,
                 key: SchoolKey, reason: str, by: str) -> tuple[PackageRecord, Staged]:
    """Stage and sign the next package of a sitting; the worker seals it. Raises NotBalanced, TrainingNotSent,
    SeatsNotHeard and MaterialsClosed (this server took over and has not got everything back).

    A fresh cache folds here: this runs in the thread that writes, the room's own cache belongs to its requests.
    """
    sitting = find_sitting(session, sitting_id)
    check_sendable(sitting.campaign)
    if sitting.state not in PACKABLE:
        raise NotBalanced()
    check_awaited(session, sitting_id)
    if not (opened_folder(data, sitting.archive) / "variants").is_dir():
        raise MaterialsClosed()
    last = session.scalars(select(PackageRecord).where(PackageRecord.sitting == sitting_id).order_by(
        PackageRecord.sequence.desc()).limit(1)).first()
    attempts = list_attempts(session, sitting_id)
    states = StateCache().read(session, [one.id for one in attempts], (sitting.opens_at_ms, sitting.closes_at_ms))
    move_sitting(session, now_ms, sitting, "packaged", by, sequence=(last.sequence if last else 0) + 1)
    session.flush()
    packing = Packing(school, instance, (last.sequence if last else 0) + 1, last.id if last else None, reason, now_ms,
                      count_balance(read_counted(attempts)))
    staged = stage_package(session, data, sitting, states, packing, key)
    record = PackageRecord(
        id=staged.package, sitting=sitting_id, sequence=packing.sequence, previous=packing.previous, reason=reason,
        state="making", bytes=0, sent_bytes=0, manifest=staged.manifest.decode(), receipt="", trouble="",
        asked_by=by, asked_at_ms=now_ms)
    session.add(record)
    return record, staged


def note_package(session: Session, now_ms: int, package_id: str, report: Mapping[str, Any]) -> PackageRecord:
    """What the worker tells: made, sending (how far), sent, receipted, quarantined, failed."""
    package = find_package(session, package_id)
    state = str(report["state"])
    package.bytes = report.get("bytes", package.bytes)
    package.sent_bytes = report.get("sent", package.sent_bytes)
    package.trouble = str(report.get("trouble", ""))[:500]
    if state == package.state:
        return package
    package.state = state
    if state == "made":
        package.made_at_ms = now_ms
    if state == "receipted":
        package.receipt, package.receipted_at_ms = report["receipt"], now_ms
    _follow_package(session, now_ms, package)
    return package


def _follow_package(session: Session, now_ms: int, package: PackageRecord) -> None:
    """The newest package takes its sitting along; an older one only gets its own state."""
    sitting = find_sitting(session, package.sitting)
    append_audit(session, now_ms, chain_of(sitting.id), "worker", f"package_{package.state}", package.id,
                 {"sequence": package.sequence, "trouble": package.trouble})
    newest = session.scalar(select(func.max(PackageRecord.sequence)).where(PackageRecord.sitting == sitting.id))
    steps = {"sent": ("packaged", "sent"), "receipted": ("sent", "receipted")}
    if package.sequence == newest and package.state in steps:
        before, after = steps[package.state]
        if package.state == "receipted" and sitting.state == "packaged":
            move_sitting(session, now_ms, sitting, "sent", "worker")
        if sitting.state == before:
            check_move("sitting", sitting.state, after)
            move_sitting(session, now_ms, sitting, after, "worker")
    sitting.version += 1


def find_package(session: Session, package_id: str) -> PackageRecord:
    """Raises NotFound."""
    package = session.get(PackageRecord, package_id)
    if package is None:
        raise NotFound()
    return package
