"""Appending events. Takes a session and a checked batch; stores each event once and lets its facts take effect.

The way nearly every batch takes (the very next numbers of its lease) costs three statements; anything else,
repeats, holes and contradictions, is compared with what is stored.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.exam_day.recovery.queries import find_higher_claim
from testing_server.exam_day.responses.effects import has_effect, take_effect
from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord
from testing_server.exam_day.responses.rules import LeaseUnknown, Line, StoredHead, find_acked, is_next, sort_batch
from testing_server.exam_day.responses.seats import check_may_deliver
from testing_server.exam_day.sittings.actions import find_attempt, find_sitting, record_incident
from testing_server.exam_day.sittings.leases import revoke
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.sittings.rules import FENCED, Fenced
from testing_server.foundation.storage.inserting import choose_insert

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


@dataclass(frozen=True)
class Place:
    """A lease and what surrounds it, read by one statement."""

    head: StoredHead
    state: str
    sitting: str
    sitting_state: str
    directives: int


def append_events(session: Session, now_ms: int, attempt_id: str, lease_number: int, workstation: str,
                  lines: Sequence[Line]) -> Appended:
    """Store a batch once; repeats are harmless, a revoked lease is accepted. Raises LeaseUnknown, Fenced."""
    place = _find_place(session, attempt_id, lease_number, workstation)
    if place.sitting_state == FENCED:
        raise Fenced(find_higher_claim(session, place.sitting))
    if is_next(place.head, lines) and place.sitting_state not in LATE_STATES:
        return _append_next(session, now_ms, attempt_id, lease_number, place, lines)
    return _append_compared(session, now_ms, attempt_id, lease_number, place, lines)


def _find_place(session: Session, attempt: str, lease: int, workstation: str) -> Place:
    directives = select(func.count()).select_from(DirectiveRecord).where(
        DirectiveRecord.attempt == attempt).scalar_subquery()
    found = session.execute(
        select(LeaseRecord.workstation, LeaseRecord.acked, LeaseRecord.head_number, LeaseRecord.head_digest,
               LeaseRecord.grant, LeaseRecord.state, AttemptRecord.sitting, SittingRecord.state, directives,
               SittingRecord.generation)
        .join(AttemptRecord, AttemptRecord.id == LeaseRecord.attempt)
        .join(SittingRecord, SittingRecord.id == AttemptRecord.sitting)
        .where(LeaseRecord.attempt == attempt, LeaseRecord.lease == lease)).first()
    if found is None:
        raise LeaseUnknown()
    if found[0] != workstation:
        check_may_deliver(session, attempt, lease, found[9], workstation)
    return Place(StoredHead(*found[1:5]), found[5], found[6], found[7], found[8])


def _append_next(session: Session, now_ms: int, attempt: str, lease: int, place: Place,
                 lines: Sequence[Line]) -> Appended:
    _store(session, now_ms, lines)
    last = lines[-1]
    session.execute(update(LeaseRecord).where(LeaseRecord.attempt == attempt, LeaseRecord.lease == lease).values(
        acked=last.event.number, head_number=last.event.number, head_digest=last.digest))
    state = _take_effects(session, now_ms, attempt, lease, lines) or place.state
    return Appended(last.event.number, [], place.directives, state, 0, place.sitting)


def _store(session: Session, now_ms: int, lines: Sequence[Line]) -> None:
    session.execute(insert(EventRecord), [{
        "attempt": line.event.attempt, "lease": line.event.lease, "number": line.event.number,
        "kind": line.event.kind, "digest": line.digest, "line": line.text, "received_at_ms": now_ms}
        for line in lines])


def _take_effects(session: Session, now_ms: int, attempt_id: str, lease_number: int, lines: Sequence[Line]) -> str:
    """Returns the lease's state afterwards, "" when no line has an effect."""
    effective = [line for line in lines if has_effect(line)]
    if not effective:
        return ""
    lease = session.get_one(LeaseRecord, (attempt_id, lease_number))
    attempt = find_attempt(session, attempt_id)
    sitting = find_sitting(session, attempt.sitting)
    for line in effective:
        take_effect(session, now_ms, sitting, attempt, lease, line)
    sitting.version += 1
    session.flush()
    return lease.state


def _append_compared(session: Session, now_ms: int, attempt_id: str, lease_number: int, place: Place,
                     lines: Sequence[Line]) -> Appended:
    lease = session.get_one(LeaseRecord, (attempt_id, lease_number))
    done = sort_batch(lines, _read_known(session, lease, lines), lease.grant)
    if done.fresh:
        _store(session, now_ms, done.fresh)
        _take_effects(session, now_ms, attempt_id, lease_number, done.fresh)
        _note_late(session, place)
    if done.aside:
        _keep_aside(session, now_ms, find_sitting(session, place.sitting), lease, done.aside)
    missing = _advance(session, lease)
    return Appended(lease.acked, missing, place.directives, lease.state, len(done.aside), place.sitting)


def _read_known(session: Session, lease: LeaseRecord, lines: Sequence[Line]) -> dict[int, str]:
    if not lines:
        return {}
    low, high = lines[0].event.number - 1, lines[-1].event.number + 1
    rows = session.execute(select(EventRecord.number, EventRecord.digest).where(
        EventRecord.attempt == lease.attempt, EventRecord.lease == lease.lease, EventRecord.number >= low,
        EventRecord.number <= high))
    return {number: digest for number, digest in rows}


def _advance(session: Session, lease: LeaseRecord) -> list[list[int]]:
    rows = session.execute(select(EventRecord.number, EventRecord.digest).where(
        EventRecord.attempt == lease.attempt, EventRecord.lease == lease.lease, EventRecord.number > lease.acked,
    ).order_by(EventRecord.number)).all()
    if not rows:
        return []
    lease.acked, missing = find_acked(lease.acked, [number for number, _ in rows])
    lease.head_number, lease.head_digest = rows[-1]
    return missing


def _keep_aside(session: Session, now_ms: int, sitting: SittingRecord, lease: LeaseRecord,
                lines: Sequence[Line]) -> None:
    """Both stay: the stored one counts, this one waits for a person; the kiosk goes on under a new lease."""
    insert_once = choose_insert(session)
    added = 0
    for line in lines:
        result = session.execute(insert_once(EventConflictRecord).values(
            attempt=lease.attempt, lease=lease.lease, number=line.event.number, digest=line.digest, line=line.text,
            received_at_ms=now_ms).on_conflict_do_nothing())
        added += max(0, getattr(result, "rowcount", 0))
    revoke(lease)
    if added:
        first = lines[0].event.number
        record_incident(session, now_ms, sitting, lease.attempt, "event_conflict",
                        f"lease {lease.lease}, event {first}: {added}", "server")


def _note_late(session: Session, place: Place) -> None:
    sitting = find_sitting(session, place.sitting)
    if sitting.state in LATE_STATES:
        check_move("sitting", sitting.state, "packaged_with_late")
        sitting.state = "packaged_with_late"
