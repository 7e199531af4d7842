"""Merging a later ledger of the old server into a room that went on from an earlier one of it.

Takes a session, the later facts and those the room went on from. By row and column: what the old server changed is
taken where nobody changed it here since; what somebody changed here stays.
"""
from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.facts import TABLES, Carried, pick_values
from testing_server.exam_day.recovery.records import ClaimRecord
from testing_server.exam_day.recovery.sealing import Facts
from testing_server.exam_day.school.records import SchoolRecord
from testing_server.exam_day.sittings.records import ArchiveRecord, RosterRecord, SittingRecord
from testing_server.exam_day.sittings.rules import FENCED

log = logging.getLogger(__name__)
# of one server, not of the room
OWN = (SchoolRecord, ArchiveRecord, RosterRecord, ClaimRecord)
LED_BY = frozenset({"generation", "claim", "version"})
# what the old server saw of its own end: that it stepped back, that seats fell silent
PASSING = frozenset({FENCED, "interrupted"})


def merge_facts(session: Session, facts: Facts, base: Facts | None) -> int:
    """How many rows are new or changed. `base` None: nobody knows what the room went on from, so rows that are here
    stay as they are."""
    changed = 0
    for table in TABLES:
        before = {_identify(table, row): row for row in (base or {}).get(table.name, [])}
        for row in facts.get(table.name, []):
            changed += _merge_row(session, table, row, before.get(_identify(table, row)))
    session.flush()
    return changed


def _identify(table: Carried, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[str(column.key)] for column in inspect(table.record).primary_key)


def _merge_row(session: Session, table: Carried, row: dict[str, Any], before: dict[str, Any] | None) -> bool:
    known = session.get(table.record, _identify(table, row))
    if known is None:
        # what stood in the base was deleted here
        return before is None and _add_row(session, table, row)
    if before is None or table.record in OWN:
        return False
    left = LED_BY if table.record is SittingRecord else frozenset[str]()
    news = {name: value for name, value in pick_values(table, row).items() if name in before and name not in left
            and value != before[name] and value not in PASSING and getattr(known, name) == before[name]}
    for name, value in news.items():
        setattr(known, name, value)
    return bool(news)


def _add_row(session: Session, table: Carried, row: dict[str, Any]) -> bool:
    """False where its place was given to another one meanwhile: a code, a login, the number of a package."""
    try:
        with session.begin_nested():
            session.add(table.record(**{**table.unsaid, **pick_values(table, row)}))
    except IntegrityError:
        log.warning("a late row of %s has no place here: %s", table.name, _identify(table, row))
        return False
    return True
