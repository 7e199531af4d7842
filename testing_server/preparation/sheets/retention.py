"""What schools told of a campaign, and how it is deleted: applications with schedules, answers of questionnaires."""
from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.preparation.retention.keepers import Amount, Keeper, register_keeper
from testing_server.preparation.sheets.records import SheetRecord

ASKED = SheetRecord.kind.startswith("questionnaire:")
PLANNED = or_(SheetRecord.kind == "application", SheetRecord.kind == "schedule")


def weigh_sheets(chosen: ColumnElement[bool], session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Versions of sheets by school."""
    query = (select(SheetRecord.school, func.count(), func.sum(func.length(SheetRecord.content)))
             .where(*_select(chosen, campaign, before_ms)).group_by(SheetRecord.school))
    return {school: Amount(things, int(size or 0)) for school, things, size in session.execute(query)}


def forget_sheets(chosen: ColumnElement[bool], verb: str, session: Session, now_ms: int, campaign: str, school: str,
                  before_ms: int, by: str) -> Collection[str]:
    """All versions of a school's sheets; no file belongs to one."""
    gone: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(SheetRecord).where(*_select(chosen, campaign, before_ms), SheetRecord.school == school))
    if gone.rowcount:
        append_audit(session, now_ms, f"school:{school}", by, verb, campaign, {"sheets": gone.rowcount})
    return ()


def _select(chosen: ColumnElement[bool], campaign: str, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    return SheetRecord.campaign == campaign, chosen, SheetRecord.at_ms <= before_ms


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("sheets applications", "applications", partial(weigh_sheets, PLANNED),
                           partial(forget_sheets, PLANNED, "applications_deleted")))
    register_keeper(Keeper("sheets questionnaires", "questionnaires", partial(weigh_sheets, ASKED),
                           partial(forget_sheets, ASKED, "questionnaires_deleted")))
