"""Taking reports. One verb, one transaction; a report is no act of a person, so the audit tells only of changes."""
from dataclasses import dataclass

import msgspec
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import WATCHED_FOR_MS, Report, judge_report, looks_alike
from testing_server.foundation.progress import State, Step, note_contact, post_progress


@dataclass(frozen=True)
class Taken:
    """`changed`: the board shows something else now; `watched`: a coordinator looks at this very sitting."""

    changed: bool
    watched: bool


def take_report(session: Session, now_ms: int, school: str, report: Report) -> Taken:
    """Keeps the newest report of a sitting. An older one only proves life."""
    row = session.get(SittingReportRecord, (school, report.sitting), with_for_update=True)
    if row is None:
        row = SittingReportRecord(school=school, sitting=report.sitting, version=-1, server_at_ms=0, word="",
                                  received_at_ms=now_ms, changed_at_ms=now_ms, watched_at_ms=0, body="")
        session.add(row)
    row.received_at_ms = now_ms
    note_contact(session, school, now_ms)
    is_watched = now_ms - row.watched_at_ms < WATCHED_FOR_MS
    if report.version < row.version and report.server_at_ms < row.server_at_ms:
        return Taken(False, is_watched)
    return Taken(_keep(session, now_ms, row, report), is_watched)


def _keep(session: Session, now_ms: int, row: SittingReportRecord, report: Report) -> bool:
    word, before = judge_report(report), row.word
    changed = not row.body or not looks_alike(msgspec.json.decode(row.body, type=Report), report) or word != before
    row.version, row.server_at_ms, row.word = report.version, report.server_at_ms, word
    row.body = msgspec.json.encode(report).decode()
    if changed:
        row.changed_at_ms = now_ms
    if word != before:
        post_progress(session, row.school, report.campaign, report.sitting, Step.SITTINGS, word, now_ms)
        finished = State.READY if word == State.READY else State.WAITING
        post_progress(session, row.school, report.campaign, report.sitting, Step.FINISHED, finished, now_ms)
    return changed


def note_watched(session: Session, now_ms: int, school: str, sitting: str) -> None:
    """A coordinator looks at this sitting now."""
    row = session.get(SittingReportRecord, (school, sitting))
    if row is not None:
        row.watched_at_ms = max(row.watched_at_ms, now_ms)
