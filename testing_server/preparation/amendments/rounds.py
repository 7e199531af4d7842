"""One change to a work of one day at many schools: withdrawn or moved, school by school, by the worker's hand.

Takes a round and what shall happen; the worker tells the core of each archive in turn, so pages stay quick and a killed
worker goes on: a school that has the change already is passed over.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.amendments.actions import move_to_day, withdraw
from testing_server.preparation.amendments.rules import DayUnchanged, read_reason
from testing_server.preparation.materials.actions import read_day
from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.registry.queries import lies_within
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.release.rules import Withdrawn

PORTION = 200


@dataclass(frozen=True)
class RoundChange:
    """`verb`: what happens to each; `day`: the new one of a move, else ""."""

    verb: Literal["withdraw", "move"]
    day: str
    reason: str
    by: str


def list_round_archives(session: Session, territory: str | None, campaign: str, package: str, day: str) -> list[str]:
    """Valid materials archives of a round, by school."""
    query = (select(ArchiveRecord.archive).join(SealingRecord, SealingRecord.id == ArchiveRecord.sealing)
             .join(SchoolRecord, SchoolRecord.id == ArchiveRecord.school)
             .where(ArchiveRecord.campaign == campaign, SealingRecord.package == package, ArchiveRecord.day == day,
                    ArchiveRecord.kind == "materials", ArchiveRecord.state != "withdrawn", lies_within(territory))
             .order_by(SchoolRecord.login))
    return list(session.scalars(query))


def order_change(offered: Services, archives: list[str], change: RoundChange) -> int:
    """Queues it in portions; returns for how many schools. Raises ReasonMissing, BadDay before anything is queued."""
    read_reason(change.reason)
    if change.verb == "move":
        read_day(change.day)
    for start in range(0, len(archives), PORTION):
        offered.jobs.enqueue(amend_many, archives=archives[start:start + PORTION], change=asdict(change))
    return len(archives)


@job(attempts=3)
def amend_many(context: JobContext, archives: list[str], change: dict[str, Any]) -> None:
    """Repeatable: the core passes over what is done."""
    for archive in archives:
        context.report_to_core(f"/v1/internal/amendments/{archive}", change)


def apply_change(offered: Services, archive: str, change: RoundChange) -> str:
    """One school's part; gives "done", "repeated" or the word of the refusal, which holds up no other school."""
    try:
        if change.verb == "withdraw":
            withdraw(offered, archive, change.reason, change.by)
        else:
            move_to_day(offered, archive, change.day, change.reason, change.by)
    except (Withdrawn, DayUnchanged):
        return "repeated"
    except Refusal as refusal:
        return refusal.code
    return "done"
