"""Items the machine scored, their answers, their corrections. Takes a session, gives dataclasses."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.foundation.refusals import NotFound
from testing_server.marking.rescoring.records import CorrectionRecord, RescoreRecord
from testing_server.marking.rescoring.rules import ScoredAnswer
from testing_server.marking.review.records import MachineScoreRecord, MarkingAttemptRecord, MarkingWorkRecord


@dataclass(frozen=True)
class ScoredItem:
    """An item of an assessment with its answers so far.

    `work` and `title`: {"ru", "en"} of the assessment and of the position; `share`: mean part of the highest points,
    0 … 1.
    """

    assessment: str
    work: dict[str, str]
    item: str
    position: int
    title: dict[str, str]
    highest: Decimal
    answers: int
    share: float
    corrections: int


@dataclass(frozen=True)
class GivenAnswer:
    """The same answer of so many candidates, and what it was given."""

    responses: dict[str, Any]
    points: str
    candidates: int


@dataclass(frozen=True)
class Correction:
    """A corrected key: who, why, when, and how many answers it moved."""

    id: str
    assessment: str
    item: str
    xml: bytes
    sha256: str
    reason: str
    by: str
    drafted_at_ms: int
    state: str
    applied_at_ms: int | None
    answers: int
    changed: int


def list_scored_items(session: Session) -> list[ScoredItem]:
    """Every item that the machine scored in works of open criteria, in the order of the works' positions."""
    rows = session.execute(
        select(MarkingWorkRecord.assessment, MachineScoreRecord.item, MachineScoreRecord.position,
               MachineScoreRecord.points, func.count())
        .join(MarkingAttemptRecord, MarkingAttemptRecord.attempt == MachineScoreRecord.attempt)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAttemptRecord.archive)
        .group_by(MarkingWorkRecord.assessment, MachineScoreRecord.item, MachineScoreRecord.position,
                  MachineScoreRecord.points))
    points: dict[tuple[str, str, int], Counter[str]] = {}
    for assessment, item, position, text, count in rows:
        points.setdefault((assessment, item, position), Counter())[text] += count
    order = sorted(points, key=lambda key: (key[0], key[2], key[1]))
    return [_describe_item(session, *key, points[key]) for key in order]


def _describe_item(session: Session, assessment: str, item: str, position: int, points: Counter[str]) -> ScoredItem:
    definition = session.scalars(
        select(MarkingWorkRecord.definition).where(MarkingWorkRecord.assessment == assessment).limit(1)).one()
    described = next(one for one in definition["positions"] if one["number"] == position)
    answers, highest = points.total(), Decimal(described["points"])
    whole = sum(Decimal(text) * count for text, count in points.items())
    corrections = session.scalar(select(func.count()).select_from(CorrectionRecord).where(
        CorrectionRecord.assessment == assessment, CorrectionRecord.item == item, CorrectionRecord.state == "applied"))
    return ScoredItem(assessment, definition["title"], item, position, described["title"], highest, answers,
                      float(whole / (highest * answers)) if highest else 0.0, corrections or 0)


def find_scored_item(session: Session, assessment: str, item: str) -> ScoredItem:
    """Raises NotFound."""
    for one in list_scored_items(session):
        if (one.assessment, one.item) == (assessment, item):
            return one
    raise NotFound()


def list_scored_answers(session: Session, assessment: str, item: str) -> list[ScoredAnswer]:
    """Every stored answer to an item of an assessment, whoever's school."""
    rows = session.execute(
        select(MachineScoreRecord, MarkingAttemptRecord.archive)
        .join(MarkingAttemptRecord, MarkingAttemptRecord.attempt == MachineScoreRecord.attempt)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAttemptRecord.archive)
        .where(MarkingWorkRecord.assessment == assessment, MachineScoreRecord.item == item)
        .order_by(MachineScoreRecord.id))
    return [ScoredAnswer(row.attempt, archive, row.position, row.responses, row.points, row.outcomes)
            for row, archive in rows]


def count_given_answers(answers: list[ScoredAnswer]) -> list[GivenAnswer]:
    """Equal answers together, the most frequent first: where a key is wrong, this table shows it."""
    counted = Counter((json.dumps(dict(one.responses), sort_keys=True, ensure_ascii=False), one.points)
                      for one in answers)
    return [GivenAnswer(json.loads(text), points, count) for (text, points), count in counted.most_common()]


def list_archives(session: Session, assessment: str) -> list[str]:
    """Materials archives of the works of an assessment."""
    return list(session.scalars(select(MarkingWorkRecord.archive).where(MarkingWorkRecord.assessment == assessment)
                                .order_by(MarkingWorkRecord.archive)))


def find_correction(session: Session, correction: str) -> Correction:
    """Raises NotFound."""
    row = session.get(CorrectionRecord, correction)
    if row is None:
        raise NotFound()
    return _describe(row)


def list_corrections(session: Session, assessment: str | None = None) -> list[Correction]:
    """Corrections, the newest first."""
    query = select(CorrectionRecord).order_by(CorrectionRecord.drafted_at_ms.desc(), CorrectionRecord.id)
    if assessment is not None:
        query = query.where(CorrectionRecord.assessment == assessment)
    return [_describe(row) for row in session.scalars(query)]


def list_applied(session: Session, assessment: str) -> dict[str, Correction]:
    """Item → the correction that holds now."""
    rows = session.scalars(
        select(CorrectionRecord)
        .where(CorrectionRecord.assessment == assessment, CorrectionRecord.state == "applied")
        .order_by(CorrectionRecord.applied_at_ms, CorrectionRecord.drafted_at_ms))
    return {row.item: _describe(row) for row in rows}


def list_rescores(session: Session, attempts: list[str]) -> list[RescoreRecord]:
    """Every rescore of these attempts, in the order they happened."""
    return list(session.scalars(select(RescoreRecord).where(RescoreRecord.attempt.in_(attempts))
                                .order_by(RescoreRecord.id)))


def _describe(row: CorrectionRecord) -> Correction:
    return Correction(row.id, row.assessment, row.item, row.xml, row.sha256, row.reason, row.by, row.drafted_at_ms,
                      row.state, row.applied_at_ms, row.answers, row.changed)
