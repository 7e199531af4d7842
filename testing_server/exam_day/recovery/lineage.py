"""Which ledgers the facts of a sitting already contain: of every server it was led by, up to which version.

Takes a session; told by the sitting's audit, so ledgers and backups carry it along and nothing else has to be kept.
"""
from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.records import LedgerRecord
from testing_server.exam_day.recovery.rules import Place
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.foundation.audit import read_verbs

RECOVERED, LATE_LEDGER = "sitting_recovered", "late_ledger_added"
NOWHERE: Place = (0, 0)


def describe_place(place: Place) -> dict[str, Any]:
    """Details of a line of the audit that tells of a ledger."""
    return {"ledger_generation": place[0], "ledger_version": place[1]}


def list_merged(session: Session, sitting: str) -> dict[int, int]:
    """generation -> the highest version of its ledgers that was taken over from, or added later."""
    merged: dict[int, int] = {}
    for line in read_verbs(session, chain_of(sitting), (RECOVERED, LATE_LEDGER)):
        generation, version = line.details.get("ledger_generation", 0), line.details.get("ledger_version", 0)
        if generation:
            merged[generation] = max(version, merged.get(generation, 0))
    return merged


def find_place(session: Session, sitting_id: str) -> Place:
    """The ledger that was made last from the facts which stand here: they are as new as it is, or newer."""
    sitting, ledger = session.get(SittingRecord, sitting_id), session.get(LedgerRecord, sitting_id)
    if sitting is None or not sitting.claim:
        return NOWHERE
    is_own = ledger is not None and ledger.generation == sitting.generation
    return sitting.generation, ledger.version if ledger is not None and is_own else 0


def is_missing(session: Session, sitting_id: str, place: Place) -> bool:
    """Whether a sitting that is led here lacks what this ledger of a server before tells."""
    sitting = session.get(SittingRecord, sitting_id)
    if sitting is None or place[0] >= sitting.generation:
        return False
    return place[1] > list_merged(session, sitting_id).get(place[0], 0)
