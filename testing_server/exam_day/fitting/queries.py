"""What a sitting needs and what the room has. Takes a session and the room; gives the fit."""
from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from testing_server.exam_day.fitting.machine import look_at_server
from testing_server.exam_day.fitting.rules import Battery, Fit, Load, Machine, judge_fit
from testing_server.exam_day.room import Room
from testing_server.exam_day.sittings.actions import find_sitting, list_attempts
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.queries import find_variants, list_bundles, read_assessment
from testing_server.exam_day.sittings.records import ArchiveRecord
from testing_server.exam_day.workstations.queries import Workstation, list_workstations


def read_fit(session: Session, room: Room, sitting_id: str) -> Fit:
    """Of a sitting that is prepared. Raises NotFound."""
    sitting = find_sitting(session, sitting_id)
    archive = session.get_one(ArchiveRecord, sitting.archive)
    variants = [attempt.variant for attempt in list_attempts(session, sitting_id)]
    load = measure_load(session, room, archive, len(variants), sorted(set(variants)), sitting.closes_at_ms)
    return judge_fit(load, look_at_server(room.data), list_machines(session))


def foresee_fit(session: Session, room: Room, archive: ArchiveRecord, candidates: int, closes_at_ms: int) -> Fit:
    """Of a sitting that somebody is about to prepare."""
    load = measure_load(session, room, archive, candidates, find_variants(archive), closes_at_ms)
    return judge_fit(load, look_at_server(room.data), list_machines(session))


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
