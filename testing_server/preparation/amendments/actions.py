"""Giving a new cipher, moving to another day, withdrawing. One verb, one transaction, one audit line.

What is signed and locked is made before the transaction and takes its place in it only if nobody changed the archive
meanwhile. A cipher exists in clear only inside `_lock_anew`, and inside the slots.
"""
from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from task_bank.sealing import DamagedArchive, describe_change, make_key_file, recover_identity
from task_bank.sealing.archive import ESCROW
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.check_digits import make_cipher
from testing_server.contracts.statements import read_unverified, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import State, Step, post_progress
from testing_server.foundation.services import Services
from testing_server.preparation.amendments.rules import (
    ChangedMeanwhile, EscrowAway, NoEscrowCopy, check_move, check_new_cipher, needs_new_cipher, read_reason)
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.campaigns.rules import Campaign, compute_opening, compute_publishing
from testing_server.preparation.founding.actions import obtain_keys_of
from testing_server.preparation.holders.trust import list_trusted_holders
from testing_server.preparation.hub_keys import read_escrow_key
from testing_server.preparation.materials.actions import read_day
from testing_server.preparation.materials.queries import Archive, list_archives, read_archive, read_locked_cipher
from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.materials.sealing import ARCHIVES
from testing_server.preparation.registry.queries import School, read_school
from testing_server.preparation.release.rules import check_kept, check_standing
from testing_server.preparation.release.slots import Slot, obtain_slot, relock_later
from testing_server.preparation.rosters.actions import plan_day


@dataclass(frozen=True)
class Amendment:
    """The next statement of an archive. `columns`: what else changes in its row; `said`: changes of the payload."""

    archive: Archive
    said: dict[str, Any]
    columns: dict[str, Any] = field(default_factory=dict)


def give_new_cipher(offered: Services, archive: str, reason: str, by: str) -> None:
    """The old cipher opens the key file no longer; archive.age stays as it is. For a cipher that leaked.

    Raises Withdrawn, NothingToLock, ReasonMissing, EscrowAway, NoEscrowCopy, ChangedMeanwhile.
    """
    why = read_reason(reason)
    found, = _read(offered, [archive])
    check_new_cipher(found)
    _amend(offered, "cipher_replaced", [_lock_anew(offered, found, found.opens_at_ms, why)], why, by)


def move_to_day(offered: Services, archive: str, day: str, reason: str, by: str) -> None:
    """A work and its criteria on another day: later the same cipher waits longer, earlier a new one is made.

    Raises BadDay, DayUnchanged, DayIsOver, CipherAlreadyGiven, DayHasThisWork, DayTaken, Withdrawn, ReasonMissing,
    EscrowAway, NoEscrowCopy, ChangedMeanwhile.
    """
    why, when = read_reason(reason), read_day(day)
    pair = _read_pair(offered, archive)
    with offered.storage.read() as session:
        school = read_school(session, pair[0].school)
        planned = list_archives(session, school.id, when.isoformat())
    today = datetime.fromtimestamp(offered.clock.now_ms() / 1000, UTC).astimezone(ZoneInfo(school.zone)).date()
    check_move(pair, when, today, planned)
    campaign = find_campaign(offered.settings.data, pair[0].campaign)
    amendments = [_move(offered, one, campaign, school, when.isoformat(), why) for one in pair]
    # brought so near that the archives, published when they were, are late for it
    due_ms = compute_publishing(campaign, pair[0].assessment, when, school.zone)
    late = why if campaign.counted and pair[0].sealed_at_ms >= due_ms else ""

    def plan(session: Session, now_ms: int) -> None:
        plan_day(session, now_ms, campaign, school.id, when.isoformat(), by=by)
        order = session.get_one(SealingRecord, pair[0].sealing)
        order.day, order.late_reason = when.isoformat(), order.late_reason or late
    _amend(offered, "archive_moved", amendments, why, by, plan)


def withdraw(offered: Services, archive: str, reason: str, by: str) -> None:
    """Nothing of the work is given out any more, for good. Raises Withdrawn, ReasonMissing, ChangedMeanwhile."""
    why = read_reason(reason)
    pair = _read_pair(offered, archive)
    for one in pair:
        check_standing(one.state, one.reason)
    said = {"state": "withdrawn", "reason": why}
    amendments = [Amendment(one, said, {"state": "withdrawn", "reason": why}) for one in pair]
    _amend(offered, "archive_withdrawn", amendments, why, by)


def _read(offered: Services, archives: list[str]) -> list[Archive]:
    """Raises ArchiveUnknown, ArchiveForgotten."""
    with offered.storage.read() as session:
        found = [read_archive(session, one) for one in archives]
    for one in found:
        check_kept(one.forgotten_at_ms)
    return found


