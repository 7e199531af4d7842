"""What changes workstations: pairing, checks, blocking. Takes a session and facts; leaves an audit line."""
from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.messages import CheckReport, PairBegin
from testing_server.contracts.states import check_move
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.workstations.records import PairingRecord, WorkstationRecord
from testing_server.exam_day.workstations.rules import (
    CERTIFICATE_LIFE_MS, PAIRING_LIFE_MS, PairingTooOften, PairRefused, SeatTaken, UnknownWorkstation, WrongDigits,
    check_pairing_request, find_check_trouble, merge_check, read_seat, reveal_code)
from testing_server.foundation.audit import append_audit
from testing_server.foundation.web.gate import is_loopback
from testing_server.preparation.school_key import SchoolKey

PAIRINGS_A_MINUTE = 10
CHAIN = "room"


@dataclass(frozen=True)
class Certifier:
    """Who certifies workstations: the school and its unlocked key; `authority` as in `pairing_code`, hex."""

    school: str
    key: SchoolKey
    authority: str


@dataclass(frozen=True)
class Newcomer:
    """A computer whose key was proven: by compared digits, or by a pairing file."""

    public_key: str
    host_name: str


def begin_pairing(session: Session, now_ms: int, asked: PairBegin, address: str) -> PairingRecord:
    """A waiting pairing with a fresh nonce. Raises PairRefused, PairingTooOften."""
    check_pairing_request(asked.public_key, asked.commitment)
    _check_rate(session, now_ms, address)
    pairing = PairingRecord(
        id=str(uuid.uuid4()), public_key=asked.public_key, commitment=asked.commitment,
        nonce_server=secrets.token_hex(32), nonce_kiosk="", host_name=asked.host_name[:120],
        software=asked.software[:60], address=address, state="waiting", begun_at_ms=now_ms)
    session.add(pairing)
    session.flush()
    return pairing


def _check_rate(session: Session, now_ms: int, address: str) -> None:
    if is_loopback(address):
        # this very machine (a rehearsal's robots); whoever runs programs here needs no pairing to read our files
        return
    recent = session.scalar(select(func.count()).select_from(PairingRecord).where(
        PairingRecord.address == address, PairingRecord.begun_at_ms > now_ms - 60_000))
    if (recent or 0) >= PAIRINGS_A_MINUTE:
        raise PairingTooOften()


def reveal_nonce(session: Session, now_ms: int, pairing_id: str, nonce: str, authority: str) -> PairingRecord:
    """The kiosk keeps its word. Raises PairRefused when the nonce is not the committed one."""
    pairing = _find_pairing(session, now_ms, pairing_id)
    reveal_code(pairing.public_key, pairing.commitment, pairing.nonce_server, nonce, authority)
    if pairing.nonce_kiosk not in ("", nonce):
        raise PairRefused()
    pairing.nonce_kiosk = nonce
    return pairing


def confirm_pairing(session: Session, now_ms: int, pairing_id: str, digits: str, seat: str, by: str,
                    certifier: Certifier) -> PairingRecord:
    """The organizer's six digits. Equal: a certificate; else the pairing is red for good (returned, not raised)."""
    pairing = _find_pairing(session, now_ms, pairing_id)
    if not pairing.nonce_kiosk or pairing.state != "waiting":
        raise PairRefused()
    label = read_seat(seat)
    expected = reveal_code(pairing.public_key, pairing.commitment, pairing.nonce_server, pairing.nonce_kiosk,
                           certifier.authority)
    typed = "".join(sign for sign in digits if sign.isdigit())
    if not secrets.compare_digest(expected, typed):
        pairing.state = "red"
        append_audit(session, now_ms, CHAIN, by, "pairing_refused", pairing.host_name or pairing.id)
        return pairing
    workstation = admit(session, now_ms, Newcomer(pairing.public_key, pairing.host_name), label, certifier)
    pairing.state, pairing.workstation = "green", workstation.id
    append_audit(session, now_ms, CHAIN, by, "workstation_paired", workstation.id, {"seat": label})
    return pairing


def admit(session: Session, now_ms: int, newcomer: Newcomer, seat: str, certifier: Certifier) -> WorkstationRecord:
    """The workstation at its seat, with a certificate. Raises SeatTaken."""
    known = session.scalar(select(WorkstationRecord).where(WorkstationRecord.public_key == newcomer.public_key))
    holder = session.scalar(select(WorkstationRecord).where(
        WorkstationRecord.seat == seat, WorkstationRecord.state != "removed"))
    if holder is not None and holder is not known:
        raise SeatTaken()
    workstation = known or WorkstationRecord(id=str(uuid.uuid4()), public_key=newcomer.public_key)
    workstation.seat, workstation.host_name, workstation.state = seat, newcomer.host_name, "paired"
    workstation.paired_at_ms = now_ms
    workstation.certificate = sign_statement(
        {"workstation": workstation.id, "public_key": newcomer.public_key, "seat": seat, "school": certifier.school,
         "issued_at_ms": now_ms, "expires_at_ms": now_ms + CERTIFICATE_LIFE_MS},
        PAYLOAD_TYPES["workstation_certificate"], certifier.key.signing).decode()
    session.add(workstation)
    session.flush()
    return workstation


def _find_pairing(session: Session, now_ms: int, pairing_id: str) -> PairingRecord:
    pairing = session.get(PairingRecord, pairing_id)
    if pairing is None or now_ms - pairing.begun_at_ms > PAIRING_LIFE_MS:
        raise PairRefused()
    return pairing


def refuse_red(pairing: PairingRecord) -> None:
    """Raises WrongDigits for a pairing that has just turned red."""
    if pairing.state == "red":
        raise WrongDigits()


def save_check(session: Session, now_ms: int, workstation_id: str, report: CheckReport) -> WorkstationRecord:
    """The last report wins, for what it looked at; a good one makes a paired workstation ready."""
    workstation = find_workstation(session, workstation_id)
    known = msgspec.json.decode(workstation.check) if workstation.check else {}
    check = merge_check(known, msgspec.to_builtins(report))
    workstation.check = msgspec.json.encode(check).decode()
    workstation.checked_at_ms = now_ms
    if workstation.state == "paired" and not find_check_trouble(check):
        check_move("workstation", workstation.state, "ready")
        workstation.state = "ready"
    return workstation


def change_workstation(session: Session, now_ms: int, workstation_id: str, wanted: str, by: str) -> None:
    """Block, unblock (`paired`) or remove. Raises MoveRefused for a move that is not listed."""
    workstation = find_workstation(session, workstation_id)
    if wanted == "removed" and workstation.state == "ready":
        # the table leads from ready to removed through blocked
        check_move("workstation", workstation.state, "blocked")
        workstation.state = "blocked"
    check_move("workstation", workstation.state, wanted)
    workstation.state = wanted
    append_audit(session, now_ms, CHAIN, by, f"workstation_{wanted}", workstation_id, {"seat": workstation.seat})


def find_workstation(session: Session, workstation_id: str) -> WorkstationRecord:
    """Raises UnknownWorkstation."""
    workstation = session.get(WorkstationRecord, workstation_id)
    if workstation is None or workstation.state == "removed":
        raise UnknownWorkstation()
    return workstation
