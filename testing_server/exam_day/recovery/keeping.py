"""Keeping the room ledger: sealed when the room changed, handed out to workstations, counted where copies lie.

Takes the services. Gives the newest ledgers by sitting and who has confirmed which; all but the ledger itself lives
in memory and is told again by the workstations after a restart.
"""
from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.claims import peek_claim
from testing_server.contracts.ledgers import MAX_LEDGER_BYTES
from testing_server.contracts.refusals import BadStatement
from testing_server.exam_day.recovery.facts import read_facts
from testing_server.exam_day.recovery.records import LedgerRecord
from testing_server.exam_day.recovery.rules import KEPT_STATES, Place, choose_keepers
from testing_server.exam_day.recovery.sealing import digest_facts, seal_ledger
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.sittings.claims import open_ledger_key
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import FENCED
from testing_server.foundation.services import Services

log = logging.getLogger(__name__)

NAME = "ledgers"
# A large room takes longer to write down: it is then written down less often, so that answers keep their pace.
REST_FACTOR = 50
# But that often while the room changes: what was ordered since, a server that dies takes with it (protocol.md §3).
MOST_REST_MS = 5_000


@dataclass
class Ledgers:
    """`heads`: sitting -> (generation, version) of the newest; `copies`: sitting -> {workstation: what it fetched}."""

    heads: dict[str, Place] = field(default_factory=dict)
    copies: dict[str, dict[str, Place]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    rest_until_ms: int = 0

    def note_copy(self, sitting: str, workstation: str, place: Place) -> None:
        self.copies.setdefault(sitting, {})[workstation] = place

    def rest_after(self, began_ms: int, ended_ms: int) -> None:
        """Nothing is written down for a while, by how long it took."""
        self.rest_until_ms = ended_ms + min(REST_FACTOR * (ended_ms - began_ms), MOST_REST_MS)

    def count_copies(self, sitting: str) -> int:
        """Workstations that hold the newest version."""
        head = self.heads.get(sitting)
        return sum(place == head for place in self.copies.get(sitting, {}).values()) if head else 0

    def offer(self, workstation: str, known: int) -> dict[str, list[int]]:
        """What this workstation should fetch; `known`: how many workstations there are."""
        return {sitting: list(place) for sitting, place in self.heads.items()
                if self.copies.get(sitting, {}).get(workstation) != place
                and choose_keepers(workstation, sitting, place, known)}


def attach_ledgers(offered: Services) -> Ledgers:
    """The ledgers of these services, made at the first call from what the database holds."""
    found = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = Ledgers()
        with offered.storage.read() as session:
            for row in session.execute(select(LedgerRecord.sitting, LedgerRecord.generation, LedgerRecord.version,
                                              LedgerRecord.digest)):
                found.heads[row[0]], found.digests[row[0]] = (row[1], row[2]), row[3]
    return found


def keep_ledgers(offered: Services) -> int:
    """Seal the ledger of every sitting whose room changed; returns how many."""
    ledgers, clock = attach_ledgers(offered), offered.clock
    began_ms = clock.monotonic_ms()
    if began_ms < ledgers.rest_until_ms:
        return 0
    with offered.storage.read() as session:
        kept = list(session.scalars(select(SittingRecord).where(
            SittingRecord.state.in_(KEPT_STATES), SittingRecord.claim != "")))
        made = [one for one in (_seal_changed(offered, session, ledgers, sitting) for sitting in kept) if one]
    for sitting in set(ledgers.heads) - {one.id for one in kept}:
        del ledgers.heads[sitting]
    for record in made:
        offered.storage.write(partial(_save, record=record))
        ledgers.heads[record.sitting] = (record.generation, record.version)
        ledgers.digests[record.sitting] = record.digest
    ledgers.rest_after(began_ms, clock.monotonic_ms())
    return len(made)


def seal_fenced(offered: Services) -> int:
    """The last ledger of a server that no longer leads, for the one that does; workstations are not offered it."""
    ledgers, clock = attach_ledgers(offered), offered.clock
    began_ms = clock.monotonic_ms()
    if began_ms < ledgers.rest_until_ms:
        return 0
    with offered.storage.read() as session:
        rows = session.execute(select(SittingRecord, LedgerRecord).join(
            LedgerRecord, LedgerRecord.sitting == SittingRecord.id).where(SittingRecord.state == FENCED)).all()
        found = [_seal(offered, session, sitting, (last.generation, last.version), last.digest)
                 for sitting, last in rows]
    made = [one for one in found if one is not None and len(one.envelope) <= MAX_LEDGER_BYTES]
    for record in made:
        offered.storage.write(partial(_save, record=record))
    ledgers.rest_after(began_ms, clock.monotonic_ms())
    return len(made)


def _save(session: Session, record: LedgerRecord) -> None:
    session.merge(record)


def _seal_changed(offered: Services, session: Session, ledgers: Ledgers, sitting: SittingRecord) -> LedgerRecord | None:
    """A new version that workstations take, None where nothing happened since the last."""
    made = _seal(offered, session, sitting, ledgers.heads.get(sitting.id, (0, 0)), ledgers.digests.get(sitting.id, ""))
    if made is not None and len(made.envelope) > MAX_LEDGER_BYTES:
        # A room nobody has; workstations would not take it. The older version stays, other sittings go on.
        log.error("the ledger of sitting %s is too large to be kept: %s bytes", sitting.id, len(made.envelope))
        ledgers.digests[sitting.id] = made.digest
        return None
    return made


def _seal(offered: Services, session: Session, sitting: SittingRecord, place: Place, known: str) -> LedgerRecord | None:
    """None where the facts are of the `known` digest, or the claim is of a server without ledgers."""
    if not _can_seal(sitting.claim):
        return None
    facts = read_facts(session, sitting)
    digest, generation = digest_facts(facts), sitting.generation
    if digest == known and place[0] == generation:
        return None
    now_ms, version = attach_room(offered).clock.now_ms(), place[1] + 1 if place[0] == generation else 1
    envelope = seal_ledger(sitting.claim, version, now_ms, facts, open_ledger_key(offered.settings))
    return LedgerRecord(sitting=sitting.id, generation=generation, version=version, digest=digest, envelope=envelope,
                        made_at_ms=now_ms)


def _can_seal(claim: str) -> bool:
    try:
        return bool(peek_claim(claim.encode()).ledger_key)
    except BadStatement:
        return False


def read_ledger(session: Session, sitting: str) -> LedgerRecord | None:
    """The newest ledger of a sitting."""
    return session.get(LedgerRecord, sitting)
