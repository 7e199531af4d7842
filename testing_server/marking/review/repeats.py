"""The same act sent twice. A desk whose line broke cannot know whether its marks arrived, so it sends them again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.review.actions import Marks, refer_answer, save_marks, undo_marks
from testing_server.marking.review.records import AssignmentRecord, MarkEventRecord


def save_once(session: Session, now_ms: int, expert: str, assignment: str, version: int, marks: Marks) -> int:
    """`save_marks`, or nothing where these very marks are kept already; the version either way."""
    row = _find_done(session, expert, assignment, version, "saved")
    if row is not None and _read_last(session, assignment).points == dict(marks.points):
        return row.version
    return save_marks(session, now_ms, expert, assignment, version, marks)


def refer_once(session: Session, now_ms: int, expert: str, assignment: str, version: int, reason: str,
               kind: str) -> None:
    """`refer_answer`, or nothing where it is referred already."""
    if _find_done(session, expert, assignment, version, "referred") is None:
        refer_answer(session, now_ms, expert, assignment, version, reason, kind)


def undo_once(session: Session, now_ms: int, expert: str, assignment: str) -> None:
    """`undo_marks`, or nothing where the answer lies on the expert's desk again already."""
    row = session.get(AssignmentRecord, assignment)
    if row is None or row.expert != expert or row.state != "undone":
        undo_marks(session, now_ms, expert, assignment)


def _find_done(session: Session, expert: str, assignment: str, version: int, state: str) -> AssignmentRecord | None:
    """The row where this expert's act on this version has just brought it into `state`."""
    row = session.get(AssignmentRecord, assignment)
    fits = row is not None and (row.expert, row.version, row.state) == (expert, version + 1, state)
    return row if fits else None


def _read_last(session: Session, assignment: str) -> MarkEventRecord:
    return session.scalars(select(MarkEventRecord).where(MarkEventRecord.assignment == assignment)
                           .order_by(MarkEventRecord.number.desc()).limit(1)).one()
