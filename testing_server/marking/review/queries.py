"""Reading the desk: the queue, one answer, one's own figures. Nothing here tells school, code or name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import limit_works, list_seen_lots
from testing_server.marking.review.records import (
    AssignmentRecord, MarkEventRecord, MarkingAnswerRecord, MarkingPromptRecord, MarkingWorkRecord)
from testing_server.marking.review.settling import THIRD


@dataclass(frozen=True)
class OtherMarks:
    """What was marked in an earlier round, by whom is not told: only a third expert sees it."""

    round: int
    points: dict[str, int]
    comment: str
    moments: dict[str, dict[str, Any]]
    notes: list[dict[str, Any]]


@dataclass(frozen=True)
class DeskAnswer:
    """One answer on the desk. `title`: {"ru", "en"} of the position; `criteria`: as data, those this marking is about;
    `others`: the earlier rounds, where this is the third. `stage`: practice, qualification or live; a control answer
    says live too.
    """

    assignment: str
    version: int
    state: str
    archive: str
    assessment_title: dict[str, str]
    position: int
    title: dict[str, str]
    content_language: str
    prompt: dict[str, Any]
    guidance: str
    criteria: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    content: dict[str, Any]
    points: dict[str, int]
    comment: str
    moments: dict[str, dict[str, Any]]
    notes: list[dict[str, Any]]
    others: list[OtherMarks]
    stage: str


@dataclass(frozen=True)
class QueueCount:
    """How much of one position is left and done."""

    assessment_title: dict[str, str]
    position: int
    title: dict[str, str]
    queued: int
    taken: int
    saved: int
    referred: int


@dataclass(frozen=True)
class MarkedAnswer:
    """A line of the expert's own list, newest first."""

    assignment: str
    at_ms: int
    position: int
    title: dict[str, str]
    points: dict[str, int]
    can_undo: bool


def find_desk_answer(session: Session, assignment: str) -> DeskAnswer | None:
    """Everything one screen of the desk shows."""
    row = session.get(AssignmentRecord, assignment)
    if row is None:
        return None
    answer = session.get_one(MarkingAnswerRecord, row.answer)
    work = session.get_one(MarkingWorkRecord, answer.archive)
    prompt = session.get_one(MarkingPromptRecord, (answer.archive, answer.item))
    position = find_position(work.definition, answer.position)
    criteria = work.definition["criteria"][answer.criteria]
    last = _find_last_saved(session, assignment)
    if last is not None and last.expert != row.expert:
        # an answer that came back to the queue: nobody sees what another gave
        last = None
    return DeskAnswer(
        assignment=row.id, version=row.version, state=row.state, archive=answer.archive,
        assessment_title=work.definition["title"], position=answer.position, title=position["title"],
        content_language=work.definition.get("content_language", "ru"), prompt=prompt.content, guidance=prompt.guidance,
        criteria=[one for one in criteria["criteria"] if row.asked is None or one["id"] in row.asked],
        rules=criteria.get("rules", []), content=answer.content,
        points=last.points if last else {}, comment=last.comment if last else "",
        moments=last.moments if last else {}, notes=(last.notes or []) if last else [],
        others=_list_others(session, row) if row.round == THIRD else [],
        stage="live" if row.purpose == "control" else row.purpose)


def _list_others(session: Session, row: AssignmentRecord) -> list[OtherMarks]:
    rounds = session.scalars(select(AssignmentRecord).where(
        AssignmentRecord.answer == row.answer, AssignmentRecord.round < row.round, AssignmentRecord.copy == "")
        .order_by(AssignmentRecord.round))
    found = [(one.round, _find_last_saved(session, one.id)) for one in rounds]
    return [OtherMarks(number, last.points, last.comment, last.moments, last.notes or [])
            for number, last in found if last is not None]


def find_position(definition: dict[str, Any], number: int) -> dict[str, Any]:
    """The position of an assessment's definition by its number."""
    found: dict[str, Any] = next(one for one in definition["positions"] if one["number"] == number)
    return found


def _find_last_saved(session: Session, assignment: str) -> MarkEventRecord | None:
    return session.scalar(
        select(MarkEventRecord).where(MarkEventRecord.assignment == assignment, MarkEventRecord.kind == "saved")
        .order_by(MarkEventRecord.number.desc()).limit(1))


