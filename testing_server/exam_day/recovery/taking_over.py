"""Taking over: what workstations hand in becomes sittings again, under a claim above every one that was seen.

Takes the services and the unlocked key of the school. Leaves the sittings as they stood at the last ledger, each with
a new generation, a line in its incidents and the list of seats that must be heard from.
"""
from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from testing_server.contracts.claims import next_generation
from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.exam_day.recovery.bases import keep_base
from testing_server.exam_day.recovery.claiming import claim_anew
from testing_server.exam_day.recovery.facts import put_facts
from testing_server.exam_day.recovery.late import add_late_ledger
from testing_server.exam_day.recovery.lineage import find_place
from testing_server.exam_day.recovery.queries import AWAITED, SEEN
from testing_server.exam_day.recovery.records import AwaitedRecord, ClaimRecord, LedgerRecord
from testing_server.exam_day.recovery.rules import (
    KEPT_STATES, LED_STATES, RECEIPTED, NothingFound, NotRecovering, Place, is_complete, tell_age)
from testing_server.exam_day.recovery.sealing import LedgerRefused, LedgerTooNew, OpenedLedger, open_ledger
from testing_server.exam_day.recovery.standby.joining import join_sitting
from testing_server.exam_day.recovery.state import Recovery, attach_recovery
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.school.records import SchoolRecord
from testing_server.exam_day.sittings.actions import (
    chain_of, find_attempt, find_sitting, list_attempts, record_incident)
from testing_server.exam_day.sittings.archives import are_files_here
from testing_server.exam_day.sittings.claims import Claimant, describe_claimant
from testing_server.exam_day.sittings.directives import add_directive
from testing_server.exam_day.sittings.queries import list_bundles
from testing_server.exam_day.sittings.records import ArchiveRecord, DirectiveRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE, FENCED, GOING_ON
from testing_server.foundation.audit import find_last
from testing_server.foundation.services import Services
from testing_server.preparation.school_key import SchoolKey

log = logging.getLogger(__name__)
RECENT_MS = 12 * 3_600_000
BY = "recovery"
# So long without a single workstation is worth a word.
LONELY_MS = 60_000
# verbs of the audit: sitting_running, sitting_paused
MOVED = "sitting_"
OVER = frozenset({"purged", "cancelled"})


@dataclass(frozen=True)
class Newest:
    """The newest that is known of a room. `place`: how new; `ledger`: None where a backup is as new or newer;
    `envelope`: of the ledger made at that place, b"" where it is not at hand."""

    place: Place
    ledger: OpenedLedger | None
    envelope: bytes


@dataclass(frozen=True)
class Lead:
    """What every sitting is claimed with."""

    now_ms: int
    claimant: Claimant
    key: SchoolKey
    by: str
    recovery: Recovery
    data: Path


def take_ledger(offered: Services, envelope: bytes) -> bool:
    """A ledger a workstation hands in; whether it was news. Raises LedgerRefused, LedgerTooNew, NotRecovering."""
    recovery, here = attach_recovery(offered), attach_room(offered)
    if not recovery.has_recovered:
        raise NotRecovering()
    try:
        opened = open_ledger(envelope, here.keys.key())
    except (LedgerRefused, LedgerTooNew) as refusal:
        recovery.refused = refusal.code
        raise
    sitting = opened.header.sitting
    highest = max(opened.header.generation, recovery.generations.get(sitting, 0))
    recovery.generations[sitting] = highest
    if recovery.may_lead:
        if not recovery.is_better(opened.header):
            return False
        recovery.ledgers[sitting] = opened
        log.info("room ledger of sitting %s: generation %s, version %s", sitting, *opened.header.place)
        return True
    return add_late_ledger(offered, opened)


def tend_recovery(offered: Services) -> None:
    """One round: take over when the room is complete, give keys of the newly opened archive to who needs them."""
    recovery = attach_recovery(offered)
    if not recovery.has_recovered:
        return
    _warn_once(offered, recovery)
    is_due = recovery.is_gathering and is_complete(recovery.describe(), offered.clock.monotonic_ms())
    if is_due and not recovery.is_taking_over and _is_day_found(offered):
        take_over(offered, BY)
    if not recovery.may_lead:
        now_ms = attach_room(offered).clock.now_ms()
        with offered.storage.read() as session:
            due = _list_due_starts(session)
        if due:
            offered.storage.write(lambda session: retell_starts(session, now_ms))


def _is_day_found(offered: Services) -> bool:
    """Whether there is a sitting that goes on: a backup of what is over is led by a person's word, and workstations
    that come later may still bring the ledger of today."""
    now_ms = attach_room(offered).clock.now_ms()
    if any(is_worth_leading(one, now_ms) for one in attach_recovery(offered).ledgers.values()):
        return True
    with offered.storage.read() as session:
        return session.scalar(select(SittingRecord.id).where(
            SittingRecord.state.in_(ACTIVE), SittingRecord.claim != "").limit(1)) is not None


