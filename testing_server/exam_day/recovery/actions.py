"""What an organizer decides about seats that a recovered server has not heard from. Takes a session; audits."""
from __future__ import annotations

from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.queries import WRITTEN_OFF, list_awaited
from testing_server.exam_day.recovery.records import AwaitedRecord
from testing_server.exam_day.recovery.rules import SeatsNotHeard
from testing_server.exam_day.sittings.actions import chain_of, find_attempt, find_sitting
from testing_server.exam_day.sittings.rules import read_reason
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound


def check_awaited(session: Session, sitting_id: str) -> None:
    """Raises SeatsNotHeard, with the codes."""
    open_ones = [one.code for one in list_awaited(session, sitting_id) if not one.is_settled]
    if open_ones:
        raise SeatsNotHeard(details={"codes": open_ones})


def write_off_seat(session: Session, now_ms: int, attempt_id: str, reason: str, by: str) -> str:
    """Wait no longer for what one workstation holds; returns the sitting. Raises NotFound, ReasonMissing."""
    row, text = session.get(AwaitedRecord, attempt_id), read_reason(reason)
    if row is None:
        raise NotFound()
    row.state, row.reason, row.by = WRITTEN_OFF, text, by
    attempt = find_attempt(session, attempt_id)
    sitting = find_sitting(session, attempt.sitting)
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, "seat_written_off", attempt.code, {"reason": text})
    return sitting.id
