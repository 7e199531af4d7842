"""Taking reports. One verb, one transaction; a report is no act of a person, so the audit tells only of changes."""
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec
from sqlalchemy import Table, Update, bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import WATCHED_FOR_MS, Report, judge_report, looks_alike
from testing_server.foundation.progress import State, Step, note_contacts, post_progress
from testing_server.foundation.storage.inserting import choose_insert

Heard = tuple[str, Report]
Key = tuple[str, str]
TABLE = cast(Table, SittingReportRecord.__table__)
COLUMNS = ("version", "server_at_ms", "received_at_ms", "changed_at_ms", "word", "body", "watched_at_ms")


def _bind(names: Sequence[str]) -> dict[str, object]:
    return {name: bindparam(f"to_{name}") for name in names}


_OF_KEY = update(TABLE).where(TABLE.c.school == bindparam("of_school"), TABLE.c.sitting == bindparam("of_sitting"))
# who looks at a sitting is written by those who look
SHOW, MOVE = _OF_KEY.values(_bind(COLUMNS[:6])), _OF_KEY.values(_bind(COLUMNS[:3]))
NAMES: dict[Update, Sequence[str]] = {SHOW: COLUMNS[:6], MOVE: COLUMNS[:3]}


@dataclass(frozen=True)
class Taken:
    """`changed`: the board shows something else now; `watched`: a coordinator looks at this very sitting."""

    changed: bool
    watched: bool


@dataclass
class Row:
    """A row of SittingReportRecord while reports are taken. `body`: "" before the first one; `is_shown`: anything
    besides the moments differs from what is kept."""

    version: int
    server_at_ms: int
    received_at_ms: int
    changed_at_ms: int
    word: str
    body: str
    watched_at_ms: int
    is_shown: bool = False


def take_reports(session: Session, now_ms: int, heard: Sequence[Heard]) -> list[Taken]:
    """Keeps the newest report of each sitting, each as (school, report). An older one only proves life."""
    rows = _obtain_rows(session, now_ms, {(school, report.sitting) for school, report in heard})
    taken = [_take(session, now_ms, school, rows[school, report.sitting], report) for school, report in heard]
    _write_rows(session, rows)
    note_contacts(session, {school for school, _report in heard}, now_ms)
    return taken


def _take(session: Session, now_ms: int, school: str, row: Row, report: Report) -> Taken:
    row.received_at_ms = now_ms
    is_watched = now_ms - row.watched_at_ms < WATCHED_FOR_MS
    if report.version < row.version and report.server_at_ms < row.server_at_ms:
        return Taken(False, is_watched)
    return Taken(_keep(session, now_ms, school, row, report), is_watched)


def _keep(session: Session, now_ms: int, school: str, row: Row, report: Report) -> bool:
    word, before = judge_report(report), row.word
    changed = not row.body or not looks_alike(msgspec.json.decode(row.body, type=Report), report) or word != before
    row.version, row.server_at_ms, row.word = report.version, report.server_at_ms, word
    if changed or report.watched_seats:
        row.body, row.is_shown = msgspec.json.encode(report).decode(), True
    if changed:
        row.changed_at_ms = now_ms
    if word != before:
        post_progress(session, school, report.campaign, report.sitting, Step.SITTINGS, word, now_ms)
        finished = State.READY if word == State.READY else State.WAITING
        post_progress(session, school, report.campaign, report.sitting, Step.FINISHED, finished, now_ms)
    return changed


def _obtain_rows(session: Session, now_ms: int, keys: Collection[Key]) -> dict[Key, Row]:
    """Locked, in the order of their keys; those of which nothing was heard before are made first."""
    rows = _lock_rows(session, keys)
    if fresh := sorted(key for key in keys if key not in rows):
        insert = choose_insert(session)
        session.connection().execute(insert(TABLE).on_conflict_do_nothing(), [
            {"school": school, "sitting": sitting, "version": -1, "server_at_ms": 0, "received_at_ms": 0,
             "changed_at_ms": now_ms, "word": "", "body": "", "watched_at_ms": 0} for school, sitting in fresh])
        rows |= _lock_rows(session, fresh)
    return rows


def _lock_rows(session: Session, keys: Collection[Key]) -> dict[Key, Row]:
    columns = [TABLE.c[name] for name in COLUMNS]
    found = session.execute(select(TABLE.c.school, TABLE.c.sitting, *columns).where(
        tuple_(TABLE.c.school, TABLE.c.sitting).in_(sorted(keys)))
        .order_by(TABLE.c.school, TABLE.c.sitting).with_for_update())
    return {(school, sitting): Row(*values) for school, sitting, *values in found}


def _write_rows(session: Session, rows: dict[Key, Row]) -> None:
    """Two statements, in the order of their keys; nearly every report only moves the moments of its row."""
    kinds: dict[Update, list[dict[str, object]]] = {SHOW: [], MOVE: []}
    for key, row in sorted(rows.items(), key=lambda one: one[0]):
        statement = SHOW if row.is_shown else MOVE
        kinds[statement].append({"of_school": key[0], "of_sitting": key[1], **{
            f"to_{name}": getattr(row, name) for name in NAMES[statement]}})
    for statement, told in kinds.items():
        if told:
            session.connection().execute(statement, told)


def note_watched(session: Session, now_ms: int, school: str, sitting: str) -> None:
    """A coordinator looks at this sitting now."""
    row = session.get(SittingReportRecord, (school, sitting))
    if row is not None:
        row.watched_at_ms = max(row.watched_at_ms, now_ms)
