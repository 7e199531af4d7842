"""After each saved mark: whether the answer is settled, or waits for a third expert, and what its points come to."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.marking.review.claiming import DRAWS
from testing_server.marking.review.records import (
    AssignmentRecord, DecisionRecord, LotRecord, MarkEventRecord, MarkingAnswerRecord, MarkingWorkRecord)
from testing_server.marking.review.settling import (
    THIRD, Final, MarkingRules, decide_final, list_differences, read_rules)

STANDING = ("saved", "closed")
# a third marking nobody works at: it waits, or it was not needed any more
WAITING = ("queued", "closed")


def rules_of(work: MarkingWorkRecord) -> MarkingRules:
    """The rules the work was opened with; of works opened before there were rules only the rounds are known."""
    return read_rules(work.rules) if work.rules else MarkingRules(rounds=work.rounds)


def settle_answer(session: Session, work: MarkingWorkRecord, answer: MarkingAnswerRecord) -> None:
    """Orders, changes or drops the third marking after marks were saved; one that is begun is left alone."""
    rules = rules_of(work)
    if rules.rounds < 2 or not rules.third_from:
        return
    rows = {row.round: row for row in session.scalars(_select_live(answer.id))}
    pair = [rows[number] for number in (1, 2) if number in rows and rows[number].state == "saved"]
    if len(pair) < 2:
        return
    first, second = (_last_points(session, row.id) for row in pair)
    asked = list_differences(rules, work.definition["criteria"][answer.criteria], first, second)
    third = rows.get(THIRD)
    if third is None and asked:
        session.add(_order_third(session, work, answer, asked, rules))
    elif third is not None and third.state not in WAITING:
        _widen_third(third, asked)
    elif third is not None and asked:
        third.state, third.expert, third.asked, third.version = "queued", None, asked, third.version + 1
    elif third is not None:
        _retire_third(session, third)
    session.flush()


def _retire_third(session: Session, third: AssignmentRecord) -> None:
    """It is not needed any more: as if it had never been, or closed where somebody has done something with it."""
    if session.scalar(select(MarkEventRecord.id).where(MarkEventRecord.assignment == third.id).limit(1)) is None:
        session.delete(third)
    else:
        third.state, third.version = "closed", third.version + 1


def _widen_third(third: AssignmentRecord, asked: list[str]) -> None:
    """Marks given anew differ where the third expert was not asked: the whole third marking is given anew."""
    known = third.asked or []
    if third.state == "saved" and not set(asked) <= set(known):
        check_move("marking_assignment", third.state, "remark")
        third.state, third.expert, third.version = "queued", None, third.version + 1
        third.asked = [*known, *(name for name in asked if name not in known)]


def drop_third(session: Session, row: AssignmentRecord) -> bool:
    """Marks of this row are taken back: a third marking nobody has begun is not needed yet. False when one is begun."""
    if row.round == THIRD:
        return True
    third = session.scalar(_select_live(row.answer).where(AssignmentRecord.round == THIRD))
    if third is not None and third.state not in WAITING:
        return False
    if third is not None:
        _retire_third(session, third)
        session.flush()
    return True


def _order_third(session: Session, work: MarkingWorkRecord, answer: MarkingAnswerRecord, asked: list[str],
                 rules: MarkingRules) -> AssignmentRecord:
    lot = obtain_lot(session, work, answer.position, _region_of(session, answer.id), rules, is_third=True)
    return AssignmentRecord(id=str(uuid.uuid4()), answer=answer.id, round=THIRD, state="queued", lot=lot,
                            draw=secrets.randbelow(DRAWS), school=work.school, asked=asked, barred=[])


def _region_of(session: Session, answer: str) -> str:
    return session.scalar(select(LotRecord.region).join(AssignmentRecord, AssignmentRecord.lot == LotRecord.id)
                          .where(AssignmentRecord.answer == answer, AssignmentRecord.copy == "").limit(1)) or ""


def obtain_lot(session: Session, work: MarkingWorkRecord, position: int, region: str, rules: MarkingRules,
               is_third: bool = False) -> int:
    """The lot of a position, made where there is none."""
    key = {"campaign": work.campaign, "assessment": work.assessment, "position": position, "region": region,
           "is_third": is_third}
    row = session.scalar(select(LotRecord).filter_by(**key))
    if row is None:
        takers = "any" if not is_third else "head" if rules.after_third == "head" else "lead"
        row = LotRecord(**key, subject=str(work.definition.get("subject", "")), takers=takers,
                        own_school=rules.own_school)
        session.add(row)
        session.flush()
    return row.id


def read_finals(session: Session, archive: str) -> dict[str, Final]:
    """Answer → final points, of every answer of a work that is settled; the others are not there."""
    work = session.get_one(MarkingWorkRecord, archive)
    answers = {row.id: row for row in session.scalars(
        select(MarkingAnswerRecord).where(MarkingAnswerRecord.archive == archive))}
    marks = _read_marks(session, archive)
    decided = _read_decisions(session, archive)
    found = {}
    for answer, row in answers.items():
        criteria = work.definition["criteria"][row.criteria]
        final = _find_final(rules_of(work), criteria, marks.get(answer, {}), decided.get(answer))
        if final is not None:
            found[answer] = final
    return found


def _find_final(rules: MarkingRules, criteria: dict[str, Any], rounds: dict[int, dict[str, int] | None],
                decided: dict[str, int] | None) -> Final | None:
    """`rounds`: points by round, None for a round that is still open."""
    if decided is not None:
        return replace(decide_final(rules, criteria, [decided]), source="head")
    given = [points for number, points in sorted(rounds.items()) if number < THIRD]
    whole = [points for points in given if points is not None]
    if not given or len(whole) < len(given):
        return None
    needed = list_differences(rules, criteria, *whole) if THIRD in rounds else []
    if not needed:
        return decide_final(rules, criteria, whole)
    # where one of the two was marked anew since, the third counts only for what still differs
    third = rounds[THIRD]
    return decide_final(rules, criteria, whole, {name: third[name] for name in needed}) if third is not None else None


def _read_marks(session: Session, archive: str) -> dict[str, dict[int, dict[str, int] | None]]:
    rows = session.execute(
        select(AssignmentRecord.answer, AssignmentRecord.round, AssignmentRecord.state, MarkEventRecord.points)
        .join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .outerjoin(MarkEventRecord, (MarkEventRecord.assignment == AssignmentRecord.id)
                   & (MarkEventRecord.kind == "saved"))
        .where(MarkingAnswerRecord.archive == archive, AssignmentRecord.copy == "")
        .order_by(MarkEventRecord.number))
    found: dict[str, dict[int, dict[str, int] | None]] = {}
    for answer, number, state, points in rows:
        # of several saves the last one stands
        found.setdefault(answer, {})[number] = points if state in STANDING else None
    return found


def _read_decisions(session: Session, archive: str) -> dict[str, dict[str, int]]:
    rows = session.scalars(
        select(DecisionRecord).join(MarkingAnswerRecord, DecisionRecord.answer == MarkingAnswerRecord.id)
        .where(MarkingAnswerRecord.archive == archive).order_by(DecisionRecord.id))
    return {row.answer: row.points for row in rows}


def decide_answer(session: Session, now_ms: int, by: str, answer: str, points: dict[str, int], kind: str,
                  reason: str) -> None:
    """The head's points stand; whatever of the answer is not marked yet is closed."""
    session.add(DecisionRecord(answer=answer, kind=kind, points=points, reason=reason, by=by, at_ms=now_ms))
    _close_open(session.scalars(_select_live(answer)))
    session.flush()


def _close_open(rows: Iterable[AssignmentRecord]) -> None:
    for row in rows:
        if row.state not in STANDING:
            row.state, row.version = "closed", row.version + 1


def _select_live(answer: str) -> Any:
    return select(AssignmentRecord).where(AssignmentRecord.answer == answer, AssignmentRecord.copy == "")


def _last_points(session: Session, assignment: str) -> dict[str, int]:
    return session.scalars(
        select(MarkEventRecord.points).where(MarkEventRecord.assignment == assignment, MarkEventRecord.kind == "saved")
        .order_by(MarkEventRecord.number.desc()).limit(1)).one()
