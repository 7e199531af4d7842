"""What changes sittings and attempts. Takes a session and facts; every act leaves an audit line of the sitting."""
from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.leases import LEASE_STEP, make_generation
from testing_server.contracts.messages import CheckReport
from testing_server.contracts.states import check_move
from testing_server.contracts.verdicts import NEEDS_ORGANIZER
from testing_server.exam_day.rooms.queries import find_plan
from testing_server.exam_day.rooms.rules import find_near, find_place_variant
from testing_server.exam_day.sittings.claims import Claimant, write_claim
from testing_server.exam_day.sittings.leases import find_newest, grant_lease, revoke, view_lease
from testing_server.exam_day.sittings.queries import find_variants, read_assessment
from testing_server.exam_day.sittings.records import (
    ArchiveRecord, AttemptRecord, IncidentRecord, LeaseRecord, SittingRecord)
from testing_server.exam_day.sittings.rules import (
    ADMITTING, FENCED, GOING_ON, AttemptOver, Fenced, LoginUnknown, NoCodes, NotOpen, SeatOccupied, Seated,
    assign_variants,
    check_pace, check_window, choose_variant, decide_sign_in, find_neighbours, needs_sound)
from testing_server.exam_day.sittings.standing import check_for_sitting
from testing_server.exam_day.workstations.actions import find_workstation
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.exam_day.workstations.rules import WorkstationBlocked
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound
from testing_server.preparation.school_key import SchoolKey


@dataclass(frozen=True)
class Entry:
    """A candidate of the roster."""

    login: str
    code: str


@dataclass(frozen=True)
class NewSitting:
    """What an organizer asks for. `campaign`: {"id", "counted", "max_pace"} of the roster."""

    archive: str
    room: str
    day: str
    entries: Sequence[Entry]
    campaign: dict[str, Any]
    window: tuple[int, int]
    pace: int = 1


def chain_of(sitting: str) -> str:
    """The audit chain that is also the room ledger."""
    return f"sitting:{sitting}"


def create_sitting(session: Session, now_ms: int, asked: NewSitting, by: str) -> SittingRecord:
    """A sitting in draft with an attempt for each entry.

    Raises NoVariants, NoCodes, PaceRefused, MaterialsWithdrawn, MaterialsMoved, CountedNeedsCipher.
    """
    archive = session.get(ArchiveRecord, asked.archive)
    if archive is None:
        raise NotFound()
    check_for_sitting(archive, asked.day, asked.campaign)
    assessment = read_assessment(archive)
    check_pace(asked.pace, asked.campaign, assessment)
    if not asked.entries:
        raise NoCodes()
    variants = assign_variants([entry.code for entry in asked.entries], find_variants(archive))
    sitting = SittingRecord(
        id=str(uuid.uuid4()), archive=archive.id, assessment=archive.assessment, campaign=str(asked.campaign["id"]),
        room=asked.room, day=asked.day, state="draft", pace=asked.pace, version=1, made_at_ms=now_ms,
        training=not (asked.campaign.get("counted", True) and assessment.get("counted", True)),
        opens_at_ms=asked.window[0], closes_at_ms=asked.window[1], generation=0, claim="")
    session.add(sitting)
    session.add_all(AttemptRecord(
        id=str(uuid.uuid4()), sitting=sitting.id, code=entry.code, login=entry.login, variant=variants[entry.code],
        state="assigned", moves=0, reason="") for entry in asked.entries)
    append_audit(session, now_ms, chain_of(sitting.id), by, "sitting_made", sitting.id, {
        "assessment": sitting.assessment, "room": sitting.room, "pace": sitting.pace, "archive": archive.id,
        "codes": {entry.code: variants[entry.code] for entry in asked.entries}})
    session.flush()
    return sitting


def move_sitting(session: Session, now_ms: int, sitting: SittingRecord, wanted: str, by: str,
                 **details: Any) -> None:
    """One step of the sitting's life. Raises MoveRefused."""
    check_move("sitting", sitting.state, wanted)
    sitting.state = wanted
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, f"sitting_{wanted}", sitting.id, details)


