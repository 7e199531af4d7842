"""Claiming a sitting again: this server leads it under a generation above every one that was seen."""
from __future__ import annotations

from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.lineage import NOWHERE, RECOVERED, describe_place
from testing_server.exam_day.recovery.rules import Place
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.exam_day.sittings.claims import Claimant, write_claim
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.foundation.audit import append_audit
from testing_server.preparation.school_key import SchoolKey

# Hints count on from here: whoever watched the old server must not take the new one's for old news.
VERSION_STEP = 1_000_000


def claim_anew(session: Session, now_ms: int, sitting: SittingRecord, generation: int, claimant: Claimant,
               key: SchoolKey, by: str, place: Place = NOWHERE) -> None:
    """This server leads the sitting under a new generation. `place`: of the ledger its facts are as new as."""
    before = sitting.generation
    sitting.claim = write_claim(key, now_ms, sitting.id, generation, claimant, by, "recover", before)
    sitting.generation = generation
    sitting.version += VERSION_STEP
    append_audit(session, now_ms, chain_of(sitting.id), by, RECOVERED, sitting.id,
                 {"generation": generation, "before": before, **describe_place(place)})
