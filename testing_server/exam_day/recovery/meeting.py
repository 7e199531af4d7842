"""Meeting workstations of the server before: who they are, which claims they hold, which leases they were granted.

Takes what a hello or a list of grants says. Leaves records; a workstation proves itself by the certificate that the
school's key signed at its pairing.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.leases import LEASE_STEP
from testing_server.contracts.messages import Hello, LeasesShown, LeasesTaken
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import key_id_of, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.recovery.fencing import is_news, meet_claims, read_claims
from testing_server.exam_day.recovery.queries import AWAITED, SEEN
from testing_server.exam_day.recovery.records import AwaitedRecord
from testing_server.exam_day.recovery.standby.joining import join_lease
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.responses.queries import list_acked
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.sittings.actions import chain_of, find_sitting
from testing_server.exam_day.sittings.leases import find_newest, list_leases
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.exam_day.workstations.rules import UnknownWorkstation
from testing_server.foundation.audit import append_audit
from testing_server.foundation.services import Services

CHAIN = "room"


def admit_workstation(offered: Services, said: Hello) -> WorkstationRecord:
    """A workstation of the server before, by its certificate. Raises UnknownWorkstation."""
    here = attach_room(offered)
    if not attach_recovery(offered).has_recovered or not said.certificate or here.keys.public is None:
        raise UnknownWorkstation()
    now_ms = here.clock.now_ms()
    facts = _read_certificate(said, here.keys.public, now_ms)
    return offered.storage.write(lambda session: _admit(session, now_ms, said, facts))


def _read_certificate(said: Hello, school_key: bytes, now_ms: int) -> dict[str, Any]:
    try:
        facts = verify_statement(said.certificate.encode(), {key_id_of(school_key): school_key},
                                 PAYLOAD_TYPES["workstation_certificate"]).read()
    except BadStatement as error:
        raise UnknownWorkstation() from error
    if facts.get("workstation") != said.workstation or int(facts.get("expires_at_ms", 0)) < now_ms:
        raise UnknownWorkstation()
    return facts


def _admit(session: Session, now_ms: int, said: Hello, facts: Mapping[str, Any]) -> WorkstationRecord:
    known = session.get(WorkstationRecord, said.workstation)
    if known is not None:
        # removed by somebody: only a new pairing brings it back
        raise UnknownWorkstation()
    record = WorkstationRecord(id=said.workstation, public_key=facts["public_key"], seat=facts["seat"], host_name="",
                               certificate=said.certificate, state="paired", check="", paired_at_ms=now_ms)
    session.add(record)
    append_audit(session, now_ms, CHAIN, "server", "workstation_admitted", record.id, {"seat": record.seat})
    session.flush()
    return record


def meet(offered: Services, said: Hello) -> None:
    """A workstation has proved who it is: hear its claims, note which attempts it has."""
    here, recovery = attach_room(offered), attach_recovery(offered)
    claims = read_claims(said.claims, here.keys.public)
    if recovery.is_gathering:
        recovery.hear(said.workstation, said.attempts, said.ledgers, offered.clock.monotonic_ms())
        for claim, _ in claims:
            recovery.generations[claim.sitting] = max(claim.generation, recovery.generations.get(claim.sitting, 0))
        return
    meet_all(offered, claims)
    if recovery.has_recovered and said.attempts:
        offered.storage.write(lambda session: note_seen(session, said.workstation, said.attempts))


def meet_all(offered: Services, claims: list[Any]) -> list[str]:
    """Step back where a claim is higher; returns the fenced sittings."""
    with offered.storage.read() as session:
        if not claims or not is_news(session, claims):
            return []
    now_ms = attach_room(offered).clock.now_ms()
    fenced: list[str] = offered.storage.write(lambda session: meet_claims(session, now_ms, claims))
    for sitting in fenced:
        tell_sitting(sitting)
    return fenced


def note_seen(session: Session, workstation: str, attempts: Mapping[str, Mapping[str, int]]) -> None:
    """Awaited attempts whose workstation told what it has of them."""
    for row in session.scalars(select(AwaitedRecord).where(AwaitedRecord.attempt.in_(list(attempts)))):
        told: dict[str, int] = msgspec.json.decode(row.heads)
        for lease, number in attempts[row.attempt].items():
            told[lease] = max(number, told.get(lease, 0))
        row.heads = msgspec.json.encode(told).decode()
        if row.state == AWAITED and row.workstation == workstation:
            row.state = SEEN


def adopt_leases(session: Session, now_ms: int, workstation: str, shown: LeasesShown) -> LeasesTaken:
    """Leases the old server granted after its last ledger: vouched for by the workstation that holds them."""
    unknown = []
    for attempt_id, grants in shown.grants.items():
        attempt = session.get(AttemptRecord, attempt_id)
        if attempt is None:
            unknown.append(attempt_id)
            continue
        sitting = find_sitting(session, attempt.sitting)
        for text in grants.values():
            grant = _read_grant(text)
            if grant is not None and _may_adopt(session, sitting, attempt, workstation, grant, grants):
                _adopt(session, now_ms, sitting, attempt, grant, text)
    return LeasesTaken(acked=list_acked(session, list(shown.grants)), unknown=unknown)


def _read_grant(text: str) -> dict[str, Any] | None:
    try:
        grant: dict[str, Any] = msgspec.json.decode(text)
        return grant if isinstance(grant["lease"], int) and isinstance(grant["workstation"], str) else None
    except (msgspec.DecodeError, KeyError, TypeError):
        return None


def _may_adopt(session: Session, sitting: SittingRecord, attempt: AttemptRecord, workstation: str,
               grant: Mapping[str, Any], beside: Mapping[str, str]) -> bool:
    """Only leases of earlier generations: what this server grants it knows itself."""
    if grant.get("attempt") != attempt.id or grant["lease"] // LEASE_STEP >= sitting.generation:
        return False
    if session.get(LeaseRecord, (attempt.id, grant["lease"])) is not None:
        return False
    own = [_read_grant(text) for text in beside.values()]
    return workstation in [one.workstation for one in list_leases(session, attempt.id)] or any(
        one is not None and one["workstation"] == workstation for one in own)


def _adopt(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, grant: Mapping[str, Any],
           text: str) -> None:
    newest = find_newest(session, attempt.id)
    is_newest = newest is None or newest.lease < grant["lease"]
    lease = LeaseRecord(
        attempt=attempt.id, lease=grant["lease"], workstation=grant["workstation"], journal="", grant=text, acked=0,
        state="open" if is_newest else "revoked", head_number=0, head_digest="",
        granted_at_ms=int(grant.get("granted_at_ms", now_ms)))
    session.add(lease)
    session.flush()
    if is_newest:
        attempt.workstation, attempt.seated_at_ms = grant["workstation"], attempt.seated_at_ms or now_ms
        attempt.state = "seated" if attempt.state == "assigned" else attempt.state
    append_audit(session, now_ms, chain_of(sitting.id), f"workstation:{grant['workstation']}", "lease_adopted",
                 attempt.code, {"lease": grant["lease"]})
    # a standby may hold its events already
    join_lease(session, now_ms, sitting, attempt, lease)
    session.flush()
