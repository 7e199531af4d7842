"""Files given as answers, from expected to whole or written off.

Takes what the files process left on the disk (read only) and an organizer's word.
"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.responses.pieces import answer_file_path
from testing_server.exam_day.responses.records import AnswerFileRecord
from testing_server.exam_day.sittings.actions import chain_of, find_attempt, find_sitting
from testing_server.exam_day.sittings.rules import read_reason
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.storage import Storage

EXPECTED, WHOLE, WRITTEN_OFF = "expected", "whole", "written_off"


def sweep_answer_files(storage: Storage, data: Path) -> int:
    """Note which expected files are here, whole; returns how many."""
    with storage.read() as session:
        waiting = session.execute(select(AnswerFileRecord.attempt, AnswerFileRecord.sha256).where(
            AnswerFileRecord.state == EXPECTED)).all()
    here = [(attempt, sha256) for attempt, sha256 in waiting if answer_file_path(data, attempt, sha256).exists()]
    if here:
        storage.write(lambda session: _note_whole(session, here))
    return len(here)


def _note_whole(session: Session, here: list[tuple[str, str]]) -> None:
    for name in here:
        row = session.get_one(AnswerFileRecord, name)
        if row.state == EXPECTED:
            row.state = WHOLE
            find_sitting(session, find_attempt(session, row.attempt).sitting).version += 1


def write_off_file(session: Session, now_ms: int, attempt: str, sha256: str, reason: str, by: str) -> str:
    """An organizer gives up waiting for a file; returns the sitting. Raises NotFound, ReasonMissing."""
    row, text = session.get(AnswerFileRecord, (attempt, sha256)), read_reason(reason)
    if row is None or row.state != EXPECTED:
        raise NotFound()
    sitting = find_sitting(session, find_attempt(session, attempt).sitting)
    row.state, row.reason = WRITTEN_OFF, text
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, "answer_file_written_off", attempt,
                 {"sha256": sha256, "reason": text})
    return sitting.id


def list_answer_files(session: Session, attempts: Sequence[str]) -> list[AnswerFileRecord]:
    """Files of these attempts, by attempt and digest."""
    return list(session.scalars(select(AnswerFileRecord).where(AnswerFileRecord.attempt.in_(attempts)).order_by(
        AnswerFileRecord.attempt, AnswerFileRecord.sha256)))
