"""Standard answers, what may become one, and what a learner is told after marking one. Takes a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import limit_lots, limit_works
from testing_server.marking.review.queries import find_position
from testing_server.marking.review.records import (
    AssignmentRecord, LotRecord, MarkEventRecord, MarkingAnswerRecord, MarkingWorkRecord)
from testing_server.marking.standardisation.records import StandardRecord

MOST_SHOWN = 100


@dataclass(frozen=True)
class Standard:
    """A standard answer, or (use empty) the head's own marks that may become one."""

    assignment: str
    position: int
    title: dict[str, str]
    points: dict[str, int]
    use: str
    comment: str


def list_candidates(session: Session, head: str, bounds: Bounds) -> list[Standard]:
    """The head's live marks that are no standard answers yet, the newest first."""
    rows = session.execute(
        select(AssignmentRecord.id, AssignmentRecord.asked, MarkingAnswerRecord, MarkEventRecord.points)
        .join(MarkingAnswerRecord, MarkingAnswerRecord.id == AssignmentRecord.answer)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
        .join(MarkEventRecord, (MarkEventRecord.assignment == AssignmentRecord.id) & (MarkEventRecord.kind == "saved"))
        .where(limit_works(bounds), AssignmentRecord.expert == head, AssignmentRecord.state == "saved",
               AssignmentRecord.copy == "",
               AssignmentRecord.answer.not_in(select(StandardRecord.answer)))
        .order_by(MarkEventRecord.id.desc()).limit(MOST_SHOWN))
    newest: dict[str, Standard] = {}
    for assignment, asked, answer, points in rows:
        # a third marking of some criteria is none of a whole answer
        if not asked:
            newest.setdefault(assignment, _describe(session, assignment, answer, points))
    return list(newest.values())


def list_standards(session: Session, bounds: Bounds) -> list[Standard]:
    """Those of the positions this head leads, by use and age."""
    rows = session.execute(
        select(StandardRecord, MarkingAnswerRecord)
        .join(MarkingAnswerRecord, MarkingAnswerRecord.id == StandardRecord.answer)
        .join(LotRecord, LotRecord.id == StandardRecord.lot).where(limit_lots(bounds))
        .order_by(StandardRecord.use, StandardRecord.at_ms, StandardRecord.answer))
    return [_describe(session, "", answer, row.points, row.use, row.comment) for row, answer in rows]


def find_feedback(session: Session, assignment: str) -> dict[str, Any] | None:
    """What was agreed on a practice answer, for whom has just marked it; None for every other answer."""
    row = session.get(AssignmentRecord, assignment)
    standard = session.get(StandardRecord, row.answer) if row is not None and row.purpose == "practice" else None
    if row is None or standard is None or row.state != "saved":
        return None
    return {"points": standard.points, "comment": standard.comment}


def _describe(session: Session, assignment: str, answer: MarkingAnswerRecord, points: dict[str, int], use: str = "",
              comment: str = "") -> Standard:
    definition = session.get_one(MarkingWorkRecord, answer.archive).definition
    return Standard(assignment, answer.position, find_position(definition, answer.position)["title"], points, use,
                    comment)
