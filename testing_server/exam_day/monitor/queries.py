"""Reading sittings as they go on. Takes a session and a territory; gives those first that need a person."""
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import FORGET_AFTER_MS, Report, judge_silence, rank
from testing_server.preparation.registry.queries import School, list_schools


@dataclass(frozen=True)
class LiveSitting:
    """A sitting on the live board. `word` is what to show, `said` what its classroom said last."""

    school: School
    sitting: str
    word: str
    said: str
    received_at_ms: int
    report: Report


def list_live_sittings(session: Session, territory: str | None, now_ms: int) -> list[LiveSitting]:
    """Sittings heard of within a day, faults first."""
    schools = {school.id: school for school in list_schools(session, territory)}
    recent = select(SittingReportRecord).where(SittingReportRecord.received_at_ms > now_ms - FORGET_AFTER_MS)
    found = [_describe(row, schools[row.school], now_ms) for row in session.scalars(recent) if row.school in schools]
    return sorted(found, key=lambda one: (rank(one.word), one.school.name, one.report.room, one.sitting))


def find_live_sitting(session: Session, territory: str | None, school: str, sitting: str,
                      now_ms: int) -> LiveSitting | None:
    """One sitting of the territory, or None."""
    row = session.get(SittingReportRecord, (school, sitting))
    known = next((one for one in list_schools(session, territory) if one.id == school), None)
    return _describe(row, known, now_ms) if row is not None and known is not None else None


def _describe(row: SittingReportRecord, school: School, now_ms: int) -> LiveSitting:
    report = msgspec.json.decode(row.body, type=Report)
    return LiveSitting(school, row.sitting, judge_silence(row.word, row.received_at_ms, now_ms), row.word,
                       row.received_at_ms, report)
