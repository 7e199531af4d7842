"""Making an answer a standard one: the head marked it, agreed its points and says what it is for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.marking.review.records import AssignmentRecord, MarkEventRecord
from testing_server.marking.review.thirds import decide_answer
from testing_server.marking.standardisation.comparing import read_highest
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import USES, MarkedInPart, NotYours, UnknownUse


def declare_standard(session: Session, now_ms: int, head: str, assignment: str, use: str, comment: str) -> None:
    """The head's own marks of a live answer become its agreed and final points; nobody else marks it live.

    Declared again it changes its use and comment, and not what was decided of the answer since. Raises UnknownUse,
    NotYours, MarkedInPart (a third marking is about some of the criteria only).
    """
    if use not in USES:
        raise UnknownUse()
    row = session.get(AssignmentRecord, assignment)
    if row is None or row.expert != head or row.state != "saved" or row.copy or row.lot is None:
        raise NotYours()
    points = session.scalars(
        select(MarkEventRecord.points).where(MarkEventRecord.assignment == row.id, MarkEventRecord.kind == "saved")
        .order_by(MarkEventRecord.number.desc()).limit(1)).one()
    if points.keys() != read_highest(session, row.answer).keys():
        raise MarkedInPart()
    is_new = session.get(StandardRecord, row.answer) is None
    session.merge(StandardRecord(answer=row.answer, lot=row.lot, use=use, points=points,
                                 comment=comment.strip()[:2_000], by=head, at_ms=now_ms))
    if is_new:
        decide_answer(session, now_ms, head, row.answer, points, "standard", comment.strip()[:2_000])
    append_audit(session, now_ms, f"school:{row.school}", head, "standard_declared", row.answer,
                 {"use": use, "points": points})
