"""Day lists and how they are deleted: the signed roster goes, the day with its window stays for late packages."""
from __future__ import annotations

from collections.abc import Collection

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.preparation.retention.keepers import Amount, Keeper, register_keeper
from testing_server.preparation.retention.needs import Need, register_need
from testing_server.preparation.rosters.records import ExamDayRecord


def weigh_rosters(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Days that were over by then, by school."""
    query = (select(ExamDayRecord.school, func.count(), func.sum(func.length(ExamDayRecord.envelope)))
             .where(*_select_kept(campaign), ExamDayRecord.closes_at_ms <= before_ms)
             .group_by(ExamDayRecord.school))
    return {school: Amount(things, int(size or 0)) for school, things, size in session.execute(query)}


def forget_rosters(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                   by: str) -> Collection[str]:
    """The number of the last version stays: a roster is never issued twice with the same one."""
    rows = list(session.scalars(select(ExamDayRecord).where(
        *_select_kept(campaign), ExamDayRecord.closes_at_ms <= before_ms, ExamDayRecord.school == school)))
    for row in rows:
        row.envelope, row.digest, row.forgotten_at_ms = None, "", now_ms
    if rows:
        append_audit(session, now_ms, f"school:{school}", by, "rosters_deleted", campaign, {"days": len(rows)})
    return ()


def find_coming_days(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Days that are not over."""
    return _count(session, school, ExamDayRecord.campaign == campaign, ExamDayRecord.closes_at_ms > now_ms)


def find_rosters(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Days whose rosters are kept."""
    return _count(session, school, *_select_kept(campaign))


def _count(session: Session, school: str | None, *chosen: ColumnElement[bool]) -> dict[str, int]:
    query = (select(ExamDayRecord.school, func.count())
             .where(*chosen, ExamDayRecord.school == school if school else true()).group_by(ExamDayRecord.school))
    return {place: count for place, count in session.execute(query)}


def _select_kept(campaign: str) -> tuple[ColumnElement[bool], ...]:
    return ExamDayRecord.campaign == campaign, ExamDayRecord.forgotten_at_ms.is_(None)


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("rosters", "rosters", weigh_rosters, forget_rosters))
    register_need(Need("rosters ahead", frozenset({"archives", "rosters"}), _("день работы ещё не прошёл"),
                       find_coming_days))
    register_need(Need("rosters kept", frozenset({"codes"}), _("списки дня ещё хранятся, в них те же коды"),
                       find_rosters))
