"""Taking, saving, undoing, referring: each one verb, one transaction, one audit line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.foundation.audit import append_audit
from testing_server.marking.review.records import (
    AssignmentRecord, MarkEventRecord, MarkingAnswerRecord, MarkingWorkRecord)
from testing_server.marking.review.rules import (
    LEASE_MS, LONGEST_COMMENT, NothingToMark, QueuedAnswer, RoundClosed, TakenByOther, check_marks, check_reason,
    choose_next)


@dataclass(frozen=True)
class Marks:
    """What an expert gives: points per criterion, a comment, milliseconds of the recording per criterion."""

    points: Mapping[str, int]
    comment: str = ""
    moments: Mapping[str, int] = field(default_factory=dict)


def take_next(session: Session, now_ms: int, expert: str) -> str:
    """The assignment this expert marks now: the one already on the desk, or the next of the queue.

    A lease lasts 20 minutes; an answer left longer goes back. Raises NothingToMark.
    """
    return_overdue(session, now_ms)
    held = session.scalar(_held_by(expert).limit(1))
    if held is not None:
        held.taken_until_ms = now_ms + LEASE_MS
        return held.id
    while (chosen := choose_next(_list_queued(session), _list_seen(session, expert))) is not None:
        row = session.get_one(AssignmentRecord, chosen.assignment, with_for_update=True, populate_existing=True)
        # another process may have taken it between the look and the lock
        if row.state == "queued":
            _give(session, now_ms, row, expert)
            return row.id
    raise NothingToMark()


def return_overdue(session: Session, now_ms: int) -> int:
    """Answers whose lease is over go back to the queue; returns how many."""
    done = session.execute(
        update(AssignmentRecord)
        .where(AssignmentRecord.state.in_(("taken", "undone")), AssignmentRecord.taken_until_ms < now_ms)
        .values(state="queued", expert=None, version=AssignmentRecord.version + 1))
    return int(getattr(done, "rowcount", 0))


def save_marks(session: Session, now_ms: int, expert: str, assignment: str, version: int, marks: Marks) -> int:
    """Keeps the marks as an event and moves on; returns the new version.

    Raises TakenByOther (lease lost or another version), RoundClosed, PointsOutOfRange.
    """
    row, work, answer = _load_own(session, now_ms, expert, assignment, version)
    points = check_marks(work.definition["criteria"][answer.criteria], marks.points)
    _move(row, "saved")
    _add_event(session, now_ms, row, "saved", expert, points, marks)
    _note_act(session, now_ms, row, expert, "marks_saved", {"points": points})
    return row.version


def undo_marks(session: Session, now_ms: int, expert: str, assignment: str) -> int:
    """Takes the expert's own last marks back and puts the answer on the desk again, until the round closes."""
    row = _get_row(session, assignment)
    work, _ = _load_work(session, row)
    if row.expert != expert or row.state != "saved":
        raise TakenByOther()
    if work.state != "open":
        raise RoundClosed()
    _move(row, "undone")
    row.taken_until_ms = now_ms + LEASE_MS
    _add_event(session, now_ms, row, "undone", expert, {}, Marks({}))
    _note_act(session, now_ms, row, expert, "marks_undone")
    return row.version


def refer_answer(session: Session, now_ms: int, expert: str, assignment: str, version: int, reason: str) -> None:
    """Hands an answer that cannot be marked to the head of the commission, with the reason."""
    text = check_reason(reason)
    row, _, _ = _load_own(session, now_ms, expert, assignment, version)
    if row.state == "undone":
        # an answer called back is taken anew before it can be handed on
        _move(row, "queued")
        _move(row, "taken")
    _move(row, "referred")
    _add_event(session, now_ms, row, "referred", expert, {}, Marks({}, text))
    _note_act(session, now_ms, row, expert, "answer_referred", {"reason": text})