def count_queue(session: Session, expert: str) -> list[QueueCount]:
    """Positions this expert may mark, with how many answers wait, are on desks, are marked, are referred."""
    rows = session.execute(
        select(MarkingAnswerRecord.archive, MarkingAnswerRecord.position, AssignmentRecord.state, func.count())
        .join(AssignmentRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
        .where(MarkingWorkRecord.state == "open", AssignmentRecord.copy == "",
               AssignmentRecord.lot.in_(list_seen_lots(session, expert)))
        .group_by(MarkingAnswerRecord.archive, MarkingAnswerRecord.position, AssignmentRecord.state))
    counts: dict[tuple[str, int], dict[str, int]] = {}
    for archive, position, state, number in rows:
        counts.setdefault((archive, position), {})[state] = number
    merged = _merge_by_assessment(session, counts)
    return [merged[key] for key in sorted(merged)]


def _merge_by_assessment(session: Session, counts: dict[tuple[str, int], dict[str, int]]
                         ) -> dict[tuple[str, int], QueueCount]:
    """Schools are added up: an expert must not learn from which school an answer comes."""
    merged: dict[tuple[str, int], QueueCount] = {}
    for (archive, position), states in counts.items():
        work = session.get_one(MarkingWorkRecord, archive)
        key = (work.assessment, position)
        old = merged.get(key)
        merged[key] = QueueCount(
            work.definition["title"], position, find_position(work.definition, position)["title"],
            states.get("queued", 0) + (old.queued if old else 0),
            states.get("taken", 0) + states.get("undone", 0) + (old.taken if old else 0),
            states.get("saved", 0) + (old.saved if old else 0),
            states.get("referred", 0) + (old.referred if old else 0))
    return merged


def list_marked(session: Session, expert: str, limit: int = 50) -> list[MarkedAnswer]:
    """What this expert marked last."""
    rows = session.scalars(
        select(AssignmentRecord)
        .where(AssignmentRecord.expert == expert, AssignmentRecord.state.in_(("saved", "closed")))
        .order_by(AssignmentRecord.taken_at_ms.desc()).limit(limit))
    marked = []
    for row in rows:
        answer = session.get_one(MarkingAnswerRecord, row.answer)
        work = session.get_one(MarkingWorkRecord, answer.archive)
        last = _find_last_saved(session, row.id)
        if last is not None:
            title = find_position(work.definition, answer.position)["title"]
            marked.append(MarkedAnswer(row.id, last.at_ms, answer.position, title, last.points, row.state == "saved"))
    return sorted(marked, key=lambda line: -line.at_ms)


@dataclass(frozen=True)
class ReferredAnswer:
    """An answer handed to the head, with the reason."""

    assignment: str
    position: int
    title: dict[str, str]
    expert: str
    reason: str
    at_ms: int


def list_referred(session: Session, bounds: Bounds) -> list[ReferredAnswer]:
    """Answers that wait for a decision of this head."""
    found = []
    for row in session.scalars(
            select(AssignmentRecord).join(MarkingAnswerRecord, MarkingAnswerRecord.id == AssignmentRecord.answer)
            .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
            .where(AssignmentRecord.state == "referred", limit_works(bounds))):
        answer = session.get_one(MarkingAnswerRecord, row.answer)
        work = session.get_one(MarkingWorkRecord, answer.archive)
        event = session.scalars(
            select(MarkEventRecord).where(MarkEventRecord.assignment == row.id, MarkEventRecord.kind == "referred")
            .order_by(MarkEventRecord.number.desc()).limit(1)).one()
        found.append(ReferredAnswer(row.id, answer.position, find_position(work.definition, answer.position)["title"],
                                    event.expert, event.comment, event.at_ms))
    return sorted(found, key=lambda line: line.at_ms)


@dataclass(frozen=True)
class ExpertNote:
    """What an expert wrote to the head beside marks that stand."""

    position: int
    title: dict[str, str]
    expert: str
    text: str
    points: dict[str, int]


def list_notes(session: Session, bounds: Bounds) -> list[ExpertNote]:
    """Notes beside marks of this head's works that are still open, oldest first."""
    rows = session.execute(
        select(MarkEventRecord, MarkingAnswerRecord.position, MarkingWorkRecord)
        .join(AssignmentRecord, MarkEventRecord.assignment == AssignmentRecord.id)
        .join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .join(MarkingWorkRecord, MarkingWorkRecord.archive == MarkingAnswerRecord.archive)
        .where(MarkEventRecord.kind == "saved", MarkEventRecord.comment != "", AssignmentRecord.state == "saved",
               MarkingWorkRecord.state == "open", limit_works(bounds))
        .order_by(MarkEventRecord.id))
    return [ExpertNote(position, find_position(work.definition, position)["title"], event.expert, event.comment,
                       event.points)
            for event, position, work in rows if event is _find_last_saved(session, event.assignment)]


def count_marked(session: Session, expert: str) -> int:
    """How many markings of this expert stand."""
    return session.scalar(
        select(func.count()).select_from(AssignmentRecord)
        .where(AssignmentRecord.expert == expert, AssignmentRecord.state.in_(("saved", "closed")))) or 0


def may_see(session: Session, expert: str, archive: str) -> bool:
    """Whether an answer to a task of this archive is or was on this expert's desk."""
    return session.scalar(
        select(AssignmentRecord.id).join(MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .where(AssignmentRecord.expert == expert, MarkingAnswerRecord.archive == archive).limit(1)) is not None


def find_file_type(session: Session, expert: str, sha256: str) -> str | None:
    """Media type of a file of an answer that is or was on this expert's desk; None when there is no such file."""
    rows = session.scalars(
        select(MarkingAnswerRecord).join(AssignmentRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        .where(AssignmentRecord.expert == expert))
    types = [file["type"] for row in rows for file in row.content.get("files", []) if file["sha256"] == sha256]
    return str(types[0]) if types else None


def may_hear(session: Session, expert: str, sha256: str) -> bool:
    """Whether a recording belongs to an answer that is or was on this expert's desk."""
    rows = session.scalars(
        select(MarkingAnswerRecord).join(AssignmentRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
        # the text is looked through by the database: an expert has had thousands of answers
        .where(AssignmentRecord.expert == expert, cast(MarkingAnswerRecord.content, String).contains(sha256)))
    return any(part["sha256"] == sha256 for row in rows for part in row.content.get("recordings", []))
