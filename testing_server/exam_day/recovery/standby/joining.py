"""Making events that were stored unread count: heads of leases, states, recordings, incidents.

Takes a session and a lease that has just become known; lets every stored event take effect that no one has counted.
"""
from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.events import digest_of, read_event
from testing_server.exam_day.responses.effects import has_effect, take_effect
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.responses.rules import Line, find_acked
from testing_server.exam_day.sittings.actions import list_attempts
from testing_server.exam_day.sittings.leases import list_leases
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord


def join_sitting(session: Session, now_ms: int, sitting: SittingRecord) -> int:
    """Every lease of the sitting, oldest first; returns how many events count from now on."""
    return sum(join_lease(session, now_ms, sitting, attempt, lease)
               for attempt in list_attempts(session, sitting.id) for lease in list_leases(session, attempt.id))


def join_lease(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord,
               lease: LeaseRecord) -> int:
    """Events above the lease's head are here only where they were stored unread."""
    of_lease = (EventRecord.attempt == attempt.id, EventRecord.lease == lease.lease)
    highest = session.scalar(select(func.max(EventRecord.number)).where(*of_lease)) or 0
    if highest <= lease.head_number:
        return 0
    rows = session.execute(select(EventRecord.number, EventRecord.line, EventRecord.digest).where(
        *of_lease, EventRecord.number > lease.head_number).order_by(EventRecord.number)).all()
    for _, text, _digest in rows:
        line = Line(read_event(text.encode()), text, digest_of(text.encode()))
        if has_effect(line):
            take_effect(session, now_ms, sitting, attempt, lease, line)
    lease.acked, _ = find_acked(lease.acked, [number for number, _, _ in rows])
    lease.head_number, lease.head_digest = rows[-1][0], rows[-1][2]
    session.flush()
    return len(rows)
