"""What each round gave an answer, for the protocol and for an appeal. Takes a session; names no expert."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.review.records import (
    AssignmentRecord, DecisionRecord, MarkEventRecord, MarkingAnswerRecord, MarkingAttemptRecord)

STANDING = ("saved", "closed")


@dataclass(frozen=True)
class RoundMarks:
    """The marks of a round that stand: `notes` are tied to a place ({"recording", "at_ms"} or {"response", …})."""

    round: int
    points: dict[str, int]
    comment: str
    moments: dict[str, dict[str, Any]]
    notes: list[dict[str, Any]]


@dataclass(frozen=True)
class HeadMarks:
    """Points the head gave instead of what the rounds came to."""

    points: dict[str, int]
    kind: str
    reason: str
    by: str
    at_ms: int


@dataclass(frozen=True)
class AnswerMarks:
    """One answer with all its marks. `content`: responses and recordings, as the desk has them."""

    attempt: str
    code: str
    position: int
    criteria: str
    content: dict[str, Any]
    rounds: list[RoundMarks] = field(default_factory=list)
    decisions: list[HeadMarks] = field(default_factory=list)


def list_marked_answers(session: Session, archive: str, attempt: str | None = None) -> list[AnswerMarks]:
    """Answers of a work, or of one attempt, by code and position; what stands now, whatever came before it."""
    query = (select(MarkingAnswerRecord, MarkingAttemptRecord.code)
             .join(MarkingAttemptRecord, MarkingAnswerRecord.attempt == MarkingAttemptRecord.attempt)
             .where(MarkingAnswerRecord.archive == archive)
             .order_by(MarkingAttemptRecord.code, MarkingAnswerRecord.attempt, MarkingAnswerRecord.position))
    if attempt is not None:
        query = query.where(MarkingAnswerRecord.attempt == attempt)
    found = {row.id: AnswerMarks(row.attempt, code, row.position, row.criteria, row.content)
             for row, code in session.execute(query)}
    _add_rounds(session, archive, found)
    _add_decisions(session, archive, found)
    return list(found.values())


def describe_rounds(session: Session, archive: str) -> list[dict[str, Any]]:
    """Points by round of every answer, as the signed protocol holds them."""
    return [{"code": one.code, "position": one.position,
             "rounds": [{"round": each.round, "points": each.points} for each in one.rounds],
             "decisions": [{"kind": each.kind, "points": each.points, "reason": each.reason, "by": each.by,
                            "at_ms": each.at_ms} for each in one.decisions]}
            for one in list_marked_answers(session, archive)]


def _add_rounds(session: Session, archive: str, found: dict[str, AnswerMarks]) -> None:
    rows = session.execute(
        select(AssignmentRecord.answer, AssignmentRecord.round, MarkEventRecord)
        .join(MarkEventRecord, MarkEventRecord.assignment == AssignmentRecord.id)
        .join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .where(MarkingAnswerRecord.archive == archive, AssignmentRecord.copy == "",
               AssignmentRecord.state.in_(STANDING), MarkEventRecord.kind == "saved")
        .order_by(AssignmentRecord.round, MarkEventRecord.number))
    newest = {(answer, number): event for answer, number, event in rows if answer in found}
    for (answer, number), event in newest.items():
        found[answer].rounds.append(RoundMarks(number, event.points, event.comment, event.moments, event.notes or []))


def _add_decisions(session: Session, archive: str, found: dict[str, AnswerMarks]) -> None:
    rows = session.scalars(
        select(DecisionRecord).join(MarkingAnswerRecord, DecisionRecord.answer == MarkingAnswerRecord.id)
        .where(MarkingAnswerRecord.archive == archive).order_by(DecisionRecord.id))
    for row in rows:
        if row.answer in found:
            found[row.answer].decisions.append(HeadMarks(row.points, row.kind, row.reason, row.by, row.at_ms))
