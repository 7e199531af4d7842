"""Result forms that schools handed in, and how they are deleted: every version that came before the campaign's term."""
from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.outcomes.forms.records import ResultFormRecord
from testing_server.preparation.retention.keepers import Amount, Keeper, register_keeper
from testing_server.preparation.retention.needs import Need, register_need


def weigh_forms(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Versions of forms by school."""
    query = (select(ResultFormRecord.school, func.count(), func.sum(func.length(ResultFormRecord.content)))
             .where(*_came(campaign, before_ms)).group_by(ResultFormRecord.school))
    return {school: Amount(things, int(size or 0)) for school, things, size in session.execute(query)}


def forget_forms(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                 by: str) -> Collection[str]:
    """All versions of a school's forms; no file belongs to one."""
    gone: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(ResultFormRecord).where(*_came(campaign, before_ms), ResultFormRecord.school == school))
    if gone.rowcount:
        append_audit(session, now_ms, f"school:{school}", by, "result_forms_deleted", campaign,
                     {"forms": gone.rowcount})
    return ()


def find_forms(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Versions of forms that are kept: their lines are named by codes alone."""
    kept = weigh_forms(session, campaign, now_ms)
    return {place: amount.things for place, amount in kept.items() if school in (None, place)}


def _came(campaign: str, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    return ResultFormRecord.campaign == campaign, ResultFormRecord.at_ms <= before_ms


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("outcomes forms", "result_forms", weigh_forms, forget_forms))
    register_need(Need("outcomes forms", frozenset({"codes"}), _("формы результатов этой кампании ещё хранятся"),
                       find_forms))
