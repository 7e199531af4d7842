"""Reading sheets. Takes a session; gives `Sheet`s."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from testing_server.preparation.sheets.records import SheetRecord

COLUMNS = (SheetRecord.school, SheetRecord.version, SheetRecord.content, SheetRecord.verb, SheetRecord.level,
           SheetRecord.by, SheetRecord.at_ms, SheetRecord.confirmed, SheetRecord.shape)
# a region's schools are named; of more than these all are read, and others' passed over before they are decoded
MOST_NAMED = 5_000


@dataclass(frozen=True)
class Sheet:
    """One version. `text`: the content as JSON; `at_ms`: Unix ms; `confirmed`: how many steps of the campaign are
    behind it; `shape`: the same in all that name the same things (rules.compute_shape)."""

    school: str
    version: int
    text: str
    verb: str
    level: str
    by: str
    at_ms: int
    confirmed: int
    shape: int

    @cached_property
    def content(self) -> dict[str, Any]:
        """Decoded when it is asked for: of two thousand schools a page shows few."""
        found: dict[str, Any] = msgspec.json.decode(self.text)
        return found


def read_sheet(session: Session, campaign: str, kind: str, school: str) -> Sheet | None:
    """The newest version, or None where the school has told nothing."""
    row = session.scalar(_select_newest(campaign, kind).where(SheetRecord.school == school))
    return describe_sheet(row) if row else None


def read_history(session: Session, campaign: str, kind: str, school: str) -> list[Sheet]:
    """All versions, the newest first."""
    query = (select(SheetRecord).where(SheetRecord.campaign == campaign, SheetRecord.kind == kind,
                                       SheetRecord.school == school).order_by(SheetRecord.version.desc()))
    return [describe_sheet(row) for row in session.scalars(query)]


def list_sheets(session: Session, campaign: str, kind: str, schools: Collection[str]) -> dict[str, Sheet]:
    """School -> newest version, of those of the schools (ids) that have told something."""
    wanted = frozenset(schools)
    # columns and not rows of the mapper: of a country there are forty thousand
    query = select(*COLUMNS).where(*_of_newest(campaign, kind))
    if len(wanted) <= MOST_NAMED:
        query = query.where(SheetRecord.school.in_(wanted))
    return {row[0]: Sheet(*row) for row in session.execute(query) if row[0] in wanted}


def select_newest(campaign: str, kind: str) -> Select[str, int, int]:
    """Part of a larger query: (school, shape, confirmed) of every school that has told something."""
    return select(SheetRecord.school, SheetRecord.shape, SheetRecord.confirmed).where(*_of_newest(campaign, kind))


def read_shapes(session: Session, campaign: str, kind: str, examples: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """Shape -> content that has it, out of the sheets of the schools named as examples.

    Older versions are looked at too: an example may have changed a moment ago.
    """
    found: dict[int, dict[str, Any]] = {}
    schools = sorted(set(examples.values()))
    for start in range(0, len(schools), MOST_NAMED):
        for shape, content in session.execute(select(SheetRecord.shape, SheetRecord.content).where(
                SheetRecord.campaign == campaign, SheetRecord.kind == kind,
                SheetRecord.school.in_(schools[start:start + MOST_NAMED]))):
            if shape in examples and shape not in found:
                found[shape] = msgspec.json.decode(content)
    return found


def describe_sheet(row: SheetRecord) -> Sheet:
    """The dataclass of a row."""
    return Sheet(row.school, row.version, row.content, row.verb, row.level, row.by, row.at_ms,
                 row.confirmed, row.shape)


def _select_newest(campaign: str, kind: str) -> Select[SheetRecord]:
    return select(SheetRecord).where(*_of_newest(campaign, kind))


def _of_newest(campaign: str, kind: str) -> tuple[ColumnElement[bool], ...]:
    return SheetRecord.campaign == campaign, SheetRecord.kind == kind, SheetRecord.is_newest.is_(True)
