"""Appending events. Takes a session and a checked batch; stores each event once and lets its facts take effect."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from testing_server.contracts.events import EventKind
from testing_server.contracts.states import check_move
from testing_server.exam_day.responses.effects import take_effect
from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord
from testing_server.exam_day.responses.rules import LeaseUnknown, Line, find_acked, sort_batch
from testing_server.exam_day.sittings.actions import find_attempt, find_sitting, record_incident
from testing_server.exam_day.sittings.directives import count_directives
from testing_server.exam_day.sittings.leases import revoke
from testing_server.exam_day.sittings.records import LeaseRecord, SittingRecord

LATE_STATES = frozenset({"packaged", "sent", "receipted"})


@dataclass(frozen=True)
class Appended:
    """`aside`: how many lines contradict what is stored; the caller then answers event_conflict."""

    acked: int
    missing: list[list[int]]
    directives_version: int
    lease_state: str
    aside: int
    sitting: str
    sitting_version: int


def append_events(session: Session, now_ms: int, attempt_id: str, lease_number: int, workstation: str,
                  lines: Sequence[Line]) -> Appended:
    """Store a batch once; repeats are harmless, a revoked lease is accepted. Raises LeaseUnknown."""
    lease = session.get(LeaseRecord, (attempt_id, lease_number))
    if lease is None or lease.workstation != workstation:
        raise LeaseUnknown()
    sorted_lines = sort_batch(lines, _read_known(session, lease, lines), lease.grant)
    for line in sorted_lines.fresh:
        session.add(EventRecord(
            attempt=attempt_id, lease=lease_number, number=line.event.number, kind=line.event.kind,
            digest=line.digest, line=line.text, received_at_ms=now_ms))
    session.flush()
    attempt = find_attempt(session, attempt_id)
    sitting = find_sitting(session, attempt.sitting)
    for line in sorted_lines.fresh:
        take_effect(session, now_ms, sitting, attempt, lease, line)
    if sorted_lines.aside:
        _keep_aside(session, now_ms, sitting, lease, sorted_lines.aside)
    missing = _advance(session, lease)
    if sorted_lines.fresh:
        _note_late(sitting)
        if any(line.event.kind != EventKind.TIMER_TICK for line in sorted_lines.fresh):
            sitting.version += 1
    return Appended(lease.acked, missing, count_directives(session, attempt_id), lease.state,
                    len(sorted_lines.aside), sitting.id, sitting.version)


def _read_known(session: Session, lease: LeaseRecord, lines: Sequence[Line]) -> dict[int, str]:
    if not lines:
        return {}
    low, high = lines[0].event.number - 1, lines[-1].event.number + 1
    rows = session.execute(select(EventRecord.number, EventRecord.digest).where(
        EventRecord.attempt == lease.attempt, EventRecord.lease == lease.lease, EventRecord.number >= low,
        EventRecord.number <= high))
    return {number: digest for number, digest in rows}


def _advance(session: Session, lease: LeaseRecord) -> list[list[int]]:
    numbers = session.scalars(select(EventRecord.number).where(
        EventRecord.attempt == lease.attempt, EventRecord.lease == lease.lease, EventRecord.number > lease.acked,
    ).order_by(EventRecord.number))
    lease.acked, missing = find_acked(lease.acked, numbers)
    return missing


def _keep_aside(session: Session, now_ms: int, sitting: SittingRecord, lease: LeaseRecord,
                lines: Sequence[Line]) -> None:
    """Both stay: the stored one counts, this one waits for a person; the kiosk goes on under a new lease."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = 0
    for line in lines:
        result = session.execute(insert(EventConflictRecord).values(
            attempt=lease.attempt, lease=lease.lease, number=line.event.number, digest=line.digest, line=line.text,
            received_at_ms=now_ms).on_conflict_do_nothing())
        added += max(0, getattr(result, "rowcount", 0))
    revoke(lease)
    if added:
        first = lines[0].event.number
        record_incident(session, now_ms, sitting, lease.attempt, "event_conflict",
                        f"lease {lease.lease}, event {first}: {added}", "server")


def _note_late(sitting: SittingRecord) -> None:
    if sitting.state in LATE_STATES:
        check_move("sitting", sitting.state, "packaged_with_late")
        sitting.state = "packaged_with_late"
