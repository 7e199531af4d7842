"""Reading boards. Takes a session and a territory; gives rows in the order in which they need a person."""
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import (
    FORGET_AFTER_MS, Report, StageCount, count_stage, join_steps, judge_silence, order_stages, rank)
from testing_server.foundation.progress import read_progress
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


@dataclass(frozen=True)
class BoardRow:
    """A region, a municipality or a school: `narrow` is what to open next ("" for a school)."""

    name: str
    narrow: str
    school: str
    last_at_ms: int | None
    cells: list[StageCount]


@dataclass(frozen=True)
class Board:
    """`stages`: columns; `troubles`: (school, step, state, at_ms) that need a person, newest first."""

    stages: list[str]
    rows: list[BoardRow]
    troubles: list[tuple[School, str, str, int]]


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


def read_board(session: Session, territory: str | None, narrow: str = "") -> Board:
    """Territory × stage × done. `narrow`: "" regions, "region" its municipalities, "region/municipality" schools."""
    schools = [one for one in list_schools(session, territory) if not narrow or _is_inside(one, narrow)]
    progress = [one for one in read_progress(session)]
    mine = {school.id: school for school in schools}
    steps: dict[str, list[tuple[str, str]]] = {school: [] for school in mine}
    last: dict[str, int] = {}
    for one in progress:
        if one.school in mine:
            steps[one.school].append((one.step, one.state))
            last[one.school] = max(last.get(one.school, 0), one.at_ms)
    words = {school: join_steps(found) for school, found in steps.items()}
    stages = order_stages(stage for found in words.values() for stage in found)
    troubles = [(mine[one.school], one.step, one.state, one.at_ms) for one in progress
                if one.school in mine and one.state in ("stopped", "offline", "attention")]
    return Board(stages, _make_rows(schools, narrow or territory or "", words, stages, last),
                 sorted(troubles, key=lambda trouble: -trouble[3]))


def _make_rows(schools: list[School], narrow: str, words: dict[str, dict[str, str]], stages: list[str],
               last: dict[str, int]) -> list[BoardRow]:
    groups: dict[tuple[str, str, str], list[School]] = {}
    for school in schools:
        groups.setdefault(_name_row(school, narrow), []).append(school)
    return [BoardRow(name, opens, school, max((last[one.id] for one in group if one.id in last), default=None),
                     [count_stage(stage, [words[one.id] for one in group]) for stage in stages])
            for (name, opens, school), group in groups.items()]


def _name_row(school: School, narrow: str) -> tuple[str, str, str]:
    """(name, what to open, school id) of the row a school belongs to."""
    if not narrow:
        return school.region, school.region, ""
    if "/" not in narrow:
        return school.municipality, f"{school.region}/{school.municipality}", ""
    return school.name, "", school.id


def _is_inside(school: School, narrow: str) -> bool:
    region, _slash, municipality = narrow.partition("/")
    return school.region == region and (not municipality or school.municipality == municipality)


def _describe(row: SittingReportRecord, school: School, now_ms: int) -> LiveSitting:
    report = msgspec.json.decode(row.body, type=Report)
    return LiveSitting(school, row.sitting, judge_silence(row.word, row.received_at_ms, now_ms), row.word,
                       row.received_at_ms, report)
