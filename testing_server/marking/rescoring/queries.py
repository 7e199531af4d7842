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
from testing_server.marking.commission.bounds import ALL_SUBJECTS, Bounds
from testing_server.marking.commission.queries import limit_works
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
    """A corrected key: who, why, when, and how many answers it moved. `region`: whose answers, empty for everybody's.
    """

    id: str
    assessment: str
    item: str
    region: str
    xml: bytes
    sha256: str
    reason: str
    by: str
    drafted_at_ms: int
    state: str
    applied_at_ms: int | None
    answers: int
    changed: int


def limit_to_region(region: str) -> Bounds:
    """What a correction scores again: answers of its region, or of every one."""
    return Bounds(region, frozenset({ALL_SUBJECTS}))


def list_scored_items(session: Session, bounds: Bounds) -> list[ScoredItem]:
    """Items that the machine scored in works of open criteria that a head leads, in the order of their positions."""
    rows = session.execute(
        select(MarkingWorkRecord.assessment, MachineScoreRecord.item, MachineScoreRecord.position,
               MachineScoreRecord.points, func.count())
        .join(MarkingAttemptRecord, MarkingAttemptRecord.attempt == MachineScoreRecord.attempt)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAttemptRecord.archive).where(limit_works(bounds))
        .group_by(MarkingWorkRecord.assessment, MachineScoreRecord.item, MachineScoreRecord.position,
                  MachineScoreRecord.points))
    points: dict[tuple[str, str, int], Counter[str]] = {}
    for assessment, item, position, text, count in rows:
        points.setdefault((assessment, item, position), Counter())[text] += count
    order = sorted(points, key=lambda key: (key[0], key[2], key[1]))
    return [_describe_item(session, bounds.region, *key, points[key]) for key in order]


def _describe_item(session: Session, region: str, assessment: str, item: str, position: int,
                   points: Counter[str]) -> ScoredItem:
    definition = session.scalars(
        select(MarkingWorkRecord.definition).where(MarkingWorkRecord.assessment == assessment).limit(1)).one()
    described = next(one for one in definition["positions"] if one["number"] == position)
    answers, highest = points.total(), Decimal(described["points"])
    whole = sum(Decimal(text) * count for text, count in points.items())
    corrections = session.scalar(select(func.count()).select_from(CorrectionRecord).where(
        CorrectionRecord.assessment == assessment, CorrectionRecord.item == item, CorrectionRecord.state == "applied",
        CorrectionRecord.region.in_(("", region))))
    return ScoredItem(assessment, definition["title"], item, position, described["title"], highest, answers,
                      float(whole / (highest * answers)) if highest else 0.0, corrections or 0)


def find_scored_item(session: Session, assessment: str, item: str, bounds: Bounds) -> ScoredItem:
    """Raises NotFound, also for an item of works that others lead."""
    for one in list_scored_items(session, bounds):
        if (one.assessment, one.item) == (assessment, item):
            return one
    raise NotFound()


def list_scored_answers(session: Session, assessment: str, item: str, bounds: Bounds) -> list[ScoredAnswer]:
    """Every stored answer to an item of an assessment in works that a head leads."""
    rows = session.execute(
        select(MachineScoreRecord, MarkingAttemptRecord.archive)
        .join(MarkingAttemptRecord, MarkingAttemptRecord.attempt == MachineScoreRecord.attempt)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAttemptRecord.archive)
        .where(MarkingWorkRecord.assessment == assessment, MachineScoreRecord.item == item, limit_works(bounds))
        .order_by(MachineScoreRecord.id))
    return [ScoredAnswer(row.attempt, archive, row.position, row.responses, row.points, row.outcomes)
            for row, archive in rows]


def count_given_answers(answers: list[ScoredAnswer]) -> list[GivenAnswer]:
    """Equal answers together, the most frequent first: where a key is wrong, this table shows it."""
    counted = Counter((json.dumps(dict(one.responses), sort_keys=True, ensure_ascii=False), one.points)
                      for one in answers)
    return [GivenAnswer(json.loads(text), points, count) for (text, points), count in counted.most_common()]


def list_archives(session: Session, assessment: str, bounds: Bounds) -> list[str]:
    """Materials archives of the works of an assessment that a head leads."""
    return list(session.scalars(
        select(MarkingWorkRecord.archive).where(MarkingWorkRecord.assessment == assessment, limit_works(bounds))
        .order_by(MarkingWorkRecord.archive)))


def find_correction(session: Session, correction: str) -> Correction:
    """Raises NotFound."""
    row = session.get(CorrectionRecord, correction)
    if row is None:
        raise NotFound()
    return _describe(row)


def find_own_correction(session: Session, correction: str, bounds: Bounds) -> Correction:
    """Raises NotFound, also for one that scores answers of others again."""
    found = find_correction(session, correction)
    if found not in list_corrections(session, bounds):
        raise NotFound()
    return found


def list_corrections(session: Session, bounds: Bounds) -> list[Correction]:
    """Those that touch nothing but what a head leads, the newest first."""
    led = select(MarkingWorkRecord.assessment).where(limit_works(bounds))
    query = select(CorrectionRecord).where(CorrectionRecord.assessment.in_(led))
    if bounds.region:
        query = query.where(CorrectionRecord.region == bounds.region)
    return [_describe(row) for row in session.scalars(
        query.order_by(CorrectionRecord.drafted_at_ms.desc(), CorrectionRecord.id))]


def list_applied(session: Session, assessment: str, region: str) -> dict[str, Correction]:
    """Item → the correction that holds now in a region; of every region alike where that is empty."""
    rows = session.scalars(
        select(CorrectionRecord)
        .where(CorrectionRecord.assessment == assessment, CorrectionRecord.state == "applied",
               CorrectionRecord.region.in_(("", region)))
        .order_by(CorrectionRecord.applied_at_ms, CorrectionRecord.drafted_at_ms))
    return {row.item: _describe(row) for row in rows}


def list_rescores(session: Session, attempts: list[str]) -> list[RescoreRecord]:
    """Every rescore of these attempts, in the order they happened."""
    return list(session.scalars(select(RescoreRecord).where(RescoreRecord.attempt.in_(attempts))
                                .order_by(RescoreRecord.id)))


def _describe(row: CorrectionRecord) -> Correction:
    return Correction(row.id, row.assessment, row.item, row.region, row.xml, row.sha256, row.reason, row.by,
                      row.drafted_at_ms, row.state, row.applied_at_ms, row.answers, row.changed)
