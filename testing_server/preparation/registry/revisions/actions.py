"""Keeping an uploaded list, applying it, undoing it. One verb, one transaction, one audit line."""
from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.preparation.registry.records import (
    RevisionProblemRecord, RevisionRecord, RevisionRowRecord, SchoolRecord)
from testing_server.preparation.registry.revisions.comparing import (
    check_undoable, check_unchanged, count_kinds, count_missing)
from testing_server.preparation.registry.revisions.rules import (
    FIELDS, Known, Line, LineProblem, NotReady, RevisionMissing, judge_line)
from testing_server.preparation.registry.zone_changes import ask_zones_of_revision, drop_zones_of_revision

CHAIN = "hub"
MOST_PROBLEMS = 500


def begin_revision(session: Session, now_ms: int, file: str, file_name: str, territory: str | None, by: str) -> str:
    """An uploaded list that is going to be read; returns its id. `file`: digest in the store."""
    revision = str(uuid.uuid4())
    session.add(RevisionRecord(id=revision, file=file, file_name=file_name[:200], territory=territory or None,
                               made_by=by, made_at_ms=now_ms, state="reading"))
    append_audit(session, now_ms, CHAIN, by, "registry_list_uploaded", revision, {"territory": territory or ""})
    return revision


def note_reading(session: Session, revision: str, body: dict[str, Any]) -> int:
    """What the worker tells: begin, lines, end, unreadable. Returns lines read so far. Raises RevisionMissing."""
    row = session.get(RevisionRecord, revision, with_for_update=True)
    if row is None:
        raise RevisionMissing()
    if row.state == "reading":
        {"begin": _forget, "lines": _take_lines, "end": _end_reading, "unreadable": _give_up}[body["step"]](
            session, row, body)
    return row.read_rows


def apply_revision(session: Session, now_ms: int, revision: str, by: str) -> None:
    """All lines or none. Raises NotReady, RegistryChanged."""
    row = _lock(session, revision, "ready")
    check_unchanged(session, revision)
    line = RevisionRowRecord
    fresh = select(line.school, line.login, line.name, line.municipality, line.region, line.zone, literal(False),
                   literal(now_ms)).where(line.revision == revision, line.kind == "new")
    session.execute(insert(SchoolRecord).from_select(
        ["id", "login", "name", "municipality", "region", "zone", "is_closed", "created_at_ms"], fresh))
    _write_places(session, revision, ("changed", "reopened"), was=False)
    _set_closed(session, revision, ("closed",), True)
    _set_closed(session, revision, ("reopened",), False)
    ask_zones_of_revision(session, now_ms, revision, by)
    row.state, row.applied_by, row.applied_at_ms = "applied", by, now_ms
    append_audit(session, now_ms, CHAIN, by, "registry_revised", revision, count_kinds(session, revision))


def undo_revision(session: Session, now_ms: int, revision: str, by: str) -> None:
    """The registry as it was before; new schools are closed, for their places in the order stay. Raises CannotUndo."""
    row = _lock(session, revision, "applied")
    check_undoable(session, revision)
    _write_places(session, revision, ("changed", "reopened"), was=True)
    _set_closed(session, revision, ("new", "reopened"), True)
    _set_closed(session, revision, ("closed",), False)
    drop_zones_of_revision(session, now_ms, row.applied_at_ms or 0, revision, by)
    row.state, row.undone_by, row.undone_at_ms = "undone", by, now_ms
    append_audit(session, now_ms, CHAIN, by, "registry_revision_undone", revision)


def _lock(session: Session, revision: str, state: str) -> RevisionRecord:
    row = session.get(RevisionRecord, revision, with_for_update=True)
    if row is None:
        raise RevisionMissing()
    if row.state != state:
        raise NotReady()
    return row


def _forget(session: Session, row: RevisionRecord, body: dict[str, Any]) -> None:
    for record in (RevisionRowRecord, RevisionProblemRecord):
        session.execute(delete(record).where(record.revision == row.id))
    row.read_rows = row.more_problems = 0