def open_sitting(session: Session, now_ms: int, sitting_id: str, by: str, key: SchoolKey,
                 claimant: Claimant) -> SittingRecord:
    """Draft or ready → open, with the first claim.

    Raises OutsideWindow, MoveRefused, MaterialsWithdrawn, MaterialsMoved.
    """
    sitting = find_sitting(session, sitting_id)
    check_for_sitting(session.get_one(ArchiveRecord, sitting.archive), sitting.day, {"counted": not sitting.training})
    check_window(now_ms, sitting.opens_at_ms, sitting.closes_at_ms)
    if sitting.state == "draft":
        move_sitting(session, now_ms, sitting, "ready", by)
    move_sitting(session, now_ms, sitting, "open", by)
    sitting.opened_at_ms = now_ms
    sitting.generation = make_generation(1, secrets.randbits(12))
    sitting.claim = write_claim(key, now_ms, sitting.id, sitting.generation, claimant, by, "first", 0)
    append_audit(session, now_ms, chain_of(sitting.id), by, "sitting_claimed", sitting.id,
                 {"generation": sitting.generation})
    return sitting


@dataclass(frozen=True)
class SeatedAttempt:
    """What a sign-in gives."""

    attempt: AttemptRecord
    lease: LeaseRecord
    sitting: SittingRecord


def sign_in(session: Session, now_ms: int, login: str, asking: Seated) -> SeatedAttempt:
    """A candidate sits down. The same workstation and journal get the same lease again.

    Raises LoginUnknown, NotOpen, AlreadySeated, SeatOccupied, AttemptOver, WorkstationBlocked.
    """
    workstation = find_workstation(session, asking.workstation)
    if workstation.state == "blocked":
        raise WorkstationBlocked()
    sitting, attempt = _find_by_login(session, login)
    if sitting.state not in ADMITTING:
        raise NotOpen()
    newest = find_newest(session, attempt.id)
    outcome = decide_sign_in(attempt.state, view_lease(newest), asking, sitting.generation)
    _check_seat_free(session, attempt, workstation)
    if outcome == "repeat" and newest is not None:
        newest.journal = asking.journal
        _sit_down(session, now_ms, sitting, attempt, workstation)
        return SeatedAttempt(attempt, newest, sitting)
    if newest is not None and newest.lease // LEASE_STEP == sitting.generation:
        # one of an earlier server ends when the new one is opened: until then the seat writes under it
        revoke(newest)
    _choose_variant(session, sitting, attempt, workstation)
    lease = grant_lease(session, now_ms, sitting, attempt, workstation.id, asking.journal, outcome, "server")
    _sit_down(session, now_ms, sitting, attempt, workstation)
    append_audit(session, now_ms, chain_of(sitting.id), f"workstation:{workstation.id}", "seated", attempt.code, {
        "seat": workstation.seat, "lease": lease.lease, "reason": outcome, "variant": attempt.variant})
    return SeatedAttempt(attempt, lease, sitting)


def _find_by_login(session: Session, login: str) -> tuple[SittingRecord, AttemptRecord]:
    rows = session.execute(
        select(SittingRecord, AttemptRecord).join(AttemptRecord, AttemptRecord.sitting == SittingRecord.id)
        .where(AttemptRecord.login == login).order_by(SittingRecord.made_at_ms)).all()
    known = [(sitting, attempt) for sitting, attempt in rows
             if sitting.state != "cancelled" and attempt.state != "transferred"]
    if not known:
        raise LoginUnknown()
    # one login serves all works of a day: the sitting that admits and is not over for this candidate comes first
    admitting = [pair for pair in known if pair[0].state in ADMITTING]
    if not admitting:
        raise Fenced() if any(sitting.state == FENCED for sitting, _ in known) else NotOpen()
    unfinished = [pair for pair in admitting if pair[1].state in GOING_ON]
    if not unfinished:
        raise AttemptOver()
    return unfinished[0]


