"""What marking on this server forgets when a sitting's work is deleted from it. Takes a session and attempts.

Answers go; marks, points and the signed protocol stay. What is still being marked is not deleted.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from testing_server.exam_day.packages.erasing import register_forgetter
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.marking.review.records import (
    MachineScoreRecord, MarkingAnswerRecord, MarkingAttemptRecord, MarkingWorkRecord)

SIGNED = "frozen"


class StillMarked(Refusal):
    code = "still_marked"
    status = 409
    message = _("Эти работы ещё проверяют на этом сервере: протокол не подписан.")
    safe = _("Всё цело.")
    remedy = _("Дождитесь подписи председателя: «Проверка в школе». Потом удалите работы с сервера.")


def forget_answers(session: Session, now_ms: int, attempts: list[str], by: str) -> None:
    """Raises StillMarked."""
    works = {row.archive: row for row in session.scalars(
        select(MarkingWorkRecord).join(MarkingAttemptRecord, MarkingAttemptRecord.archive == MarkingWorkRecord.archive)
        .where(MarkingAttemptRecord.attempt.in_(attempts)))}
    if any(work.state != SIGNED for work in works.values()):
        raise StillMarked()
    for record, emptied in ((MarkingAnswerRecord, {"content": {}}), (MachineScoreRecord, {"responses": {}})):
        session.execute(update(record).where(record.attempt.in_(attempts)).values(**emptied)
                        .execution_options(synchronize_session=False))
    for work in works.values():
        append_audit(session, now_ms, f"school:{work.school}", by, "marking_deleted", work.archive)


def register_forgetting() -> None:
    """Once, with the mounts."""
    register_forgetter("marking", forget_answers)
