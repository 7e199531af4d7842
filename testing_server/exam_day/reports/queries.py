"""What the papers of a sitting say. Takes a session; gives facts by candidate and by time, and the remarks.

Remarks are lines of the sitting's audit: they travel with the package and with the room ledger like any other act.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.events import EventKind, read_event
from testing_server.contracts.fold import AttemptState
from testing_server.contracts.receipt_code import make_receipt_code
from testing_server.contracts.verdicts import NEEDS_ORGANIZER, choose_verdict
from testing_server.exam_day.packages.rules import count_seconds_used
from testing_server.exam_day.replay.rules import Received, find_lost_links
from testing_server.exam_day.responses.queries import Recording, list_recordings
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.responses.states import StateCache
from testing_server.exam_day.sittings.actions import chain_of, list_attempts
from testing_server.exam_day.sittings.records import (
    AttemptRecord, DirectiveRecord, IncidentRecord, LeaseRecord, SittingRecord)
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.foundation.audit import read_audit

REMARKS_WRITTEN = "remarks_written"
# A shorter loss of the link is nobody's incident: the seat keeps everything.
TOLD_LINK_MS = 60_000


@dataclass(frozen=True)
class Candidate:
    """One line of the protocol. `receipt`: 20 characters, "" where nothing was written; `seats`: in order."""

    code: str
    seats: tuple[str, ...]
    variant: str
    state: str
    reason: str
    seconds_used: int
    answered: int
    recordings: int
    recordings_doubtful: int
    extra_s: int
    receipt: str


@dataclass(frozen=True)
class Happening:
    """One line of the incident report. `code`: "" for the whole room; `kind`: of the incident, or link_lost."""

    at_ms: int
    code: str
    kind: str
    text: str
    by: str
    until_ms: int | None = None


@dataclass(frozen=True)
class Papers:
    """Everything both papers say."""

    candidates: list[Candidate]
    happenings: list[Happening]
    commands: Counter[str]
    people: list[str]
    remarks: dict[str, str]


def read_papers(session: Session, sitting: SittingRecord, states: StateCache) -> Papers:
    """As it stands now."""
    attempts = list_attempts(session, sitting.id)
    folded = states.read(session, [one.id for one in attempts], (sitting.opens_at_ms, sitting.closes_at_ms))
    audit = read_audit(session, chain_of(sitting.id))
    remarks = {line.details["document"]: line.details["text"] for line in audit if line.verb == REMARKS_WRITTEN}
    commands = Counter(line.verb.removeprefix("command_") for line in audit if line.verb.startswith("command_"))
    people = sorted({line.actor for line in audit if _is_person(line.actor)})
    return Papers(_read_candidates(session, attempts, folded), _read_happenings(session, sitting, attempts), commands,
                  people, remarks)


def _is_person(actor: str) -> bool:
    return ":" not in actor and actor not in ("", "server", "system", "worker", "workstations", "hub", "command line")


def _read_candidates(session: Session, attempts: Sequence[AttemptRecord],
                     folded: dict[str, AttemptState]) -> list[Candidate]:
    ids = [one.id for one in attempts]
    sounds: dict[str, list[Recording]] = {}
    for recording in list_recordings(session, ids):
        sounds.setdefault(recording.attempt, []).append(recording)
    seats, heads = _read_seats(session, ids), _read_heads(session, ids)
    return [_read_candidate(one, folded[one.id], sounds.get(one.id, []), seats.get(one.id, []), heads.get(one.id, {}))
            for one in attempts]


def _read_candidate(attempt: AttemptRecord, state: AttemptState, sounds: list[Recording], seats: list[str],
                    heads: dict[int, tuple[int, str]]) -> Candidate:
    answered = {key.partition("/")[0] for key, one in state.responses.items() if one.value not in (None, "", [])}
    doubtful = sum(choose_verdict(one.server_verdict, one.verdict) in NEEDS_ORGANIZER for one in sounds)
    receipt = make_receipt_code(heads, [one.sha256 for one in state.recordings]) if heads else ""
    return Candidate(attempt.code, tuple(seats), attempt.variant, attempt.state, attempt.reason,
                     count_seconds_used(state), len(answered), len(sounds), doubtful, state.extra_ms // 1000, receipt)


def _read_seats(session: Session, attempts: list[str]) -> dict[str, list[str]]:
    rows = session.execute(select(LeaseRecord.attempt, WorkstationRecord.seat).join(
        WorkstationRecord, WorkstationRecord.id == LeaseRecord.workstation).where(
        LeaseRecord.attempt.in_(attempts), LeaseRecord.state != "void").order_by(LeaseRecord.lease))
    found: dict[str, list[str]] = {}
    for attempt, seat in rows:
        known = found.setdefault(attempt, [])
        if not known or known[-1] != seat:
            known.append(seat)
    return found


def _read_heads(session: Session, attempts: list[str]) -> dict[str, dict[int, tuple[int, str]]]:
    rows = session.scalars(select(LeaseRecord).where(
        LeaseRecord.attempt.in_(attempts), LeaseRecord.head_number > 0))
    found: dict[str, dict[int, tuple[int, str]]] = {}
    for one in rows:
        found.setdefault(one.attempt, {})[one.lease] = (one.head_number, one.head_digest)
    return found


def _read_happenings(session: Session, sitting: SittingRecord, attempts: list[AttemptRecord]) -> list[Happening]:
    codes = {one.id: one.code for one in attempts}
    found = [Happening(one.at_ms, codes.get(one.attempt or "", ""), one.kind, one.text, one.by)
             for one in session.scalars(select(IncidentRecord).where(IncidentRecord.sitting == sitting.id))]
    found += _read_moves(session, codes)
    for attempt, code in codes.items():
        found += [Happening(start, code, "link_lost", "", "", end) for start, end in _read_lost_links(session, attempt)
                  if end - start >= TOLD_LINK_MS]
    return sorted(found, key=lambda one: (one.at_ms, one.code))


def _read_moves(session: Session, codes: dict[str, str]) -> list[Happening]:
    rows = session.scalars(select(DirectiveRecord).where(
        DirectiveRecord.attempt.in_(codes), DirectiveRecord.kind == "move"))
    return [Happening(one.at_ms, codes[one.attempt], "move", "", "") for one in rows]


def _read_lost_links(session: Session, attempt: str) -> list[tuple[int, int]]:
    # a tick is the seat's sign of life every five seconds, whatever else it does
    rows = session.execute(select(EventRecord.line, EventRecord.received_at_ms).where(
        EventRecord.attempt == attempt, EventRecord.kind.in_((EventKind.TIMER_TICK, EventKind.ANSWER_SET))))
    return find_lost_links([Received(read_event(line.encode()), at_ms) for line, at_ms in rows])
