"""Preparing a training run. Takes who asks and what; leaves a roster, and an archive that the worker makes."""
from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.school.queries import School
from testing_server.exam_day.sittings.archives import STATEMENT, begin_opening, save_archive, save_roster
from testing_server.exam_day.sittings.jobs import archive_folder
from testing_server.exam_day.sittings.records import RosterRecord
from testing_server.exam_day.training.rules import CAMPAIGN, check_count, make_roster
from testing_server.preparation.private_files import write_private_file
from testing_server.preparation.school_key import SchoolKey


def prepare_codes(session: Session, now_ms: int, day: str, count: int, school: School, key: SchoolKey, by: str) -> int:
    """Codes and logins of the day's training; returns how many there are. Raises BadCount."""
    check_count(count)
    rosters = {row.campaign: msgspec.json.decode(row.payload, type=dict[str, Any]) for row in session.scalars(
        select(RosterRecord).where(RosterRecord.day == day))}
    others = session.scalars(select(RosterRecord.payload).where(RosterRecord.campaign != CAMPAIGN))
    taken = {str(value) for payload in others
             for entry in msgspec.json.decode(payload, type=dict[str, Any])["entries"] for value in entry.values()}
    payload = make_roster(rosters.get(CAMPAIGN), count, day, now_ms,
                          {"id": school.id, "name": school.name, "zone": school.zone}, taken, secrets.randbelow)
    envelope = sign_statement(payload, PAYLOAD_TYPES["roster"], key.signing)
    save_roster(session, now_ms, payload, envelope, True, by)
    return len(payload["entries"])


def save_demonstration(session: Session, now_ms: int, data: Path, payload: dict[str, Any], title: dict[str, str],
                       key: SchoolKey) -> str:
    """What the worker made, signed by the school itself, on its way to being opened; returns the archive."""
    envelope = sign_statement(payload, PAYLOAD_TYPES["archive"], key.signing)
    write_private_file(archive_folder(data, payload["archive"]) / STATEMENT, envelope)
    save_archive(session, now_ms, payload, envelope, True, title, "worker")
    begin_opening(session, now_ms, payload["archive"], "worker")
    return str(payload["archive"])