def _warn_once(offered: Services, recovery: Recovery) -> None:
    waited_ms = offered.clock.monotonic_ms() - recovery.began_ms
    if recovery.is_gathering and not recovery.heard and not recovery.was_warned and waited_ms > LONELY_MS:
        recovery.was_warned = True
        log.warning("%s %s %s", NothingFound.code, "no workstation has answered yet: is this computer in their network,"
                    " and are they switched on? They go on by themselves meanwhile. This server listens at",
                    ", ".join(describe_claimant(offered.settings, "").addresses))


def take_over(offered: Services, by: str) -> list[str]:
    """Lead every sitting that was found; returns them. Raises NotRecovering, NothingFound, KeyLocked."""
    recovery, here = attach_recovery(offered), attach_room(offered)
    if not recovery.may_lead or recovery.is_taking_over:
        raise NotRecovering()
    now_ms, key = here.clock.now_ms(), here.keys.key()
    reopen_ledgers(offered)
    found = {sitting: one for sitting, one in recovery.ledgers.items() if is_worth_leading(one, now_ms)}
    with offered.storage.read() as session:
        kept = _list_kept(session, found, now_ms)
        newest = {sitting: _choose_newest(session, sitting, found.get(sitting)) for sitting in [*found, *kept]
                  if not _is_over(session, sitting)}
    if not newest and not recovery.has_backup:
        raise NothingFound()
    # another organizer may press the same button while this is written
    recovery.is_taking_over = True
    try:
        _lead(offered, Lead(now_ms, describe_claimant(offered.settings, here.instance), key, by, recovery,
                            offered.settings.data), newest)
    finally:
        recovery.is_taking_over = False
    log.info("leading %d sitting(s) from now on, %d rebuilt from room ledgers", len(newest), len(found))
    return list(newest)


def _list_kept(session: Session, found: Mapping[str, OpenedLedger], now_ms: int) -> list[str]:
    """Sittings that a backup alone tells of and that are not over; of those it had stepped back from, the recent."""
    kept = session.scalars(select(SittingRecord.id).where(SittingRecord.claim != "", or_(
        SittingRecord.state.in_(LED_STATES),
        and_(SittingRecord.state == FENCED, SittingRecord.closes_at_ms + RECENT_MS > now_ms))))
    return [one for one in kept if one not in found]


def _is_over(session: Session, sitting_id: str) -> bool:
    """Whether a backup tells that nothing is left to lead, whatever an older ledger says."""
    sitting = session.get(SittingRecord, sitting_id)
    return sitting is not None and sitting.state in OVER


def _choose_newest(session: Session, sitting: str, opened: OpenedLedger | None) -> Newest:
    """A ledger, unless what a backup brought is as new or newer: then the older ledger must not overwrite it."""
    place, row = find_place(session, sitting), session.get(LedgerRecord, sitting)
    if opened is not None and opened.header.place > place:
        return Newest(opened.header.place, opened, opened.envelope)
    is_own = row is not None and (row.generation, row.version) == place
    return Newest(place, None, row.envelope if row is not None and is_own else b"")


def _lead(offered: Services, lead: Lead, newest: Mapping[str, Newest]) -> None:
    attach_room(offered).clock.anchor()

    def write(session: Session) -> None:
        for sitting, one in newest.items():
            if one.ledger is not None:
                _rebuild(session, lead, one.ledger)
            else:
                _lead_from_backup(session, lead, sitting, one.place)
    offered.storage.write(write)
    lead.recovery.note_lead({sitting: list(one.place) for sitting, one in newest.items()})
    for sitting, one in newest.items():
        if one.envelope:
            keep_base(offered.settings.data, sitting, one.envelope)


def reopen_ledgers(offered: Services) -> None:
    """Those a standby kept before a restart, and those in a backup, which may be a standby's. Raises KeyLocked."""
    recovery, key = attach_recovery(offered), attach_room(offered).keys.key()
    if not recovery.may_lead or (recovery.is_standby and recovery.ledgers):
        return
    with offered.storage.read() as session:
        kept = [row.envelope for row in session.scalars(select(LedgerRecord))]
    for envelope in kept:
        try:
            opened = open_ledger(envelope, key)
        except (LedgerRefused, LedgerTooNew) as refusal:
            log.warning("a kept ledger does not open: %s", refusal.code)
            continue
        if recovery.is_better(opened.header):
            recovery.ledgers[opened.header.sitting] = opened


def is_worth_leading(opened: OpenedLedger, now_ms: int) -> bool:
    """Sittings of today that were not over; workstations keep ledgers of earlier days too."""
    row = opened.facts["room_sitting"][0]
    is_recent = row["closes_at_ms"] + RECENT_MS > now_ms
    return row["state"] in ACTIVE or (row["state"] in (*KEPT_STATES, FENCED) and is_recent)


