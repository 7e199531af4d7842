"""Handing out copies of standard answers: practice and qualification in their turn, control answers among live ones."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.commission.queries import list_lots
from testing_server.marking.commission.rules import APPROVED, Desk, Lot, Seat, find_commission, find_seat
from testing_server.marking.review.claiming import find_own_school
from testing_server.marking.review.records import AssignmentRecord, ExpertRecord, MarkingAnswerRecord, MarkingWorkRecord
from testing_server.marking.review.rules import LEASE_MS
from testing_server.marking.standardisation.choosing import find_unseen
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import is_control_due


def give_standard(session: Session, now_ms: int, desk: Desk, person: ExpertRecord,
                  open_lots: Sequence[Lot]) -> str | None:
    """An own copy of a standard answer where one is due, as an assignment of this expert; None for a live answer."""
    learning = [seat for seat in desk.seats if seat.needs_approval and seat.state == "practising"]
    if learning:
        lots = [lot.id for lot in list_lots(session) if find_seat(desk, lot) in learning]
        for use in ("practice", "qualification"):
            found = find_unseen(session, person.login, use, lots)
            if found is not None:
                return _copy(session, now_ms, person, found)
    lot = _find_control_lot(desk, person, open_lots)
    if lot is None:
        return None
    own_school = None if lot.own_school else find_own_school(desk, lot.subject)
    found = find_unseen(session, person.login, "control", [lot.id], own_school)
    return _copy(session, now_ms, person, found) if found is not None else None


def _find_control_lot(desk: Desk, person: ExpertRecord, open_lots: Sequence[Lot]) -> Lot | None:
    """The lot the expert works in, where a control answer is due in it now."""
    lot = next((one for one in open_lots if not one.is_third), None)
    seat: Seat | None = find_seat(desk, lot) if lot is not None and find_commission(desk, lot) else None
    if lot is None or seat is None or seat.state != APPROVED or desk.leads(lot):
        return None
    return lot if is_control_due(person.login, person.given, seat.control_every) else None


def _copy(session: Session, now_ms: int, person: ExpertRecord, standard: StandardRecord) -> str:
    row = session.scalar(select(AssignmentRecord).where(
        AssignmentRecord.answer == standard.answer, AssignmentRecord.copy == person.login))
    if row is None:
        answer = session.get_one(MarkingAnswerRecord, standard.answer)
        work = session.get_one(MarkingWorkRecord, answer.archive)
        row = AssignmentRecord(id=str(uuid.uuid4()), answer=standard.answer, round=1, copy=person.login, version=0,
                               purpose=standard.use, lot=standard.lot, school=work.school, state="queued", barred=[])
        session.add(row)
    row.state, row.expert, row.version = "taken", person.login, row.version + 1
    # one whose time ran out may have got another use meanwhile
    row.purpose, row.kit = standard.use, None
    row.taken_at_ms, row.taken_until_ms = now_ms, now_ms + LEASE_MS
    person.given += 1
    session.flush()
    return row.id
