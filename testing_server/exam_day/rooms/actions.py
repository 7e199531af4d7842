"""What changes the plan and the seating. Takes a session and facts; every act leaves an audit line."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import delete
from sqlalchemy.orm import Session

from testing_server.exam_day.rooms.queries import ROOM, show_plan
from testing_server.exam_day.rooms.records import RoomPlanRecord, SeatingRecord, WaveRecord
from testing_server.exam_day.rooms.rules import (
    NoSeats, Plan, Wave, fill_seats, find_place_variant, plan_waves, read_seating)
from testing_server.exam_day.sittings.actions import (
    Entry, NewSitting, chain_of, create_sitting, find_sitting, list_attempts)
from testing_server.exam_day.sittings.queries import find_variants, read_assessment
from testing_server.exam_day.sittings.records import ArchiveRecord, AttemptRecord, SittingRecord
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound

CHAIN = "room"


def save_plan(session: Session, now_ms: int, plan: Plan, by: str) -> None:
    """The room from now on; variants already shown to somebody stay as they are."""
    cells = msgspec.json.encode({seat: list(cell) for seat, cell in plan.cells.items()}).decode()
    session.merge(RoomPlanRecord(id=ROOM, rows=plan.rows, places=plan.places, cells=cells, by=by, at_ms=now_ms))
    append_audit(session, now_ms, CHAIN, by, "room_planned", ROOM, {"rows": plan.rows, "places": plan.places,
                                                                    "seats": len(plan.cells)})


def seat_candidates(session: Session, now_ms: int, sitting_id: str, chosen: Mapping[str, str], fill: bool,
                    by: str) -> dict[str, str]:
    """code -> seat. `chosen`: seat -> code; `fill`: the others get free seats. Raises NotFound, BadSeating.

    Candidates who have not sat down yet get the variant that belongs to their place.
    """
    sitting, attempts = find_sitting(session, sitting_id), list_attempts(session, sitting_id)
    seats = [one.seat for one in list_workstations(session) if one.state != "blocked"]
    codes = [one.code for one in attempts if one.state != "absent"]
    placed = read_seating(chosen, seats, [one.code for one in attempts])
    if fill:
        placed = fill_seats(placed, seats, codes)
    session.execute(delete(SeatingRecord).where(SeatingRecord.sitting == sitting_id))
    for attempt in attempts:
        if attempt.code in placed:
            session.add(SeatingRecord(attempt=attempt.id, sitting=sitting_id, seat=placed[attempt.code]))
    variants = _give_variants(session, sitting, attempts, placed)
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting_id), by, "seating_planned", sitting_id,
                 {"seats": placed, "variants": variants})
    return placed


def _give_variants(session: Session, sitting: SittingRecord, attempts: Sequence[AttemptRecord],
                   placed: Mapping[str, str]) -> dict[str, str]:
    """code -> variant, of those whose variant may still change."""
    plan, archive = show_plan(session), session.get(ArchiveRecord, sitting.archive)
    variants = find_variants(archive) if archive else []
    given = {}
    for attempt in attempts:
        if attempt.code in placed and attempt.state == "assigned" and attempt.seated_at_ms is None:
            attempt.variant = find_place_variant(plan, placed[attempt.code], variants) or attempt.variant
            given[attempt.code] = attempt.variant
    return given


def create_waves(session: Session, now_ms: int, asked: NewSitting, first_ms: int, turnover_s: int,
                 by: str) -> list[SittingRecord]:
    """A sitting for each wave of the candidates asked for. Raises NoSeats and what create_sitting raises."""
    archive = session.get(ArchiveRecord, asked.archive)
    if archive is None:
        raise NotFound()
    seats = sum(one.state != "blocked" for one in list_workstations(session))
    if not seats:
        raise NoSeats()
    duration_s = int(read_assessment(archive).get("duration_s", 0))
    entries = {entry.code: entry for entry in asked.entries}
    waves = plan_waves(list(entries), seats, first_ms, duration_s, turnover_s)
    return [_create_wave(session, now_ms, asked, wave, len(waves), [entries[code] for code in wave.codes], by)
            for wave in waves]


def _create_wave(session: Session, now_ms: int, asked: NewSitting, wave: Wave, count: int, entries: list[Entry],
                 by: str) -> SittingRecord:
    sitting = create_sitting(session, now_ms, NewSitting(
        asked.archive, asked.room, asked.day, entries, asked.campaign, asked.window, asked.pace), by)
    session.add(WaveRecord(sitting=sitting.id, number=wave.number, count=count, begins_at_ms=wave.begins_at_ms))
    append_audit(session, now_ms, chain_of(sitting.id), by, "wave_planned", sitting.id, {
        "number": wave.number, "of": count, "begins_at_ms": wave.begins_at_ms})
    return sitting
