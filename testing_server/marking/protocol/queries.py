"""Points as they stand now, and protocols as they were frozen. Takes a session, gives dataclasses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from task_bank.scoring import mark_for
from testing_server.contracts.statements import read_unverified
from testing_server.foundation.refusals import NotFound
from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import limit_works
from testing_server.marking.protocol.records import ProtocolRecord
from testing_server.marking.protocol.rules import AttemptPoints, PositionPoints, join_position, show_points, sum_points
from testing_server.marking.review.records import (
    AssignmentRecord, MachineScoreRecord, MarkingAnswerRecord, MarkingAttemptRecord, MarkingWorkRecord)
from testing_server.marking.review.settling import Final
from testing_server.marking.review.thirds import read_finals

UNDONE_STATES = ("queued", "taken", "undone", "referred", "remark")


@dataclass(frozen=True)
class WorkProgress:
    """One school's work: how much is marked. `title`: {"ru", "en"}; `state`: open, frozen (signed), corrected (points
    changed since the signature)."""

    archive: str
    school: str
    campaign: str
    assessment: str
    title: dict[str, str]
    attempts: int
    answers: int
    marked: int
    state: str
    frozen_at_ms: int | None


@dataclass(frozen=True)
class FrozenProtocol:
    """The signed protocol: `envelope` bytes as signed, `payload` read from them."""

    archive: str
    version: int
    envelope: bytes
    sha256: str
    head: str
    frozen_at_ms: int
    payload: dict[str, Any]


def list_works(session: Session, school: str | None = None) -> list[WorkProgress]:
    """Works under marking, of one school where named."""
    query = select(MarkingWorkRecord).order_by(MarkingWorkRecord.opened_at_ms, MarkingWorkRecord.archive)
    if school is not None:
        query = query.where(MarkingWorkRecord.school == school)
    return [_describe_work(session, work) for work in session.scalars(query)]


def list_led_works(session: Session, bounds: Bounds) -> list[WorkProgress]:
    """Works under marking that this head leads."""
    rows = session.scalars(select(MarkingWorkRecord).where(limit_works(bounds)).order_by(
        MarkingWorkRecord.opened_at_ms, MarkingWorkRecord.archive))
    return [_describe_work(session, work) for work in rows]


def find_led_work(session: Session, archive: str, bounds: Bounds) -> WorkProgress:
    """Raises NotFound, also for a work that another leads."""
    work = session.get(MarkingWorkRecord, archive)
    if work is None or not bounds.hold(work.region, work.subject):
        raise NotFound()
    return _describe_work(session, work)


def _describe_work(session: Session, work: MarkingWorkRecord) -> WorkProgress:
    attempts = session.scalar(select(func.count()).select_from(MarkingAttemptRecord)
                              .where(MarkingAttemptRecord.archive == work.archive)) or 0
    states = [state for state, in session.execute(_assignments_of(work.archive))]
    frozen_at_ms = session.scalar(select(func.max(ProtocolRecord.frozen_at_ms))
                                  .where(ProtocolRecord.archive == work.archive))
    return WorkProgress(
        work.archive, work.school, work.campaign, work.assessment, work.definition["title"], attempts, len(states),
        sum(state not in UNDONE_STATES for state in states), work.state, frozen_at_ms)


def _assignments_of(archive: str) -> Any:
    return (select(AssignmentRecord.state).join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
            .where(MarkingAnswerRecord.archive == archive, AssignmentRecord.copy == ""))


def read_definition(session: Session, archive: str) -> dict[str, Any]:
    """The assessment's data as the criteria archive gave it."""
    return session.get_one(MarkingWorkRecord, archive).definition


def compute_points(session: Session, archive: str) -> list[AttemptPoints]:
    """Every attempt's points now, by code. Raises NotAllMarked."""
    work = session.get_one(MarkingWorkRecord, archive)
    rows = session.scalars(select(MarkingAttemptRecord).where(MarkingAttemptRecord.archive == archive)
                           .order_by(MarkingAttemptRecord.code, MarkingAttemptRecord.attempt))
    finals = _read_finals(session, archive)
    return [_compute_attempt(session, work.definition, row, finals.get(row.attempt, {})) for row in rows]


def _read_finals(session: Session, archive: str) -> dict[str, dict[int, Final]]:
    """Attempt → position → final points of an answer that people marked."""
    finals, found = read_finals(session, archive), dict[str, dict[int, Final]]()
    places = session.execute(select(MarkingAnswerRecord.id, MarkingAnswerRecord.attempt, MarkingAnswerRecord.position)
                             .where(MarkingAnswerRecord.archive == archive))
    for answer, attempt, position in places:
        if answer in finals:
            found.setdefault(attempt, {})[position] = finals[answer]
    return found


def _compute_attempt(session: Session, definition: dict[str, Any], row: MarkingAttemptRecord,
                     finals: dict[int, Final]) -> AttemptPoints:
    machine = {score.position: score.points for score in session.scalars(
        select(MachineScoreRecord).where(MachineScoreRecord.attempt == row.attempt))}
    positions: list[PositionPoints] = [
        join_position(definition, position["number"], machine.get(position["number"]), finals.get(position["number"]),
                      row.answered.get(str(position["number"])) == "answered")
        for position in definition["positions"]]
    raw = sum_points(positions)
    return AttemptPoints(row.attempt, row.code, row.variant, row.package, positions, show_points(raw),
                         mark_for(definition["scale"], raw))


def find_protocol(session: Session, archive: str) -> FrozenProtocol | None:
    """The newest signed protocol of a work, None before the first signature."""
    return next(iter(list_protocols(session, archive)), None)


def list_protocols(session: Session, archive: str) -> list[FrozenProtocol]:
    """Every signed version of a work's protocol, the one that holds first."""
    rows = session.scalars(select(ProtocolRecord).where(ProtocolRecord.archive == archive)
                           .order_by(ProtocolRecord.version.desc()))
    return [FrozenProtocol(archive, row.version, row.envelope, row.sha256, row.head, row.frozen_at_ms,
                           json.loads(read_unverified(row.envelope).payload)) for row in rows]
