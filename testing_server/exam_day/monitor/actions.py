"""Taking reports. One verb, one transaction; a report is no act of a person, so the audit tells only of changes."""
import msgspec
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import Report, judge_report
from testing_server.foundation.progress import State, Step, note_contact, post_progress


def take_report(session: Session, now_ms: int, school: str, report: Report) -> bool:
    """Keeps the newest report of a sitting; returns whether its word changed. An older one only proves life."""
    word = judge_report(report)
    row = session.get(SittingReportRecord, (school, report.sitting))
    if row is None:
        row = SittingReportRecord(school=school, sitting=report.sitting, version=-1, server_at_ms=0, word="",
                                  received_at_ms=now_ms, body="")
        session.add(row)
    row.received_at_ms = now_ms
    note_contact(session, school, now_ms)
    if report.version < row.version and report.server_at_ms < row.server_at_ms:
        return False
    changed = row.word != word
    row.version, row.server_at_ms, row.word = report.version, report.server_at_ms, word
    row.body = msgspec.json.encode(report).decode()
    if changed:
        post_progress(session, school, report.campaign, report.sitting, Step.SITTINGS, word, now_ms)
        finished = State.READY if word == State.READY else State.WAITING
        post_progress(session, school, report.campaign, report.sitting, Step.FINISHED, finished, now_ms)
    return changed