def _check_seat_free(session: Session, attempt: AttemptRecord, workstation: WorkstationRecord) -> None:
    others = session.scalars(select(AttemptRecord).where(
        AttemptRecord.workstation == workstation.id, AttemptRecord.id != attempt.id,
        AttemptRecord.state.in_(GOING_ON - {"assigned"}))).all()
    for other in others:
        newest = find_newest(session, other.id)
        sitting = session.get(SittingRecord, other.sitting)
        if newest and newest.workstation == workstation.id and sitting and sitting.state in ADMITTING:
            raise SeatOccupied()


def _choose_variant(session: Session, sitting: SittingRecord, attempt: AttemptRecord,
                    workstation: WorkstationRecord) -> None:
    """Before anything of the variant was shown, it may still change so that neighbours differ."""
    if attempt.state != "assigned" or attempt.seated_at_ms is not None:
        return
    rows = session.execute(
        select(WorkstationRecord.seat, AttemptRecord.variant)
        .join(AttemptRecord, AttemptRecord.workstation == WorkstationRecord.id)
        .where(AttemptRecord.sitting == sitting.id, AttemptRecord.id != attempt.id)).all()
    plan, seats = find_plan(session), [seat for seat, _ in rows]
    near = find_near(plan, workstation.seat) if plan else set(find_neighbours(workstation.seat, seats))
    archive = session.get(ArchiveRecord, sitting.archive)
    variants = find_variants(archive) if archive else [attempt.variant]
    beside = [variant for seat, variant in rows if seat in near]
    here = find_place_variant(plan, workstation.seat, variants) if plan else ""
    # the pattern of the room holds for all places at once; only where somebody sits out of it one has to choose
    attempt.variant = here if here and here not in beside else choose_variant(
        attempt.variant, beside, variants, [variant for _, variant in rows])


def _sit_down(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord,
              workstation: WorkstationRecord) -> None:
    attempt.workstation = workstation.id
    attempt.seated_at_ms = attempt.seated_at_ms or now_ms
    sitting.version += 1
    if attempt.state == "assigned":
        attempt.state = "seated"
        archive = session.get(ArchiveRecord, sitting.archive)
        if archive and not needs_sound(read_assessment(archive)):
            attempt.state = "checked"


def note_check(session: Session, now_ms: int, workstation_id: str, report: CheckReport) -> None:
    """A sound check with a usable verdict makes the candidate sitting there checked."""
    if not report.verdict or report.verdict in NEEDS_ORGANIZER:
        return
    for attempt in session.scalars(select(AttemptRecord).where(
            AttemptRecord.workstation == workstation_id, AttemptRecord.state == "seated")):
        check_move("attempt", attempt.state, "checked")
        attempt.state = "checked"
        sitting = session.get(SittingRecord, attempt.sitting)
        if sitting is not None:
            sitting.version += 1


def record_incident(session: Session, now_ms: int, sitting: SittingRecord, attempt: str | None, kind: str, text: str,
                    by: str, identity: str = "") -> IncidentRecord:
    """A line of the incident report. `identity`: of an incident that may be told twice, "" for one that is new."""
    known = session.get(IncidentRecord, identity) if identity else None
    if known is not None:
        return known
    incident = IncidentRecord(id=identity or str(uuid.uuid4()), sitting=sitting.id, attempt=attempt, kind=kind,
                              text=text, by=by, at_ms=now_ms)
    session.add(incident)
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, "incident_recorded", attempt or sitting.id,
                 {"kind": kind, "text": text})
    return incident


def find_sitting(session: Session, sitting_id: str) -> SittingRecord:
    """Raises NotFound."""
    sitting = session.get(SittingRecord, sitting_id)
    if sitting is None:
        raise NotFound()
    return sitting


def find_attempt(session: Session, attempt_id: str) -> AttemptRecord:
    """Raises NotFound."""
    attempt = session.get(AttemptRecord, attempt_id)
    if attempt is None:
        raise NotFound()
    return attempt


def list_attempts(session: Session, sitting_id: str) -> list[AttemptRecord]:
    """By code."""
    return list(session.scalars(
        select(AttemptRecord).where(AttemptRecord.sitting == sitting_id).order_by(AttemptRecord.code)))


def read_json(text: str) -> Any:
    """JSON kept as text in a column."""
    return msgspec.json.decode(text)
