"""Criteria archives in a classroom: when one may be opened, which are open, and how a work is marked.

Takes a session and the room's clock. Gives refusals and what the signed roster says of a work; of what lies inside
nothing is shown here: marking alone reads it.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
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
PLANNED = frozenset({"draft", "ready"})
SEEN = frozenset({"opening", "opened"})
LONGEST_REASON = 500
# the kind of incident that a late group is
AFTER_CRITERIA = "after_criteria"


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


class StillToCome(StillWriting):
    """`rooms`: of the sittings that are prepared and whose hours are not over."""

    code = "still_to_come"
    message = _("Эту работу на этом сервере ещё будут писать.")
    remedy = _("Проведите и закройте этот сеанс. Если он не состоится, отмените его на его странице. "
               "Потом введите шифр ещё раз.")

    def __init__(self, rooms: Sequence[str]) -> None:
        super().__init__(_("Эту работу на этом сервере ещё будут писать, сеанс подготовлен: %(rooms)s.",
                           rooms=", ".join(rooms)), details={"rooms": list(rooms)})


class CriteriaOpen(Refusal):
    """A later group of a work whose criteria are open: only with a reason."""

    code = "criteria_open"
    status = 409
    message = _("Критерии этой работы на этом сервере уже открыты: кто их видел, знает, за что ставят баллы.")
    safe = _("Сеанс не открыт.")
    remedy = _("Спросите координатора. Если эту группу всё же надо начать, напишите почему и с чьего согласия: "
               "это войдёт в журнал и в акт о нештатных ситуациях.")


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
    """Whether criteria may be opened now; materials always may. Raises CriteriaEarly, StillWriting, StillToCome."""
    if record.kind != CRITERIA:
        return
    if now_ms < record.opens_at_ms:
        raise CriteriaEarly(details={"opens_at_ms": record.opens_at_ms})
    sittings = list(session.scalars(select(SittingRecord).where(
        SittingRecord.assessment == record.assessment, SittingRecord.state.in_(WRITING | PLANNED))))
    if any(one.state in WRITING for one in sittings):
        raise StillWriting()
    coming = [one for one in sittings if now_ms < one.closes_at_ms and _belongs(session, record, one)]
    if coming:
        raise StillToCome(sorted({one.room for one in coming}))


def is_criteria_seen(session: Session, sitting: SittingRecord) -> bool:
    """Whether criteria of a sitting's work are open on this server, or are being opened."""
    rows = session.scalars(select(ArchiveRecord).where(
        ArchiveRecord.assessment == sitting.assessment, ArchiveRecord.state.in_(SEEN)))
    return any(one.kind == CRITERIA and _belongs(session, one, sitting) for one in rows)


def check_late_group(session: Session, sitting: SittingRecord, reason: str) -> str:
    """The reason that must be kept, "" where none is needed. Raises CriteriaOpen."""
    if not is_criteria_seen(session, sitting):
        return ""
    why = " ".join(reason.split())[:LONGEST_REASON]
    if not why:
        raise CriteriaOpen()
    return why


def _belongs(session: Session, record: ArchiveRecord, sitting: SittingRecord) -> bool:
    """Criteria are those of a sitting of their day, and of a moved one whose list of codes names them."""
    rules = find_work_rules(session, sitting.day, sitting.campaign, sitting.archive)
    return record.day == sitting.day or rules is not None and rules.criteria == record.id


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
