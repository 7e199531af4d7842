"""Which workstation may ask about an attempt. Takes a session; raises the refusal."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.leases import LEASE_STEP
from testing_server.exam_day.responses.rules import LeaseRevoked, LeaseUnknown
from testing_server.exam_day.sittings.records import LeaseRecord


def check_seat_of(session: Session, attempt: str, workstation: str) -> None:
    """The workstation holds, or once held, a lease of the attempt; raises LeaseUnknown."""
    held = session.scalars(select(LeaseRecord.lease).where(
        LeaseRecord.attempt == attempt, LeaseRecord.workstation == workstation).limit(1)).first()
    if held is None:
        raise LeaseUnknown()


def check_may_deliver(session: Session, attempt: str, lease: int, generation: int, workstation: str) -> None:
    """Events of another seat's lease come from a seat that was given them as history, to a server that took over.

    `generation`: the sitting's present one; its own leases are delivered by their own seats. Raises LeaseUnknown.
    """
    if lease // LEASE_STEP >= generation:
        raise LeaseUnknown()
    check_seat_of(session, attempt, workstation)


def check_may_read_history(session: Session, attempt: str, workstation: str) -> None:
    """Only the seat with the newest lease goes on from the history; raises LeaseUnknown, LeaseRevoked."""
    check_seat_of(session, attempt, workstation)
    newest = session.scalars(select(LeaseRecord).where(LeaseRecord.attempt == attempt).order_by(
        LeaseRecord.lease.desc()).limit(1)).first()
    if newest is None or newest.workstation != workstation:
        raise LeaseRevoked()
