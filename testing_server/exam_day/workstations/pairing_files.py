"""Pairing files: made for some computers and a day, used by each once, withdrawn. Takes a session; leaves audit."""
from __future__ import annotations

import uuid
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.pairing_file import PairByFile, hash_token, make_token, proof_bytes
from testing_server.exam_day.workstations.actions import CHAIN, Certifier, Newcomer, admit
from testing_server.exam_day.workstations.queries import find_free_seat
from testing_server.exam_day.workstations.records import PairingFileRecord, PairingFileUseRecord, WorkstationRecord
from testing_server.exam_day.workstations.rules import (
    PAIRING_FILE_LIFE_MS, PairingFileOver, PairRefused, WorkstationBlocked, check_uses, read_seat)
from testing_server.foundation.audit import append_audit


@dataclass(frozen=True)
class FreshFile:
    """What goes into the file and is kept nowhere else: the token."""

    id: str
    token: str
    uses: int
    expires_at_ms: int


def make_pairing_file(session: Session, now_ms: int, uses: int, by: str) -> FreshFile:
    """Good for `uses` computers and a day. Raises UsesOutOfRange."""
    fresh = FreshFile(str(uuid.uuid4()), make_token(), check_uses(uses), now_ms + PAIRING_FILE_LIFE_MS)
    session.add(PairingFileRecord(id=fresh.id, token_sha256=hash_token(fresh.token), uses=uses, made_by=by,
                                  made_at_ms=now_ms, expires_at_ms=fresh.expires_at_ms, is_withdrawn=False))
    append_audit(session, now_ms, CHAIN, by, "pairing_file_made", fresh.id, {"uses": uses})
    return fresh


def withdraw_pairing_file(session: Session, now_ms: int, file: str, by: str) -> None:
    """Pairs nobody any more; who was paired by it stays. Raises PairingFileOver for one that there is not."""
    record = session.get(PairingFileRecord, file)
    if record is None:
        raise PairingFileOver()
    record.is_withdrawn = True
    append_audit(session, now_ms, CHAIN, by, "pairing_file_withdrawn", file)


def pair_by_file(session: Session, now_ms: int, asked: PairByFile, certifier: Certifier) -> WorkstationRecord:
    """The workstation with its certificate; the same computer again is no second use.

    Raises PairRefused, PairingFileOver, WorkstationBlocked, SeatTaken, SeatMissing.
    """
    _check_possession(asked)
    record = session.scalar(select(PairingFileRecord).where(PairingFileRecord.token_sha256 == hash_token(asked.token)))
    if record is None or record.is_withdrawn or now_ms >= record.expires_at_ms:
        raise PairingFileOver()
    _take_use(session, now_ms, record, asked.public_key)
    known = session.scalar(select(WorkstationRecord).where(
        WorkstationRecord.public_key == asked.public_key, WorkstationRecord.state != "removed"))
    if known is not None and known.state == "blocked":
        # blocked by a person: only a person lets it in again
        raise WorkstationBlocked()
    seat = read_seat(asked.seat or (known.seat if known else find_free_seat(session)))
    workstation = admit(session, now_ms, Newcomer(asked.public_key, asked.host_name[:120]), seat, certifier)
    append_audit(session, now_ms, CHAIN, record.made_by, "workstation_paired", workstation.id,
                 {"seat": seat, "by_file": record.id})
    return workstation


def count_uses(session: Session, file: str) -> int:
    """How many computers a file has paired."""
    return session.scalar(select(func.count()).select_from(PairingFileUseRecord).where(
        PairingFileUseRecord.file == file)) or 0


def _take_use(session: Session, now_ms: int, record: PairingFileRecord, public_key: str) -> None:
    if session.get(PairingFileUseRecord, (record.id, public_key)) is not None:
        return
    if count_uses(session, record.id) >= record.uses:
        raise PairingFileOver()
    session.add(PairingFileUseRecord(file=record.id, public_key=public_key, used_at_ms=now_ms))


def _check_possession(asked: PairByFile) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(asked.public_key))
        key.verify(bytes.fromhex(asked.signature), proof_bytes(asked.token, asked.public_key))
    except (InvalidSignature, ValueError):
        raise PairRefused() from None
