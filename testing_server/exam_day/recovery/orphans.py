"""Works that workstations bring and this server has never heard of, and taking them into a sitting.

Takes what a workstation shows; keeps it in memory, for it is shown again and again. Leaves attempts under the names
their events have, with the leases they were written under; the seats then deliver everything.
"""
from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.claims import next_generation
from testing_server.contracts.leases import LEASE_STEP
from testing_server.contracts.orphans import WorkShown
from testing_server.exam_day.recovery.claiming import claim_anew
from testing_server.exam_day.recovery.standby.joining import join_lease
from testing_server.exam_day.sittings.actions import chain_of, find_sitting
from testing_server.exam_day.sittings.claims import Claimant
from testing_server.exam_day.sittings.leases import list_leases
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE, NotOpen
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.school_key import SchoolKey

NAME = "orphans"
MOST = 2_000


class NoPlaceForWorks(Refusal):
    code = "no_place_for_works"
    status = 409
    message = _("В этом сеансе нет свободных кодов этих работ.")
    safe = _("Работы целы на рабочих местах.")
    remedy = _("Создайте и откройте сеанс по той же работе с этими кодами и примите работы в него.")


@dataclass
class Orphan:
    """One attempt. `grants`: lease -> (grant's text, the workstation that wrote under it or holds its events)."""

    attempt: str
    code: str
    variant: str
    assessment: str
    grants: dict[int, tuple[str, str]] = field(default_factory=dict)

    def hear(self, workstation: str, shown: WorkShown) -> None:
        """Who wrote under a lease delivers it; another seat only where that one has not come."""
        for text, grant in shown.grants.items():
            lease = int(text)
            if lease in shown.own or lease not in self.grants:
                self.grants[lease] = (grant, workstation)


def attach_orphans(offered: Services) -> dict[str, Orphan]:
    """attempt -> what was shown, of these services."""
    found: dict[str, Orphan] = offered.vault.setdefault(NAME, {})
    return found


def take_works(offered: Services, workstation: str, works: Mapping[str, WorkShown]) -> list[str]:
    """Note what is unknown here; returns what is known."""
    orphans = attach_orphans(offered)
    with offered.storage.read() as session:
        known = list(session.scalars(select(AttemptRecord.id).where(AttemptRecord.id.in_(list(works)))))
    for attempt, shown in works.items():
        if attempt in known or not _is_sound(attempt, shown) or len(orphans) >= MOST:
            continue
        orphans.setdefault(attempt, Orphan(attempt, shown.code, shown.variant, shown.assessment)).hear(
            workstation, shown)
    for attempt in known:
        orphans.pop(attempt, None)
    return known


def _is_sound(attempt: str, shown: WorkShown) -> bool:
    """Whether every grant is of this attempt and of the lease it is shown for."""
    try:
        read = {int(lease): msgspec.json.decode(text) for lease, text in shown.grants.items()}
    except (ValueError, msgspec.DecodeError):
        return False
    return bool(read) and len(shown.code) <= 10 and len(shown.variant) <= 10 and all(
        isinstance(grant, dict) and grant.get("attempt") == attempt and grant.get("lease") == lease
        for lease, grant in read.items())


def adopt_works(session: Session, now_ms: int, sitting_id: str, orphans: Iterable[Orphan], claimant: Claimant,
                key: SchoolKey, by: str) -> list[str]:
    """Works whose code waits in this sitting; returns their attempts. Raises NotOpen, NoPlaceForWorks."""
    sitting = find_sitting(session, sitting_id)
    if sitting.state not in ACTIVE or not sitting.claim:
        raise NotOpen()
    fitting = [(one, row) for one in orphans if one.assessment == sitting.assessment
               for row in [_find_waiting(session, sitting, one.code)] if row is not None]
    if not fitting:
        raise NoPlaceForWorks()
    highest = max(lease // LEASE_STEP for one, _row in fitting for lease in one.grants)
    if highest >= sitting.generation:
        # what they were written under must sort below whatever this server grants
        claim_anew(session, now_ms, sitting, next_generation(highest, secrets.randbits(12)), claimant, key, by)
    for one, row in fitting:
        _adopt(session, now_ms, sitting, row, one, by)
    return [one.attempt for one, _row in fitting]


def _find_waiting(session: Session, sitting: SittingRecord, code: str) -> AttemptRecord | None:
    """The place of a code at which nobody has sat down."""
    row = session.scalars(select(AttemptRecord).where(
        AttemptRecord.sitting == sitting.id, AttemptRecord.code == code)).first()
    return row if row is not None and row.state in ("assigned", "absent") and not list_leases(session, row.id) else None


def _adopt(session: Session, now_ms: int, sitting: SittingRecord, waiting: AttemptRecord, one: Orphan,
           by: str) -> None:
    """The place takes the work's own name: events cannot be renamed."""
    login = waiting.login
    session.delete(waiting)
    session.flush()
    newest = max(one.grants)
    attempt = AttemptRecord(id=one.attempt, sitting=sitting.id, code=one.code, login=login, variant=one.variant,
                            state="seated", workstation=one.grants[newest][1], moves=len(one.grants) - 1, reason="",
                            seated_at_ms=_read(one.grants[newest][0]).get("granted_at_ms", now_ms))
    session.add(attempt)
    for lease, (grant, workstation) in sorted(one.grants.items()):
        record = LeaseRecord(attempt=one.attempt, lease=lease, workstation=workstation, journal="", grant=grant,
                             state="open" if lease == newest else "revoked", acked=0, head_number=0, head_digest="",
                             granted_at_ms=int(_read(grant).get("granted_at_ms", now_ms)))
        session.add(record)
        session.flush()
        join_lease(session, now_ms, sitting, attempt, record)
    sitting.version += 1
    append_audit(session, now_ms, chain_of(sitting.id), by, "work_adopted", one.code, {
        "variant": one.variant, "leases": sorted(one.grants)})


def _read(grant: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(grant)
    return found