def return_answer(session: Session, now_ms: int, head: str, assignment: str) -> None:
    """The head gives a referred answer back to the queue. Raises TakenByOther when it waits no longer."""
    row = _get_row(session, assignment)
    if row.state != "referred":
        raise TakenByOther()
    _move(row, "queued")
    row.expert = None
    _add_event(session, now_ms, row, "returned", head, {}, Marks({}))
    _note_act(session, now_ms, row, head, "answer_returned")


def take_referred(session: Session, now_ms: int, head: str, assignment: str) -> None:
    """The head puts a referred answer on the own desk. Raises TakenByOther when it waits no longer."""
    return_answer(session, now_ms, head, assignment)
    _give(session, now_ms, _get_row(session, assignment), head)


def _give(session: Session, now_ms: int, row: AssignmentRecord, expert: str) -> None:
    _move(row, "taken")
    row.expert, row.taken_until_ms, row.version = expert, now_ms + LEASE_MS, row.version + 1
    _note_act(session, now_ms, row, expert, "answer_taken")


def _held_by(expert: str) -> Any:
    """What was put on the desk last comes first: an answer called back lies on top of the next one."""
    return (select(AssignmentRecord)
            .where(AssignmentRecord.expert == expert, AssignmentRecord.state.in_(("taken", "undone")))
            .order_by(AssignmentRecord.taken_until_ms.desc(), AssignmentRecord.state.desc(), AssignmentRecord.id))


def _list_queued(session: Session) -> list[QueuedAnswer]:
    rows = session.execute(
        select(AssignmentRecord.id, MarkingAnswerRecord.id, MarkingAnswerRecord.position)
        .join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
        .where(AssignmentRecord.state == "queued", MarkingWorkRecord.state == "open"))
    return [QueuedAnswer(assignment, answer, position, answer) for assignment, answer, position in rows]


def _list_seen(session: Session, expert: str) -> frozenset[str]:
    return frozenset(session.scalars(select(AssignmentRecord.answer).where(AssignmentRecord.expert == expert)))


def _note_act(session: Session, now_ms: int, row: AssignmentRecord, actor: str, verb: str,
              details: dict[str, Any] | None = None) -> None:
    """One audit line in the chain of the answer's school."""
    work, _ = _load_work(session, row)
    append_audit(session, now_ms, f"school:{work.school}", actor, verb, row.id, details)


def _get_row(session: Session, assignment: str) -> AssignmentRecord:
    row = session.get(AssignmentRecord, assignment, with_for_update=True)
    if row is None:
        raise TakenByOther()
    return row


def _load_work(session: Session, row: AssignmentRecord) -> tuple[MarkingWorkRecord, MarkingAnswerRecord]:
    answer = session.get_one(MarkingAnswerRecord, row.answer)
    return session.get_one(MarkingWorkRecord, answer.archive), answer


def _load_own(session: Session, now_ms: int, expert: str, assignment: str,
              version: int) -> tuple[AssignmentRecord, MarkingWorkRecord, MarkingAnswerRecord]:
    row = _get_row(session, assignment)
    if row.state == "queued" and row.version == version + 1:
        # its time ran out, but nobody has taken it since: the work done on it is not lost
        _give(session, now_ms, row, expert)
        version = row.version
    if row.expert != expert or row.version != version or row.state not in ("taken", "undone"):
        raise TakenByOther()
    work, answer = _load_work(session, row)
    if work.state != "open":
        raise RoundClosed()
    return row, work, answer


def _move(row: AssignmentRecord, wanted: str) -> None:
    check_move("marking_assignment", row.state, wanted)
    row.state = wanted


def _add_event(session: Session, now_ms: int, row: AssignmentRecord, kind: str, expert: str,
               points: dict[str, int], marks: Marks) -> None:
    last = session.scalar(select(func.max(MarkEventRecord.number)).where(MarkEventRecord.assignment == row.id))
    row.version += 1
    session.add(MarkEventRecord(
        assignment=row.id, number=(last or 0) + 1, kind=kind, expert=expert, at_ms=now_ms, points=points,
        comment=marks.comment.strip()[:LONGEST_COMMENT], moments=dict(marks.moments)))
    session.flush()
