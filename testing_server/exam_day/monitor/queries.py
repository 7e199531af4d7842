"""Reading sittings as they go on. Takes a session and a territory; gives those first that need a person."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import (
    FORGET_AFTER_MS, SILENT_AFTER_MS, Report, judge_silence, rank)
from testing_server.preparation.registry.queries import School, select_places


# a report is written a moment after its time: every answer begins that much earlier
AGAIN_MS = 2_000
READ = msgspec.json.Decoder(Report).decode


@dataclass(frozen=True)
class LiveSitting:
    """A sitting on the live board. `word` is what to show, `said` what its classroom said last."""

    school: School
    sitting: str
    word: str
    said: str
    received_at_ms: int
    watched_at_ms: int
    report: Report


def list_live_sittings(session: Session, territory: str | None, now_ms: int) -> list[LiveSitting]:
    """Sittings heard of within a day, faults first."""
    found = _list_sittings(session, territory, now_ms, SittingReportRecord.received_at_ms > now_ms - FORGET_AFTER_MS)
    return sorted(found, key=lambda one: (rank(one.word), one.school.name, one.report.room, one.sitting))


def list_changed_sittings(session: Session, territory: str | None, after_ms: int, now_ms: int) -> list[LiveSitting]:
    """Sittings of which a board shows something else than at that moment, or a little before it."""
    return _list_sittings(session, territory, now_ms, SittingReportRecord.changed_at_ms > after_ms - AGAIN_MS)


def list_silent(session: Session, territory: str | None, now_ms: int) -> list[tuple[str, str]]:
    """(school, sitting) of those that are not over and have said nothing for half a minute."""
    places = select_places(territory).subquery()
    return [(row.school, row.sitting) for row in session.execute(
        select(SittingReportRecord.school, SittingReportRecord.sitting).join(
            places, places.c.id == SittingReportRecord.school).where(
            SittingReportRecord.received_at_ms < now_ms - SILENT_AFTER_MS, SittingReportRecord.word != "ready",
            SittingReportRecord.received_at_ms > now_ms - FORGET_AFTER_MS))]


def _list_sittings(session: Session, territory: str | None, now_ms: int,
                   condition: ColumnElement[bool]) -> list[LiveSitting]:
    places = select_places(territory).subquery()
    report = SittingReportRecord
    # columns and not rows: a board of 1,500 is read several times a second
    rows = session.execute(select(
        report.sitting, report.word, report.received_at_ms, report.watched_at_ms, report.body, places).join(
        places, places.c.id == report.school).where(condition))
    return [_describe(row[:5], School(row.id, row.login, row.name, row.municipality, row.region, row.zone), now_ms)
            for row in rows]


def find_live_sitting(session: Session, territory: str | None, school: str, sitting: str,
                      now_ms: int) -> LiveSitting | None:
    """One sitting of the territory, or None."""
    return next(iter(_list_sittings(session, territory, now_ms, and_(
        SittingReportRecord.school == school, SittingReportRecord.sitting == sitting))), None)


def _describe(kept: Sequence[Any], school: School, now_ms: int) -> LiveSitting:
    sitting, word, received_at_ms, watched_at_ms, body = kept
    return LiveSitting(school, sitting, judge_silence(word, received_at_ms, now_ms), word, received_at_ms,
                       watched_at_ms, READ(body))
