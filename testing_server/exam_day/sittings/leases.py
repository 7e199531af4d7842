"""Leases: the right of one workstation to write for an attempt. Takes a session; gives the grant."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import encode_canonical
from testing_server.contracts.leases import make_lease
from testing_server.contracts.states import check_move
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.sittings.rules import LeaseView


def grant_lease(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, workstation: str,
                journal: str, reason: str, by: str) -> LeaseRecord:
    """The next lease of the attempt in the sitting's generation; `reason`: start, move or recover."""
    known = list_leases(session, attempt.id)
    ordinal = 1 + sum(1 for lease in known if lease.lease // 1024 == sitting.generation)
    number = make_lease(sitting.generation, ordinal)
    grant = encode_canonical({
        "attempt": attempt.id, "lease": number, "workstation": workstation, "granted_at_ms": now_ms,
        "reason": reason, "by": by, "base": {str(lease.lease): lease.acked for lease in known}}).decode()
    lease = LeaseRecord(attempt=attempt.id, lease=number, workstation=workstation, journal=journal, state="granted",
                        grant=grant, acked=0, head_number=0, head_digest="", granted_at_ms=now_ms)
    session.add(lease)
    session.flush()
    return lease


def list_leases(session: Session, attempt: str) -> list[LeaseRecord]:
    """Oldest first."""
    return list(session.scalars(
        select(LeaseRecord).where(LeaseRecord.attempt == attempt).order_by(LeaseRecord.lease)))


def find_newest(session: Session, attempt: str) -> LeaseRecord | None:
    """The newest lease that was not void."""
    return session.scalars(
        select(LeaseRecord).where(LeaseRecord.attempt == attempt, LeaseRecord.state != "void")
        .order_by(LeaseRecord.lease.desc()).limit(1)).first()


def view_lease(lease: LeaseRecord | None) -> LeaseView | None:
    """The lease as the rules see it."""
    return None if lease is None else LeaseView(lease.lease, lease.workstation, lease.journal, lease.state)


def revoke(lease: LeaseRecord) -> None:
    """Ends a lease that is granted or open; an ended one stays as it is."""
    if lease.state in ("granted", "open"):
        check_move("lease", lease.state, "revoked")
        lease.state = "revoked"