def _rebuild(session: Session, lead: Lead, opened: OpenedLedger) -> None:
    if opened.facts.get("room_school"):
        # the stand-in made before the ledger was read
        session.execute(delete(SchoolRecord))
    put_facts(session, lead.now_ms, opened.facts)
    sitting = find_sitting(session, opened.header.sitting)
    archive = session.get_one(ArchiveRecord, sitting.archive)
    if archive.state == "kept" and not are_files_here(lead.data, archive.id):
        archive.state = "offered"
    # what a standby stored unread counts from now on
    join_sitting(session, lead.now_ms, sitting)
    _claim(session, lead, sitting, opened.header.claim, opened.header.place)
    _note_replaced(session, lead, sitting, INCIDENT.format(age=tell_age(opened.header.made_at_ms, lead.now_ms)))


def _lead_from_backup(session: Session, lead: Lead, sitting_id: str, place: Place) -> None:
    """No workstation has a newer ledger of it: the backup is the newest there is of the room's facts."""
    sitting = find_sitting(session, sitting_id)
    _claim(session, lead, sitting, sitting.claim, place)
    _note_replaced(session, lead, sitting, FROM_BACKUP)


def _undo_fence(session: Session, sitting: SittingRecord) -> None:
    """What a server wrote that stepped back for one that is lost now: the sitting goes on as it stood before that."""
    if sitting.state == FENCED:
        last = find_last(session, chain_of(sitting.id), [f"{MOVED}{state}" for state in LED_STATES])
        sitting.state = last.verb.removeprefix(MOVED) if last else "closing"


def _claim(session: Session, lead: Lead, sitting: SittingRecord, before: str, place: Place) -> None:
    """`before`: envelope of the claim under which the facts were written."""
    _undo_fence(session, sitting)
    session.merge(ClaimRecord(sitting=sitting.id, generation=sitting.generation, envelope=before,
                              met_at_ms=lead.now_ms))
    met = session.scalar(select(func.max(ClaimRecord.generation)).where(ClaimRecord.sitting == sitting.id)) or 0
    highest = max(met, lead.recovery.generations.get(sitting.id, 0))
    claim_anew(session, lead.now_ms, sitting, next_generation(highest, secrets.randbits(12)), lead.claimant, lead.key,
               lead.by, place)
    if sitting.state != RECEIPTED:
        _await_seats(session, sitting, lead.recovery.heads)


def _note_replaced(session: Session, lead: Lead, sitting: SittingRecord, text: str) -> None:
    record_incident(session, lead.now_ms, sitting, None, "server_replaced", text, lead.by)


FROM_BACKUP = ("Сеанс восстановлен на другом сервере по копии с носителя: ничего новее неё у рабочих мест ещё не "
               "нашлось.")
INCIDENT = "Сеанс восстановлен на другом сервере по журналу аудитории, записанному {age} назад."


def _await_seats(session: Session, sitting: SittingRecord, heads: Mapping[str, Mapping[str, int]]) -> None:
    """Whoever sat somewhere must be heard of before the balance closes."""
    for attempt in list_attempts(session, sitting.id):
        if attempt.workstation is None or attempt.state in ("assigned", "absent"):
            continue
        told = heads.get(attempt.id)
        session.merge(AwaitedRecord(
            attempt=attempt.id, sitting=sitting.id, workstation=attempt.workstation, reason="", by="",
            state=AWAITED if told is None else SEEN, heads=msgspec.json.encode(told or {}).decode()))


def _list_due_starts(session: Session) -> list[tuple[str, str]]:
    """(attempt, text of its last start) where the keys in it are of bundles that only the old server had."""
    due = []
    for sitting in session.scalars(select(SittingRecord).where(SittingRecord.state.in_(ACTIVE))):
        archive = session.get(ArchiveRecord, sitting.archive)
        if archive is None or archive.state != "opened":
            continue
        for attempt in list_attempts(session, sitting.id):
            last = _find_start(session, attempt.id) if attempt.state in GOING_ON else None
            bundles = list_bundles(session, sitting.archive, attempt.variant) if last else []
            if last and bundles and bundles[0].sha256 != _read_start(last).body["variant_bundle"]:
                due.append((attempt.id, last))
    return due


def _find_start(session: Session, attempt: str) -> str | None:
    return session.scalars(select(DirectiveRecord.text).where(
        DirectiveRecord.attempt == attempt, DirectiveRecord.kind == DirectiveKind.START).order_by(
            DirectiveRecord.generation.desc(), DirectiveRecord.number.desc()).limit(1)).first()


def _read_start(text: str) -> Directive:
    return msgspec.json.decode(text, type=Directive)


def retell_starts(session: Session, now_ms: int) -> int:
    """The archive is open here: seats that have not fetched everything get this server's bundles and keys."""
    due = _list_due_starts(session)
    for attempt_id, text in due:
        start, sitting = _read_start(text), find_sitting(session, find_attempt(session, attempt_id).sitting)
        bundles = list_bundles(session, sitting.archive, start.body["variant"])
        add_directive(session, now_ms, attempt_id, sitting.generation, DirectiveKind.START, {
            **start.body, "variant_bundle": bundles[0].sha256,
            "media": {bundle.plain: bundle.sha256 for bundle in bundles[1:]},
            "keys": {bundle.sha256: bundle.identity for bundle in bundles}})
    return len(due)
