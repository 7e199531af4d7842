"""Taking, saving, undoing, referring: each one verb, one transaction, one audit line."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.foundation.audit import append_audit
from testing_server.marking.commission.queries import list_lots, read_desk
from testing_server.marking.commission.rules import explain_refusal, list_open_lots, name_day
from testing_server.marking.referrals.actions import close_referrals, open_referral
from testing_server.marking.review.claiming import claim_from, find_own_school
from testing_server.marking.review.records import (
    AssignmentRecord, ExpertRecord, MarkEventRecord, MarkingAnswerRecord, MarkingWorkRecord)
from testing_server.marking.review.rules import (
    LEASE_MS, LONGEST_COMMENT, MarksInUse, NothingToMark, RoundClosed, TakenByOther, check_asked)
from testing_server.marking.review.thirds import drop_third, settle_answer
from testing_server.marking.standardisation.copies import give_standard
from testing_server.marking.standardisation.judging import judge_saved

# as many answers as one desk may hold: the one being marked and the one that is loaded meanwhile
MOST_HELD = 2


@dataclass(frozen=True)
class Marks:
    """What an expert gives: points per criterion, a comment, where in which recording each criterion was decided.

    `notes`: remarks tied to a place, in the form of MarkEventRecord.notes.
    """

    points: Mapping[str, int]
    comment: str = ""
    moments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: Sequence[Mapping[str, Any]] = ()


def take_next(session: Session, now_ms: int, expert: str, chance: random.Random | None = None) -> str:
    """The assignment this expert marks now: the one already on the desk, or the next of the queue.

    A lease lasts 20 minutes; an answer left longer goes back. Raises NothingToMark, or of commission/rules.py what
    keeps this expert from marking.
    """
    return_overdue(session, now_ms)
    person = _lock_expert(session, expert)
    held = session.scalar(_held_by(expert).limit(1))
    if held is not None:
        held.taken_until_ms = now_ms + LEASE_MS
        return held.id
    return _take_another(session, now_ms, person, chance or random.SystemRandom())


def take_ahead(session: Session, now_ms: int, expert: str, chance: random.Random | None = None) -> str:
    """The answer after the one on the desk, reserved while that one is marked, so that its sound is there at once.

    Raises as `take_next`.
    """
    return_overdue(session, now_ms)
    person = _lock_expert(session, expert)
    held = list(session.scalars(_held_by(expert).limit(MOST_HELD)))
    if len(held) == MOST_HELD:
        return held[1].id
    taken = _take_another(session, now_ms, person, chance or random.SystemRandom())
    if held:
        # within one millisecond too the answer on the desk stays the first
        row = session.get_one(AssignmentRecord, taken, populate_existing=True)
        row.taken_at_ms = max(now_ms, held[0].taken_at_ms + 1)
    return taken


def touch_held(session: Session, now_ms: int, expert: str) -> int:
    """Somebody works at this desk: what it holds stays for another lease. Returns how many answers."""
    held = list(session.scalars(_held_by(expert)))
    for row in held:
        if row.kit is None:
            row.taken_until_ms = now_ms + LEASE_MS
    return len(held)


def _take_another(session: Session, now_ms: int, person: ExpertRecord, chance: random.Random) -> str:
    marked_today = person.marked if person.day == name_day(now_ms) else 0
    desk, lots = read_desk(session, person.login, marked_today), list_lots(session)
    open_lots = list_open_lots(desk, lots, now_ms, person.lot)
    copy = give_standard(session, now_ms, desk, person, open_lots)
    if copy is not None:
        return _note_taken(session, now_ms, person, copy)
    for lot in open_lots:
        claimed = claim_from(session, now_ms, person.login, lot, find_own_school(desk, lot.subject), chance)
        if claimed is not None:
            person.lot, person.given = lot.id, person.given + 1
            return _note_taken(session, now_ms, person, claimed)
    refusal = explain_refusal(desk, now_ms)
    raise refusal if refusal is not None else NothingToMark()


def _note_taken(session: Session, now_ms: int, person: ExpertRecord, assignment: str) -> str:
    school = session.scalar(select(AssignmentRecord.school).where(AssignmentRecord.id == assignment))
    append_audit(session, now_ms, f"school:{school}", person.login, "answer_taken", assignment)
    return assignment


def _lock_expert(session: Session, expert: str) -> ExpertRecord:
    """The expert's row, held until the end of the transaction: two windows of one desk wait for each other."""
    row = session.get(ExpertRecord, expert, with_for_update=True)
    if row is None:
        row = ExpertRecord(login=expert, given=0, day="", marked=0)
        session.add(row)
        session.flush()
    return row


def return_overdue(session: Session, now_ms: int) -> int:
    """Answers whose lease is over go back to the queue, out of a kit too; returns how many."""
    done = session.execute(
        update(AssignmentRecord)
        .where(AssignmentRecord.state.in_(("taken", "undone")), AssignmentRecord.taken_until_ms < now_ms)
        .values(state="queued", expert=None, kit=None, version=AssignmentRecord.version + 1))
    return int(getattr(done, "rowcount", 0))


