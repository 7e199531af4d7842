"""Reading the plan, planned seats and waves. Takes a session; gives plain data."""
from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.rooms.records import RoomPlanRecord, SeatingRecord, WaveRecord
from testing_server.exam_day.rooms.rules import Cell, Plan, lay_out
from testing_server.exam_day.workstations.queries import list_workstations

ROOM = "room"


def find_plan(session: Session) -> Plan | None:
    """As it was saved, None before that."""
    row = session.get(RoomPlanRecord, ROOM)
    if row is None:
        return None
    cells = msgspec.json.decode(row.cells, type=dict[str, Cell])
    return Plan(row.rows, row.places, cells)


def show_plan(session: Session) -> Plan:
    """With a cell for every workstation of now."""
    return lay_out([one.seat for one in list_workstations(session)], find_plan(session))


def list_seating(session: Session, sitting: str) -> dict[str, str]:
    """attempt -> seat, as planned."""
    rows = session.scalars(select(SeatingRecord).where(SeatingRecord.sitting == sitting))
    return {row.attempt: row.seat for row in rows}


def list_waves(session: Session, sittings: Sequence[str]) -> dict[str, WaveRecord]:
    """sitting -> its wave, for those that are one."""
    rows = session.scalars(select(WaveRecord).where(WaveRecord.sitting.in_(sittings)))
    return {row.sitting: row for row in rows}
