"""Tells the consoles that something else is heard of a candidate who speaks: a hint at each change, not at each part.

Takes the application's services, once a second; remembers in the room what was told last.
"""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.responses.heard_now import hear_now
from testing_server.exam_day.responses.queries import Recording, read_recording
from testing_server.exam_day.responses.records import RecordingRecord
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.foundation.services import Services


def tell_heard(offered: Services) -> list[str]:
    """The sittings that were told."""
    here = attach_room(offered)
    with offered.storage.read() as session:
        recordings = _list_going_on(session)
        heard = hear_now(here.data, recordings, here.clock.now_ms())
        changed = {attempt for attempt in heard.keys() | here.heard.keys()
                   if heard.get(attempt, "") != here.heard.get(attempt, "")}
        sittings = sorted(set(session.scalars(select(AttemptRecord.sitting).where(AttemptRecord.id.in_(changed)))))
    here.heard = heard
    for sitting in sittings:
        offered.live.changed(f"sitting:{sitting}", here.clock.monotonic_ms())
    return sittings


def _list_going_on(session: Session) -> list[Recording]:
    rows = session.scalars(select(RecordingRecord).where(RecordingRecord.state == "recording").order_by(
        RecordingRecord.attempt, RecordingRecord.lease, RecordingRecord.number))
    return [read_recording(row) for row in rows]
