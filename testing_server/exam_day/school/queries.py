"""Reading the school. Takes a session; gives a dataclass, or None before the first set-up."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.school.records import SchoolRecord


@dataclass(frozen=True)
class School:
    """`certificate`, `hub_keys`: signed envelopes (text), empty before enrolment; `zone`: IANA name or ""."""

    id: str
    name: str
    room: str
    zone: str
    hub_url: str
    certificate: str
    hub_keys: str
    root_fingerprint: str

    @property
    def is_enrolled(self) -> bool:
        return bool(self.certificate)


def find_school(session: Session) -> School | None:
    """The school of this server."""
    row = session.scalar(select(SchoolRecord))
    if row is None:
        return None
    return School(row.id, row.name, row.room, row.zone, row.hub_url, row.certificate, row.hub_keys,
                  row.root_fingerprint)
