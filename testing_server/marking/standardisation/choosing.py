"""Which standard answer an expert has not met yet. Takes a session; gives its row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.review.records import AssignmentRecord, MarkingAnswerRecord, MarkingWorkRecord
from testing_server.marking.standardisation.records import StandardRecord


def find_unseen(session: Session, expert: str, use: str, lots: Sequence[int],
                own_school: str | None = None) -> StandardRecord | None:
    """The first standard answer this expert has not marked; one whose time ran out comes again.

    `own_school`: answers of it are left out, for a voice would be known; None where they may be marked.
    """
    done = select(AssignmentRecord.answer).where(AssignmentRecord.copy == expert, AssignmentRecord.state != "queued")
    met = select(AssignmentRecord.answer).where(AssignmentRecord.expert == expert, AssignmentRecord.copy == "")
    school = select(MarkingAnswerRecord.id).join(
        MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive).where(
        MarkingWorkRecord.school == own_school)
    return session.scalar(
        select(StandardRecord)
        .where(StandardRecord.use == use, StandardRecord.lot.in_(lots), StandardRecord.answer.not_in(done),
               StandardRecord.answer.not_in(met), StandardRecord.answer.not_in(school))
        .order_by(StandardRecord.at_ms, StandardRecord.answer).limit(1))
