"""Reading certificates at the hub. Takes a session and a territory; gives dataclasses, newest first."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.rehearsals import Rehearsal, read_rehearsal
from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.rehearsals.records import RehearsalRecord
from testing_server.preparation.registry.queries import School, list_schools


@dataclass(frozen=True)
class SchoolRehearsal:
    """A certificate; its signature was checked when it came."""

    certificate: str
    school: School
    received_at_ms: int
    rehearsal: Rehearsal
    envelope: bytes


def list_rehearsals(session: Session, territory: str | None, limit: int = 1000) -> list[SchoolRehearsal]:
    """Of the territory's schools, the newest."""
    schools = {school.id: school for school in list_schools(session, territory)}
    rows = session.scalars(select(RehearsalRecord).where(RehearsalRecord.school.in_(schools)).order_by(
        RehearsalRecord.ended_at_ms.desc()).limit(limit))
    return [_describe(row, schools[row.school]) for row in rows]


def find_rehearsal(session: Session, territory: str | None, certificate: str) -> SchoolRehearsal | None:
    """One of the territory, or None."""
    row = session.get(RehearsalRecord, certificate)
    schools = {school.id: school for school in list_schools(session, territory)}
    return _describe(row, schools[row.school]) if row is not None and row.school in schools else None


def _describe(row: RehearsalRecord, school: School) -> SchoolRehearsal:
    envelope = row.envelope.encode()
    return SchoolRehearsal(row.certificate, school, row.received_at_ms,
                           read_rehearsal(read_unverified(envelope).payload), envelope)
