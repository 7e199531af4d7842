"""Criteria archives in a classroom: when one may be opened, which are open, and how a work is marked.

Takes a session and the room's clock. Gives refusals and what the signed roster says of a work; of what lies inside
nothing is shown here: marking alone reads it.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.sittings.records import ArchiveRecord, RosterRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING
from testing_server.foundation.refusals import Refusal

CRITERIA = "criteria"
WRITING = ADMITTING | {"closing"}


class CriteriaEarly(Refusal):
    code = "criteria_early"
    status = 403
    message = _("Час критериев этой работы ещё не наступил.")
    safe = _("Архив цел.")
    remedy = _("Дождитесь часа, названного на этой странице. Если он уже прошёл, проверьте часы сервера.")


class StillWriting(Refusal):
    code = "still_writing"
    status = 409
    message = _("Эту работу на этом сервере ещё пишут: критерии открывают после закрытия сеанса.")
    safe = _("Архив цел.")
    remedy = _("Закройте сеанс и сведите итог, потом введите шифр ещё раз.")


@dataclass(frozen=True)
class WorkRules:
    """What the roster of a day says of one work. `criteria`: the archive beside its materials; `marking`: the
    campaign's rules as data; both empty in rosters issued before they were told. `work`: its id in the campaign."""

    archive: str
    criteria: str
    marking: Mapping[str, Any]
    campaign: str
    work: str
    title: Mapping[str, str]
    region: str
    school_name: str
    school_login: str


def check_opening(session: Session, now_ms: int, record: ArchiveRecord) -> None:
    """Whether criteria may be opened now; materials always may. Raises CriteriaEarly, StillWriting."""
    if record.kind != CRITERIA:
        return
    if now_ms < record.opens_at_ms:
        raise CriteriaEarly(details={"opens_at_ms": record.opens_at_ms})
    if session.scalars(select(SittingRecord.id).where(
            SittingRecord.assessment == record.assessment, SittingRecord.state.in_(WRITING)).limit(1)).first():
        raise StillWriting()


def find_criteria_state(session: Session, criteria: str) -> str:
    """State of a criteria archive, "" where it is not here."""
    record = session.get(ArchiveRecord, criteria) if criteria else None
    return record.state if record is not None and record.kind == CRITERIA else ""


def find_work_rules(session: Session, day: str, campaign: str, archive: str) -> WorkRules | None:
    """By the roster of the day; None where it does not name the archive."""
    row = session.get(RosterRecord, (day, campaign))
    roster: dict[str, Any] = msgspec.json.decode(row.payload) if row is not None else {}
    work = next((one for one in roster.get("works", []) if one["archive"] == archive), None)
    if work is None:
        return None
    return WorkRules(
        archive, str(work.get("criteria", "")), dict(work.get("marking", {})), campaign,
        str(work.get("work", work["assessment"])), dict(work["title"]),
        str(roster.get("region", "")), str(roster.get("school_name", "")), str(roster.get("school_login", "")))
