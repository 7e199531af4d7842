"""Keeping what another server handed over: events stored once, sound and files through the own files process.

Takes pages; leaves rows and files. A server that stands by stores lines as they are; one that leads lets them take
effect as if their seats had sent them.
"""
from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from sqlalchemy import insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from testing_server.contracts.events import digest_of, read_event
from testing_server.contracts.handover import HandedFile, HandedPart
from testing_server.contracts.refusals import BadEvent
from testing_server.exam_day.recovery.standby.line import LineRefused, Wire
from testing_server.exam_day.responses.actions import append_events
from testing_server.exam_day.responses.parts import PART_LIMIT
from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord
from testing_server.exam_day.responses.rules import Line
from testing_server.exam_day.sittings.records import LeaseRecord
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.storage import Storage

log = logging.getLogger(__name__)
Told = Sequence[tuple[int, str]]


def read_lines(told: Told) -> list[tuple[int, Line]]:
    """(received_at_ms, line); what is no event of this protocol is left out, with a word in the log."""
    found = []
    for at_ms, text in told:
        try:
            found.append((at_ms, Line(read_event(text.encode()), text, digest_of(text.encode()))))
        except BadEvent as error:
            log.warning("an event that was handed over cannot be read: %s", error)
    return found


def store_lines(session: Session, events: Sequence[tuple[int, Line]], aside: Sequence[tuple[int, Line]]) -> None:
    """Each line once. One that contradicts what is here is set aside: a person looks at both."""
    known = _read_known(session, [line for _, line in events])
    fresh: dict[tuple[str, int, int], tuple[int, Line]] = {}
    others = list(aside)
    for at_ms, line in events:
        name = (line.event.attempt, line.event.lease, line.event.number)
        held = known.get(name) or (fresh[name][1].digest if name in fresh else "")
        if not held:
            fresh[name] = (at_ms, line)
        elif held != line.digest:
            others.append((at_ms, line))
    if fresh:
        session.execute(insert(EventRecord), [_describe(at_ms, line) | {"kind": line.event.kind}
                                              for at_ms, line in fresh.values()])
    for at_ms, line in others:
        session.execute(sqlite.insert(EventConflictRecord).values(**_describe(at_ms, line)).on_conflict_do_nothing())


def _describe(at_ms: int, line: Line) -> dict[str, object]:
    return {"attempt": line.event.attempt, "lease": line.event.lease, "number": line.event.number,
            "digest": line.digest, "line": line.text, "received_at_ms": at_ms}


def _read_known(session: Session, lines: Sequence[Line]) -> dict[tuple[str, int, int], str]:
    found: dict[tuple[str, int, int], str] = {}
    for (attempt, lease), group in groupby(sorted(lines, key=_name_lease), key=_name_lease):
        numbers = [line.event.number for line in group]
        for number, digest in session.execute(select(EventRecord.number, EventRecord.digest).where(
                EventRecord.attempt == attempt, EventRecord.lease == lease,
                EventRecord.number.between(min(numbers), max(numbers)))):
            found[attempt, lease, number] = digest
    return found


def _name_lease(line: Line) -> tuple[str, int]:
    return line.event.attempt, line.event.lease


def join_lines(storage: Storage, now_ms: int, lines: Sequence[tuple[int, Line]]) -> int:
    """As if the seats had sent them, on a server that leads; returns how many were of no lease known here."""
    unknown = 0
    ordered = sorted((line for _, line in lines), key=lambda line: (*_name_lease(line), line.event.number))
    for (attempt, lease), group in groupby(ordered, key=_name_lease):
        batch = list(group)
        try:
            storage.write(partial(_join, now_ms=now_ms, attempt=attempt, lease=lease, batch=batch))
        except Refusal as refusal:
            unknown += len(batch)
            log.info("events of attempt %s, lease %s wait for their seat: %s", attempt, lease, refusal.code)
    return unknown


def _join(session: Session, now_ms: int, attempt: str, lease: int, batch: list[Line]) -> None:
    known = session.get(LeaseRecord, (attempt, lease))
    append_events(session, now_ms, attempt, lease, known.workstation if known else "", batch)


def keep_part(own: Wire, token: str, part: HandedPart, sound: bytes) -> bool:
    """Through the own files process, as a seat would send it; whether it was taken."""
    try:
        own.ask("PUT", f"/v1/recordings/{part.attempt}/{part.lease}/{part.number}/parts/{part.part_no}"
                f"?offset={part.offset}&sha256={part.sha256}", token, sound)
    except LineRefused as refusal:
        log.warning("a part of %s/%s/%s is not taken: %s", part.attempt, part.lease, part.number, refusal)
        if refusal.status >= 500:
            raise
        return False
    return True


def keep_file(own: Wire, token: str, one: HandedFile, content: bytes) -> None:
    """Piece by piece, as a seat would send it."""
    for offset in range(0, max(len(content), 1), PART_LIMIT):
        own.ask("PUT", f"/v1/files/{one.attempt}/{one.sha256}?offset={offset}&bytes={one.length}", token,
                content[offset:offset + PART_LIMIT])
