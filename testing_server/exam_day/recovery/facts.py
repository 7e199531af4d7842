"""The facts of a sitting that a room ledger carries. Takes a session; gives rows by table, and puts them back.

Left out is what comes again by itself: answers and sound (the seats send them), how far leases are acknowledged,
checks of workstations, the opened archive.
"""
from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, inspect, select
from sqlalchemy.orm import Session

from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.recovery.late_lines import add_late_lines
from testing_server.exam_day.recovery.records import ClaimRecord
from testing_server.exam_day.recovery.sealing import Facts
from testing_server.exam_day.responses.records import AnswerFileRecord, RecordingRecord
from testing_server.exam_day.rooms.records import RoomPlanRecord, SeatingRecord, WaveRecord
from testing_server.exam_day.school.records import SchoolRecord
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.exam_day.sittings.leases import list_leases
from testing_server.exam_day.sittings.records import (
    ArchiveRecord, AttemptRecord, CommandRecord, DirectiveRecord, IncidentRecord, LeaseRecord, RosterRecord,
    SittingRecord)
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.foundation.audit import ChainBroken, export_chain, import_chain
from testing_server.foundation.storage import Base

log = logging.getLogger(__name__)
AUDIT = "audit"
WRITTEN_OFF = "written_off"


@dataclass(frozen=True)
class Carried:
    """A table in the ledger. `unsaid`: column -> what stands there after a recovery instead."""

    record: type[Base]
    unsaid: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.record.__tablename__)


SITTING = Carried(SittingRecord, {})
TABLES = (
    Carried(SchoolRecord, {}),
    Carried(ArchiveRecord, {"state": "kept", "done": 0, "whole": 0, "checks": "{}", "assessment_json": "",
                            "trouble": ""}),
    Carried(RosterRecord, {"payload": ""}), SITTING, Carried(ClaimRecord, {}),
    Carried(WorkstationRecord, {"check": "", "checked_at_ms": None}), Carried(AttemptRecord, {}),
    Carried(LeaseRecord, {"acked": 0, "head_number": 0, "head_digest": ""}), Carried(DirectiveRecord, {}),
    Carried(RoomPlanRecord, {}), Carried(SeatingRecord, {}), Carried(WaveRecord, {}),
    Carried(IncidentRecord, {}), Carried(CommandRecord, {}), Carried(PackageRecord, {}),
    # what had come of a recording that was written off lay on the old server's disk
    Carried(RecordingRecord, {"durable_bytes": 0, "asked_at_ms": 0, "bytes": 0, "samples": 0, "pcm_sha256": "",
                              "flac_sha256": ""}), Carried(AnswerFileRecord, {}),
)


def read_facts(session: Session, sitting: SittingRecord) -> Facts:
    """{table: rows} of one sitting, in a steady order."""
    attempts = list(session.scalars(select(AttemptRecord.id).where(AttemptRecord.sitting == sitting.id)))
    facts: Facts = {}
    for table in TABLES:
        facts[table.name] = _read_rows(session, table, _choose(table.record, sitting, attempts))
    facts[AUDIT] = export_chain(session, chain_of(sitting.id))
    return facts


def _choose(record: Any, sitting: SittingRecord, attempts: list[str]) -> list[ColumnElement[bool]]:
    """Which rows of a table belong to the sitting."""
    if record is SittingRecord:
        return [record.id == sitting.id]
    if record is ArchiveRecord:
        return [record.id == sitting.archive]
    if record is RosterRecord:
        return [record.day == sitting.day, record.campaign == sitting.campaign]
    if record in (RecordingRecord, AnswerFileRecord):
        return [record.attempt.in_(attempts), record.state == WRITTEN_OFF]
    if hasattr(record, "sitting"):
        return [record.sitting == sitting.id]
    return [record.attempt.in_(attempts)] if hasattr(record, "attempt") else []


def _read_rows(session: Session, table: Carried, chosen: Iterable[ColumnElement[bool]]) -> list[dict[str, Any]]:
    columns = inspect(table.record).columns
    wanted = [column for column in columns if column.key not in table.unsaid]
    keys = [column for column in columns if column.primary_key]
    rows = session.execute(select(*wanted).where(*chosen).order_by(*keys)).mappings()
    return [dict(row) for row in rows]


def put_facts(session: Session, now_ms: int, facts: Facts) -> None:
    """The rows stand again; older ones that a backup brought are replaced."""
    _clear_outdated(session, facts)
    for table in TABLES:
        for row in facts.get(table.name, []):
            _put_row(session, table, row)
    session.flush()
    for roster in session.scalars(select(RosterRecord).where(RosterRecord.payload == "")):
        roster.payload = msgspec.json.encode(read_unverified(roster.envelope.encode()).read()).decode()
    for row in facts.get(SITTING.name, []):
        _join_chain(session, now_ms, row["id"], facts.get(AUDIT, []))


def _clear_outdated(session: Session, facts: Facts) -> None:
    """What a backup still has and the room had given up when the ledger was made: plans, places nobody has taken."""
    for row in facts.get(SITTING.name, []):
        for plan in (SeatingRecord, WaveRecord):
            session.execute(delete(plan).where(plan.sitting == row["id"]))
        kept = {one["id"] for one in facts.get(str(AttemptRecord.__tablename__), [])}
        for attempt in session.scalars(select(AttemptRecord).where(AttemptRecord.sitting == row["id"])):
            if attempt.id not in kept and not list_leases(session, attempt.id):
                session.delete(attempt)
    session.flush()


def _join_chain(session: Session, now_ms: int, sitting: str, lines: list[dict[str, Any]]) -> None:
    """Lines that do not follow from a backup's own stand inside lines of that chain, which stays unbroken."""
    try:
        import_chain(session, chain_of(sitting), lines)
    except ChainBroken as broken:
        log.warning("the audit of the ledger does not join the one that is here: %s", broken)
        add_late_lines(session, now_ms, sitting, lines)


def pick_values(table: Carried, row: dict[str, Any]) -> dict[str, Any]:
    """Columns that this release has."""
    known_columns = {column.key for column in inspect(table.record).columns}
    return {name: value for name, value in row.items() if name in known_columns}


def _put_row(session: Session, table: Carried, row: dict[str, Any]) -> None:
    values = pick_values(table, row)
    identity = tuple(values[str(column.key)] for column in inspect(table.record).primary_key)
    known = session.get(table.record, identity)
    if known is None:
        # an opened archive, arrived answers and seen checks are not in the ledger: they begin anew
        session.add(table.record(**{**table.unsaid, **values}))
    elif table.record is not ArchiveRecord:
        for name, value in values.items():
            setattr(known, name, value)
