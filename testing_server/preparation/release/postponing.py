"""A later hour for a slot: two coordinators sign, the hub and every keeper hold to it. It never goes back."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.refusals import BadStatement
from testing_server.foundation.audit import append_audit
from testing_server.foundation.services import Services
from testing_server.preparation.holders.asking import KeeperSilent, send_postponement
from testing_server.preparation.holders.messages import Postponement, join_postponements, read_postponement
from testing_server.preparation.holders.trust import read_trusted_roll
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.private_files import write_private_file_once
from testing_server.preparation.release.slots import HeldSlot, raise_slot

SIGNED = ".signed"


class NotAgreedYet(Exception):
    """One signature is here; it takes a second coordinator's under the same hour."""


def bring_postponement(offered: Services, slot: HeldSlot, envelope: bytes, by: str) -> int:
    """Keeps a signature; with two under one hour moves the slot. Returns the hour that holds now.

    A keeper that is away now is told again when it is asked for halves. Raises BadStatement, NotAgreedYet.
    """
    roll = read_trusted_roll(offered.settings)
    own = read_postponement(envelope, roll.signers) if roll is not None else None
    if roll is None or own is None or own.slot != slot.id:
        raise BadStatement("a postponement of another slot")
    folder = offered.settings.data / "slots"
    envelopes = _keep(folder / f"{slot.id}{SIGNED}", envelope)
    agreed = join_postponements(envelopes, roll.signers)
    if agreed is None or agreed.opens_at_ms != own.opens_at_ms or not slot.sealed_hour_ms < agreed.opens_at_ms:
        raise NotAgreedYet()
    # the hour that holds already is gone through again: whoever raised it may have died before saying so everywhere
    if agreed.opens_at_ms < slot.opens_at_ms:
        raise NotAgreedYet()
    signed = [one for one in envelopes if read_postponement(one, roll.signers).opens_at_ms == agreed.opens_at_ms]
    hour = raise_slot(folder, slot.id, agreed.opens_at_ms, signed)
    for keeper in roll.keepers:
        try:
            send_postponement(keeper, signed)
        except KeeperSilent:
            continue
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: move_archives(session, now_ms, agreed, by))
    return hour


def move_archives(session: Session, now_ms: int, agreed: Postponement, by: str) -> None:
    """What pages and lists say of these archives; the gate itself is the slot. A second time it changes nothing."""
    moved: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(ArchiveRecord).where(
            ArchiveRecord.slot == agreed.slot, ArchiveRecord.opens_at_ms < agreed.opens_at_ms).values(
            opens_at_ms=agreed.opens_at_ms, reason=agreed.reason[:500]))
    if not moved.rowcount:
        return
    append_audit(session, now_ms, "hub", by, "slot_postponed", agreed.slot,
                 {"opens_at_ms": agreed.opens_at_ms, "reason": agreed.reason[:500],
                  "signers": sorted(agreed.signers)})


def _keep(folder: Path, envelope: bytes) -> list[bytes]:
    """Each signature is a file of its own: two that come to two processes at once are both there."""
    write_private_file_once(folder / f"{sha256_hex(envelope)}.json", envelope)
    return [path.read_bytes() for path in sorted(folder.glob("*.json"))]