def _take_lines(session: Session, row: RevisionRecord, body: dict[str, Any]) -> None:
    lines = [Line(**one) for one in body["lines"]]
    known = _find_known(session, [one.login for one in lines])
    taken = _find_taken(session, row.id, [one.login for one in lines])
    kept: list[dict[str, Any]] = []
    for line in lines:
        try:
            if line.login in taken:
                raise LineProblem("login", f"логин {line.login} уже стоит в строке {taken[line.login]}")
            kept.append(_keep(row, line, known.get(line.login)))
            taken[line.login] = line.number
        except LineProblem as problem:
            _add_problem(session, row, line.cells.get(problem.column, ""), str(problem.message))
    if kept:
        session.execute(insert(RevisionRowRecord), kept)
    row.read_rows += len(lines)


def _keep(row: RevisionRecord, line: Line, known: Known | None) -> dict[str, Any]:
    kind = judge_line(line, known, row.territory)
    was = {f"{name}_was": getattr(known, name) if known else "" for name in FIELDS}
    return {"revision": row.id, "login": line.login, "number": line.number, "kind": kind,
            "school": known.school if known else str(uuid.uuid4()), **{name: getattr(line, name) for name in FIELDS},
            **was}


def _find_known(session: Session, logins: list[str]) -> dict[str, Known]:
    rows = session.scalars(select(SchoolRecord).where(SchoolRecord.login.in_(logins)))
    return {row.login: Known(row.id, row.name, row.municipality, row.region, row.zone, row.is_closed) for row in rows}


def _find_taken(session: Session, revision: str, logins: list[str]) -> dict[str, int]:
    line = RevisionRowRecord
    return {row.login: row.number for row in session.execute(select(line.login, line.number).where(
        line.revision == revision, line.login.in_(logins)))}


def _end_reading(session: Session, row: RevisionRecord, body: dict[str, Any]) -> None:
    for cell, problem in body["problems"]:
        _add_problem(session, row, cell, problem)
    row.more_problems += body["more"]
    row.read_rows = body["read"]
    row.missing_rows = count_missing(session, row.id, row.territory)
    session.flush()
    row.state = "wrong" if _count_problems(session, row.id) or row.more_problems else "ready"


def _give_up(session: Session, row: RevisionRecord, body: dict[str, Any]) -> None:
    row.state, row.note = "wrong", body["note"][:500]


def _add_problem(session: Session, row: RevisionRecord, cell: str, problem: str) -> None:
    # beyond the limit nothing is counted again: forty thousand lines may all be of another territory
    place = MOST_PROBLEMS if row.more_problems else _count_problems(session, row.id)
    if place >= MOST_PROBLEMS:
        row.more_problems += 1
        return
    session.add(RevisionProblemRecord(revision=row.id, place=place, cell=cell, problem=problem[:400]))
    session.flush()


def _count_problems(session: Session, revision: str) -> int:
    return session.scalar(select(func.count()).select_from(RevisionProblemRecord).where(
        RevisionProblemRecord.revision == revision)) or 0


def _write_places(session: Session, revision: str, kinds: tuple[str, ...], was: bool) -> None:
    """Name and place from the lines; a zone is never written here, it waits for a second coordinator."""
    line, names = RevisionRowRecord, ("name", "municipality", "region")
    values = {name: getattr(line, f"{name}_was" if was else name) for name in names}
    session.execute(update(SchoolRecord).where(
        SchoolRecord.id == line.school, line.revision == revision, line.kind.in_(kinds)).values(values),
        execution_options={"synchronize_session": False})


def _set_closed(session: Session, revision: str, kinds: tuple[str, ...], is_closed: bool) -> None:
    line = RevisionRowRecord
    schools = select(line.school).where(line.revision == revision, line.kind.in_(kinds))
    session.execute(update(SchoolRecord).where(SchoolRecord.id.in_(schools)).values(is_closed=is_closed),
                    execution_options={"synchronize_session": False})
