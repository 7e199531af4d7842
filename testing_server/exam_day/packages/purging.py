"""Work is deleted from workstations once the hub has it: an organizer's order, what each workstation answered.

Takes a session; gives whom to hint and what is left. The receipt goes along: a workstation believes that, not this
server.
"""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.messages import PurgeAnswer
from testing_server.contracts.receipts import PurgeResult
from testing_server.contracts.refusals import ContractRefusal
from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.packages.records import PackageRecord, PurgeRecord
from testing_server.exam_day.packages.rules import NotReceipted
from testing_server.exam_day.sittings.actions import chain_of, find_sitting, list_attempts, move_sitting
from testing_server.exam_day.sittings.directives import add_directive, confirm_directive
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound


@dataclass(frozen=True)
class Purge:
    """An attempt at one workstation as the console shows it. `result`: "" while it has not answered."""

    code: str
    seat: str
    asked_by: str
    asked_at_ms: int
    result: str
    answered_at_ms: int | None
    is_gone: bool


@dataclass(frozen=True)
class PurgeView:
    """`not_before_ms`: the day the hub's receipt names, None without a receipt; `purges`: [] before the order."""

    not_before_ms: int | None
    purges: list[Purge]

    @property
    def done(self) -> int:
        return sum(one.result == PurgeResult.DONE for one in self.purges)


def order_purge(session: Session, now_ms: int, sitting_id: str, hub_keys: str, by: str) -> list[str]:
    """Tell every workstation that held a lease; returns whom to hint. Again = whoever is not done is told again.

    Raises NotReceipted.
    """
    sitting = find_sitting(session, sitting_id)
    package = find_receipted(session, sitting_id)
    if sitting.state != "receipted" or package is None:
        raise NotReceipted()
    told: list[str] = []
    for attempt in list_attempts(session, sitting_id):
        waiting = [one for one in _find_holders(session, attempt.id) if not _is_done(session, attempt.id, one)]
        if waiting:
            _tell(session, now_ms, sitting, attempt, waiting, {"receipt": package.receipt, "hub_keys": hub_keys}, by)
        told += waiting
    append_audit(session, now_ms, chain_of(sitting_id), by, "purge_ordered", sitting_id,
                 {"package": package.id, "places": len(set(told)), "attempts": len(told)})
    sitting.version += 1
    _follow(session, now_ms, sitting)
    return sorted(set(told))


def _find_holders(session: Session, attempt: str) -> list[str]:
    """Workstations that may keep something of an attempt; those that were removed are not asked any more."""
    rows = session.scalars(select(LeaseRecord.workstation).join(
        WorkstationRecord, WorkstationRecord.id == LeaseRecord.workstation).where(
        LeaseRecord.attempt == attempt, LeaseRecord.state != "void", WorkstationRecord.state != "removed").distinct())
    return sorted(rows)


def _is_done(session: Session, attempt: str, workstation: str) -> bool:
    known = session.get(PurgeRecord, (attempt, workstation))
    return known is not None and known.result == PurgeResult.DONE


def _tell(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, workstations: list[str],
          body: dict[str, str], by: str) -> None:
    directive = add_directive(session, now_ms, attempt.id, sitting.generation, DirectiveKind.PURGE, body)
    for workstation in workstations:
        session.merge(PurgeRecord(
            attempt=attempt.id, workstation=workstation, sitting=sitting.id, generation=directive.generation,
            number=directive.number, result="", asked_by=by, asked_at_ms=now_ms, answered_at_ms=None))
    session.flush()


def note_purge(session: Session, now_ms: int, attempt: str, workstation: str, answer: PurgeAnswer) -> str:
    """What a workstation answered; returns the sitting. The last one makes the sitting purged.

    Raises NotFound, ContractRefusal (a word this protocol does not have).
    """
    if answer.result not in set(PurgeResult):
        raise ContractRefusal(f"result {answer.result[:40]}")
    row = session.get(PurgeRecord, (attempt, workstation))
    if row is None:
        raise NotFound()
    sitting = find_sitting(session, row.sitting)
    if row.result != PurgeResult.DONE:
        row.result, row.answered_at_ms = answer.result, now_ms
        append_audit(session, now_ms, chain_of(sitting.id), f"workstation:{workstation}", "purge_answered", attempt,
                     {"result": answer.result})
        sitting.version += 1
        session.flush()
    if not _list_open(session, attempt=attempt):
        confirm_directive(session, attempt, row.generation, row.number, now_ms)
    _follow(session, now_ms, sitting)
    return sitting.id


def _list_open(session: Session, **where: str) -> list[PurgeRecord]:
    """Orders not yet carried out; a workstation that was removed is not waited for."""
    return list(session.scalars(select(PurgeRecord).filter_by(**where).join(
        WorkstationRecord, WorkstationRecord.id == PurgeRecord.workstation).where(
        PurgeRecord.result != PurgeResult.DONE, WorkstationRecord.state != "removed")))


def _follow(session: Session, now_ms: int, sitting: SittingRecord) -> None:
    if sitting.state == "receipted" and not _list_open(session, sitting=sitting.id):
        move_sitting(session, now_ms, sitting, "purged", "workstations")


def find_receipted(session: Session, sitting_id: str) -> PackageRecord | None:
    """The newest package that the hub receipted."""
    return session.scalars(select(PackageRecord).where(
        PackageRecord.sitting == sitting_id, PackageRecord.state == "receipted").order_by(
        PackageRecord.sequence.desc()).limit(1)).first()


def view_purge(session: Session, sitting_id: str) -> PurgeView:
    """By seat."""
    package = find_receipted(session, sitting_id)
    told = read_unverified(package.receipt.encode()).read() if package else {}
    rows = session.execute(
        select(AttemptRecord.code, WorkstationRecord.seat, PurgeRecord.asked_by, PurgeRecord.asked_at_ms,
               PurgeRecord.result, PurgeRecord.answered_at_ms, WorkstationRecord.state == "removed")
        .join(AttemptRecord, AttemptRecord.id == PurgeRecord.attempt)
        .join(WorkstationRecord, WorkstationRecord.id == PurgeRecord.workstation)
        .where(PurgeRecord.sitting == sitting_id).order_by(AttemptRecord.code, WorkstationRecord.seat))
    return PurgeView(told.get("purge_not_before_ms"), [Purge(*row) for row in rows])
