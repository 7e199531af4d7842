"""Whether a candidate heard more than the work allows: seats journal hearings before they start.

Takes the events of hearings and what each item allows. Gives what was too much: an incident of the sitting, shown on
the grid. A late packet of an old seat may reveal it too, where the candidate could not know; a person judges.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.events import Event, EventKind, read_event
from testing_server.contracts.plays import RESUME_BACK_MS
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.responses.rules import Line
from testing_server.exam_day.sittings.actions import find_attempt, find_sitting, record_incident
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.records import IncidentRecord
from testing_server.foundation.storage import Storage

EXTRA_HEARING = "extra_hearing"
HEARING = (EventKind.PLAY_STARTED, EventKind.PLAY_PROGRESS, EventKind.PLAY_ENDED)
COUNTED_AT = (EventKind.PLAY_STARTED, EventKind.PLAY_ENDED, EventKind.ATTEMPT_FINISHED)
# How far before its last sign of life a resumed hearing may be heard again: the two seconds of the rule, and the second
# between two signs of life.
REPEAT_MS = RESUME_BACK_MS + 1_000


@dataclass(frozen=True)
class Allowed:
    """What an item allows: its place in the work, how many hearings."""

    position: int
    plays: int


def is_worth_counting(lines: Sequence[Line]) -> bool:
    """Whether a batch may bring a hearing too much to light. Signs of life come every second and are counted with the
    next of these."""
    return any(line.event.kind in COUNTED_AT for line in lines)


def find_extra_hearings(events: Iterable[Event], allowed: Mapping[str, Allowed]) -> list[tuple[str, int]]:
    """(item, number of the hearing) of every hearing that should not have been: beyond the number allowed, begun again
    after its end, or heard again from far before the place where it broke off."""
    heard: dict[tuple[str, int], tuple[int, bool]] = {}
    extra: dict[tuple[str, int], None] = {}
    for event in sorted(events, key=lambda one: (one.lease, one.number)):
        name = (str(event.body["item"]), int(event.body["play"]))
        reached_ms, is_over = heard.get(name, (0, False))
        position_ms = int(event.body.get("position_ms", reached_ms))
        limit = allowed.get(name[0])
        is_beyond = limit is not None and name[1] > limit.plays
        if is_beyond or position_ms < reached_ms - REPEAT_MS or (is_over and event.kind == EventKind.PLAY_STARTED):
            extra[name] = None
        heard[name] = (max(reached_ms, position_ms), is_over or event.kind == EventKind.PLAY_ENDED)
    return list(extra)


def note_extra_hearings(storage: Storage, now_ms: int, data: Path, attempt: str, words: str) -> str:
    """An incident for each hearing too much that has none yet; the sitting if there was one, else "".

    `words` with %(position)s, %(play)s and %(plays)s.
    """
    with storage.read() as session:
        fresh = _list_fresh(session, data, attempt, words)
    return storage.write(lambda writing: _note(writing, now_ms, attempt, fresh)) if fresh else ""


def _list_fresh(session: Session, data: Path, attempt_id: str, words: str) -> list[str]:
    attempt = find_attempt(session, attempt_id)
    allowed = read_allowed(data, find_sitting(session, attempt.sitting).archive, attempt.variant)
    rows = session.scalars(select(EventRecord.line).where(
        EventRecord.attempt == attempt_id, EventRecord.kind.in_(HEARING)))
    found = find_extra_hearings([read_event(line.encode()) for line in rows], allowed)
    texts = [words % {"position": allowed[item].position if item in allowed else item, "play": play,
                      "plays": allowed[item].plays if item in allowed else 0} for item, play in found]
    known = _read_noted(session, attempt_id)
    return [text for text in texts if text not in known]


def _read_noted(session: Session, attempt: str) -> set[str]:
    return set(session.scalars(select(IncidentRecord.text).where(
        IncidentRecord.attempt == attempt, IncidentRecord.kind == EXTRA_HEARING)))


def _note(session: Session, now_ms: int, attempt_id: str, texts: Sequence[str]) -> str:
    sitting, noted = find_sitting(session, find_attempt(session, attempt_id).sitting), _read_noted(session, attempt_id)
    for text in texts:
        if text not in noted:
            record_incident(session, now_ms, sitting, attempt_id, EXTRA_HEARING, text, "server")
    return sitting.id


def list_extra_hearers(session: Session, attempts: Sequence[str]) -> set[str]:
    """Attempts of which such an incident is noted."""
    return {str(one) for one in session.scalars(select(IncidentRecord.attempt).where(
        IncidentRecord.attempt.in_(attempts), IncidentRecord.kind == EXTRA_HEARING))}


def read_allowed(data: Path, archive: str, variant: str) -> dict[str, Allowed]:
    """What each item of a variant allows; {} while the archive is closed here."""
    path = opened_folder(data, archive) / "variants" / f"{variant}.json"
    return _read_variant(str(path)) if path.exists() else {}


@lru_cache(maxsize=256)
def _read_variant(path: str) -> dict[str, Allowed]:
    items = msgspec.json.decode(Path(path).read_bytes(), type=dict)["items"]
    return {item["id"]: Allowed(item["position"], int((item.get("listening") or {}).get("plays", 0))) for item in items}