def _read_pair(offered: Services, archive: str) -> list[Archive]:
    """Materials and criteria, whichever is named."""
    found, = _read(offered, [archive])
    return sorted([found, *_read(offered, [found.partner])], key=lambda one: one.kind, reverse=True)


def _move(offered: Services, archive: Archive, campaign: Campaign, school: School, day: str, why: str) -> Amendment:
    rule = campaign.cipher if archive.kind == "materials" else campaign.criteria
    opens_at_ms = archive.opens_at_ms
    if archive.lock != "none":
        opens_at_ms = compute_opening(rule, read_day(day), school.zone, archive.sealed_at_ms)
    if needs_new_cipher(archive, opens_at_ms):
        locked = _lock_anew(offered, archive, opens_at_ms, why)
    elif archive.lock != "none":
        locked = _lock_later(offered, archive, opens_at_ms, why)
    else:
        locked = Amendment(archive, {"reason": why}, {"reason": why})
    earlier = json.dumps([*archive.earlier_days, archive.day])
    return Amendment(archive, {**locked.said, "day": day, "opens_at_ms": opens_at_ms, "moved_from": archive.day},
                     {**locked.columns, "day": day, "opens_at_ms": opens_at_ms, "earlier_days": earlier})


def _lock_later(offered: Services, archive: Archive, opens_at_ms: int, why: str) -> Amendment:
    later = _obtain_slot(offered, archive, opens_at_ms)
    with offered.storage.read() as session:
        known = read_locked_cipher(session, archive.archive)
    locked = relock_later(offered.settings.data / "slots", known.slot, known.cipher_locked, later)
    return Amendment(archive, {"reason": why}, {"slot": later.id, "cipher_locked": locked, "reason": why})


def _lock_anew(offered: Services, archive: Archive, opens_at_ms: int, why: str) -> Amendment:
    identity, cipher = _recover(offered, archive), make_cipher(secrets.randbelow)
    key_age = make_key_file(identity, cipher)
    slot = _obtain_slot(offered, archive, opens_at_ms)
    locked = slot.lock({"archive": archive.archive, "cipher": cipher, "opens_at_ms": opens_at_ms})
    digest = sha256_hex(key_age)
    return Amendment(archive, {"key": digest, "reason": why}, {
        "key_age": key_age, "key_sha256": digest, "slot": slot.id, "cipher_locked": locked, "released_at_ms": None,
        "reason": why})


def _recover(offered: Services, archive: Archive) -> str:
    escrow = read_escrow_key(offered.settings.keys_folder)
    if escrow is None:
        raise EscrowAway()
    try:
        return recover_identity(offered.settings.data / ARCHIVES / archive.archive / ESCROW, escrow)
    except DamagedArchive as error:
        raise NoEscrowCopy() from error


def _obtain_slot(offered: Services, archive: Archive, opens_at_ms: int) -> Slot:
    return obtain_slot(offered.settings.data / "slots", archive.campaign, archive.assessment, opens_at_ms,
                       list_trusted_holders(offered.settings))


def _amend(offered: Services, verb: str, amendments: list[Amendment], why: str, by: str,
           besides: Callable[[Session, int], None] = lambda session, now_ms: None) -> None:
    now_ms, signing = offered.clock.now_ms(), obtain_keys_of(offered).signing
    signed = [(one, sign_statement(describe_change(read_unverified(one.archive.statement).read(), **one.said),
                                   PAYLOAD_TYPES["archive"], signing)) for one in amendments]

    def act(session: Session) -> None:
        for amendment, statement in signed:
            _apply(session, now_ms, amendment, statement)
        besides(session, now_ms)
        first = amendments[0].archive
        append_audit(session, now_ms, f"school:{first.school}", by, verb, first.archive, {
            "reason": why, **{key: amendments[0].columns[key] for key in ("day", "opens_at_ms")
                              if key in amendments[0].columns}})
        fetched = State.RUNNING if first.fetched_at_ms is None else State.READY
        word = State.ATTENTION if verb == "archive_withdrawn" else fetched
        post_progress(session, first.school, first.campaign, first.assessment, Step.MATERIALS, word, now_ms)
    offered.storage.write(act)
    offered.live.changed(f"sealing:{amendments[0].archive.school}", now_ms)


def _apply(session: Session, now_ms: int, amendment: Amendment, statement: bytes) -> None:
    row = session.get_one(ArchiveRecord, amendment.archive.archive)
    if row.version != amendment.archive.version:
        raise ChangedMeanwhile()
    for name, value in amendment.columns.items():
        setattr(row, name, value)
    row.version, row.statement, row.changed_at_ms = row.version + 1, statement, now_ms