def save_marks(session: Session, now_ms: int, expert: str, assignment: str, version: int, marks: Marks) -> int:
    """Keeps the marks as an event, orders a third marking where two differ, and moves on; returns the new version.

    Raises TakenByOther (lease lost or another version), RoundClosed, PointsOutOfRange.
    """
    row, work, answer = _load_own(session, now_ms, expert, assignment, version)
    points = check_asked(work.definition["criteria"][answer.criteria], marks.points, row.asked)
    is_first = row.state == "taken"
    _move(row, "saved")
    _add_event(session, now_ms, row, "saved", expert, points, marks)
    if is_first:
        _count_marked(session, now_ms, expert)
    if row.copy:
        judge_saved(session, now_ms, row, points)
    else:
        settle_answer(session, work, answer)
    append_audit(session, now_ms, f"school:{work.school}", expert, "marks_saved", row.id, {"points": points})
    return row.version


def _count_marked(session: Session, now_ms: int, expert: str) -> None:
    person, day = _lock_expert(session, expert), name_day(now_ms)
    person.marked = person.marked + 1 if person.day == day else 1
    person.day = day


def undo_marks(session: Session, now_ms: int, expert: str, assignment: str) -> int:
    """Takes the expert's own last marks back and puts the answer on the desk again, until the round closes.

    Raises TakenByOther, RoundClosed, MarksInUse.
    """
    row = _get_row(session, assignment)
    work, _ = _load_work(session, row)
    if row.expert != expert or row.state != "saved":
        raise TakenByOther()
    if work.state != "open":
        raise RoundClosed()
    if row.copy or not drop_third(session, row):
        raise MarksInUse()
    _move(row, "undone")
    # a kit that brought these marks is merged: the answer lies on the desk now
    row.kit = None
    row.taken_at_ms, row.taken_until_ms = now_ms, now_ms + LEASE_MS
    _add_event(session, now_ms, row, "undone", expert, {}, Marks({}))
    _note_act(session, now_ms, row, expert, "marks_undone")
    return row.version


def refer_answer(session: Session, now_ms: int, expert: str, assignment: str, version: int, reason: str,
                 kind: str = "other") -> None:
    """Hands an answer that cannot be marked to the head of the commission. `kind`: one of referrals/rules.py.

    Raises ReasonMissing (a kind that needs words has none), UnknownKind, and as `save_marks`.
    """
    row, _, _ = _load_own(session, now_ms, expert, assignment, version)
    text = open_referral(session, now_ms, row.id, expert, kind, reason)
    if row.state == "undone":
        # an answer called back is taken anew before it can be handed on
        _move(row, "queued")
        _move(row, "taken")
    _move(row, "referred")
    _add_event(session, now_ms, row, "referred", expert, {}, Marks({}, text))
    _note_act(session, now_ms, row, expert, "answer_referred", {"kind": kind, "reason": text})


def return_answer(session: Session, now_ms: int, head: str, assignment: str) -> None:
    """The head gives a referred answer back to the queue. Raises TakenByOther when it waits no longer."""
    row = _get_row(session, assignment)
    if row.state != "referred":
        raise TakenByOther()
    _move(row, "queued")
    row.expert = row.kit = None
    close_referrals(session, now_ms, head, row.id, "queue")
    _add_event(session, now_ms, row, "returned", head, {}, Marks({}))
    _note_act(session, now_ms, row, head, "answer_returned")


def take_referred(session: Session, now_ms: int, head: str, assignment: str) -> None:
    """The head puts a referred answer on the own desk. Raises TakenByOther when it waits no longer.

    An expert's own copy of a standard answer says something about that expert only: it is not taken over.
    """
    if _get_row(session, assignment).copy:
        raise TakenByOther()
    return_answer(session, now_ms, head, assignment)
    _give(session, now_ms, _get_row(session, assignment), head)


def _give(session: Session, now_ms: int, row: AssignmentRecord, expert: str) -> None:
    _move(row, "taken")
    row.expert, row.version = expert, row.version + 1
    row.taken_at_ms, row.taken_until_ms = now_ms, now_ms + LEASE_MS
    _note_act(session, now_ms, row, expert, "answer_taken")


def _held_by(expert: str) -> Any:
    """An answer called back lies on top; otherwise what was taken first comes first. Kits lie elsewhere."""
    return (select(AssignmentRecord)
            .where(AssignmentRecord.expert == expert, AssignmentRecord.state.in_(("taken", "undone")),
                   AssignmentRecord.kit.is_(None))
            .order_by(AssignmentRecord.state.desc(), AssignmentRecord.taken_at_ms, AssignmentRecord.id))


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
        comment=marks.comment.strip()[:LONGEST_COMMENT], moments=dict(marks.moments),
        notes=[dict(note) for note in marks.notes]))
    session.flush()
