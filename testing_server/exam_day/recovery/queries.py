"""Reading claims and awaited seats. Takes a session; gives envelopes and dataclasses."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.records import AwaitedRecord, ClaimRecord
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE, FENCED

AWAITED, SEEN, WRITTEN_OFF = "awaited", "seen", "written_off"


@dataclass(frozen=True)
class AwaitedSeat:
    """An attempt to be heard of. `missing`: events its workstation has told of that are not here yet."""

    attempt: str
    code: str
    workstation: str
    state: str
    missing: int
    reason: str

    @property
    def is_settled(self) -> bool:
        """Whether the balance may close over it."""
        return self.state == WRITTEN_OFF or (self.state == SEEN and not self.missing)


def find_higher_claim(session: Session, sitting: str) -> str:
    """Envelope of the highest claim met that is not this server's own, "" for none."""
    found = session.scalars(select(ClaimRecord.envelope).where(ClaimRecord.sitting == sitting).order_by(
        ClaimRecord.generation.desc()).limit(1)).first()
    return found or ""


def list_claims(session: Session, attempts: Sequence[str] = ()) -> list[str]:
    """The highest claim of every sitting that goes on here, went on here, or holds one of the attempts."""
    mine = select(AttemptRecord.sitting).where(AttemptRecord.id.in_(attempts))
    sittings = session.scalars(select(SittingRecord).where(
        SittingRecord.claim != "",
        or_(SittingRecord.state.in_(ACTIVE | {FENCED}), SittingRecord.id.in_(mine))))
    return [(find_higher_claim(session, one.id) if one.state == FENCED else "") or one.claim for one in sittings]


def list_older_claims(session: Session, sitting: str) -> dict[int, str]:
    """generation -> envelope of the claims before and beside this server's own."""
    rows = session.execute(select(ClaimRecord.generation, ClaimRecord.envelope).where(
        ClaimRecord.sitting == sitting).order_by(ClaimRecord.generation))
    return {generation: envelope for generation, envelope in rows}


def list_awaited(session: Session, sitting: str) -> list[AwaitedSeat]:
    """By code."""
    rows = session.execute(select(AwaitedRecord, AttemptRecord.code).join(
        AttemptRecord, AttemptRecord.id == AwaitedRecord.attempt).where(
            AwaitedRecord.sitting == sitting).order_by(AttemptRecord.code)).all()
    return [AwaitedSeat(row.attempt, code, row.workstation, row.state, _count_missing(session, row), row.reason)
            for row, code in rows]


def _count_missing(session: Session, row: AwaitedRecord) -> int:
    told: dict[str, int] = msgspec.json.decode(row.heads)
    acked = {str(lease): number for lease, number in session.execute(
        select(LeaseRecord.lease, LeaseRecord.acked).where(LeaseRecord.attempt == row.attempt))}
    return sum(max(0, number - acked.get(lease, 0)) for lease, number in told.items())
