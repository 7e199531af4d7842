"""What a sitting needs and what the room has. Takes a session and the room; gives the fit."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.fitting.machine import look_at_server
from testing_server.exam_day.fitting.rules import (
    PCM_BYTES_S, SERVER_BYTES_S, Battery, Fit, Load, Machine, judge_fit)
from testing_server.exam_day.responses.queries import list_recordings
from testing_server.exam_day.room import Room
from testing_server.exam_day.sittings.actions import find_sitting, list_attempts
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.queries import find_variants, list_bundles, read_assessment
from testing_server.exam_day.sittings.records import ArchiveRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING, AT_WORK
from testing_server.exam_day.workstations.queries import Workstation, list_workstations

OPEN, PREPARED = ADMITTING, frozenset({"draft", "ready"})
SPEAKING = AT_WORK | {"assigned", "seated", "checked"}


def read_fit(session: Session, room: Room, sitting_id: str) -> Fit:
    """Of a sitting that is prepared. Raises NotFound."""
    sitting = find_sitting(session, sitting_id)
    archive = session.get_one(ArchiveRecord, sitting.archive)
    variants = [attempt.variant for attempt in list_attempts(session, sitting_id)]
    load = measure_load(session, room, archive, len(variants), sorted(set(variants)), sitting.closes_at_ms)
    beside, later = measure_others(session, room, sitting_id)
    return judge_fit(replace(load, beside_bytes=beside, later_bytes=later), look_at_server(room.data),
                     list_machines(session))


def foresee_fit(session: Session, room: Room, archive: ArchiveRecord, candidates: int, closes_at_ms: int) -> Fit:
    """Of a sitting that somebody is about to prepare."""
    load = measure_load(session, room, archive, candidates, find_variants(archive), closes_at_ms)
    beside, later = measure_others(session, room)
    return judge_fit(replace(load, beside_bytes=beside, later_bytes=later), look_at_server(room.data),
                     list_machines(session))


def measure_others(session: Session, room: Room, but: str = "") -> tuple[int, int]:
    """Bytes that other sittings of this server will still write: (those that are open, those that are prepared)."""
    waiting = {True: 0, False: 0}
    for sitting in session.scalars(select(SittingRecord).where(
            SittingRecord.state.in_(OPEN | PREPARED), SittingRecord.id != but)):
        waiting[sitting.state in OPEN] += measure_speech_ahead(session, room, sitting)
    return waiting[True], waiting[False]


def measure_speech_ahead(session: Session, room: Room, sitting: SittingRecord) -> int:
    """Bytes on the server of all that may still be spoken in a sitting."""
    folder = opened_folder(room.data, sitting.archive) / "variants"
    going_on = [one for one in list_attempts(session, sitting.id) if one.state in SPEAKING]
    speaking_s = sum(count_speaking_s(str(folder / f"{one.variant}.json")) for one in going_on)
    spoken = sum(one.durable_bytes for one in list_recordings(session, [one.id for one in going_on]))
    return max(0, speaking_s * PCM_BYTES_S - spoken) * SERVER_BYTES_S // PCM_BYTES_S


def measure_load(session: Session, room: Room, archive: ArchiveRecord, candidates: int, variants: Sequence[str],
                 closes_at_ms: int) -> Load:
    """The longest speech and the largest bundle among the variants."""
    folder = opened_folder(room.data, archive.id) / "variants"
    speaking = [count_speaking_s(str(folder / f"{number}.json")) for number in variants]
    bundles = [sum(bundle.bytes for bundle in list_bundles(session, archive.id, number)) for number in variants]
    duration_s = int(read_assessment(archive).get("duration_s", 0))
    return Load(candidates, len(variants), max(speaking, default=0), duration_s, max(bundles, default=0),
                (closes_at_ms - room.clock.now_ms()) // 1000)


@lru_cache(maxsize=1024)
def count_speaking_s(path: str) -> int:
    """Seconds a candidate may record in this variant, every take; 0 for one that is not here."""
    file = Path(path)
    variant: dict[str, Any] = msgspec.json.decode(file.read_bytes()) if file.exists() else {}
    spoken = [item["speaking"] for item in variant.get("items", ()) if item.get("speaking")]
    return sum(int(one["record_s"]) * int(one.get("takes", 1)) for one in spoken)


def list_machines(session: Session) -> list[Machine]:
    """Workstations that candidates may use."""
    return [describe_machine(one) for one in list_workstations(session) if one.state != "blocked"]


def describe_machine(one: Workstation) -> Machine:
    """What its last report measured."""
    check = one.check
    percent = check.get("battery_percent")
    battery = None if percent is None else Battery(int(percent), bool(check.get("on_mains")))
    return Machine(one.seat, check.get("disk_free_bytes") or None, check.get("memory_free_bytes") or None, battery,
                   check.get("link_kbytes_s") or None)
