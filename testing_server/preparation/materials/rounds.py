"""Rounds: one work of one day for many schools, and how fast its sealing goes. Takes a session; gives dataclasses.

Counted by the database: a country orders forty thousand schools times a dozen works.
"""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from testing_server.preparation.materials.pace import Pace, measure_pace
from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.registry.queries import lies_within
from testing_server.preparation.registry.records import SchoolRecord

MOST_REASONS = 5


@dataclass(frozen=True)
class Round:
    """One work of one day for many schools. `counts`: state of the newest order -> schools; `reasons`: of stops.

    `late`: schools it was ordered for after the campaign's day for it. `pace`: how fast it goes now, None where nothing
    is on the way or nothing was done lately.
    """

    campaign: str
    package: str
    day: str
    counts: dict[str, int]
    reasons: tuple[str, ...]
    pace: Pace | None = None
    late: int = 0

    @property
    def schools(self) -> int:
        """How many there are in all."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """How many are still to be sealed."""
        return self.counts.get("waiting", 0) + self.counts.get("running", 0)


def list_rounds(session: Session, territory: str | None, now_ms: int) -> list[Round]:
    """What was ordered for the schools of a territory, newest day first; of each school its newest order.

    An order whose archives were withdrawn counts as "withdrawn".
    """
    newest = _select_newest(territory).subquery()
    grouped: dict[tuple[str, str, str], dict[str, int]] = {}
    late: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for day, campaign, package, state, count, count_late in session.execute(
            select(newest.c.day, newest.c.campaign, newest.c.package, newest.c.state, func.count(),
                   func.sum(case((newest.c.late_reason != "", 1), else_=0)))
            .where(newest.c.place == 1)
            .group_by(newest.c.day, newest.c.campaign, newest.c.package, newest.c.state)):
        grouped.setdefault((day, campaign, package), {})[state] = count
        late[day, campaign, package] += int(count_late)
    # every school shares one queue: how fast it goes is a fact of all rounds together
    pace = _read_pace(session, now_ms)
    return [Round(campaign, package, day, counts, _list_reasons(session, territory, day, campaign, package, counts),
                  pace if counts.get("waiting") or counts.get("running") else None, late[day, campaign, package])
            for (day, campaign, package), counts in sorted(grouped.items(), reverse=True)]


def count_waiting(session: Session) -> int:
    """Orders of all territories that are still to be sealed: they share one queue."""
    return session.scalar(select(func.count()).select_from(SealingRecord)
                          .where(SealingRecord.state.in_(("waiting", "running")))) or 0


def _select_newest(territory: str | None) -> Select[tuple[str, str, str, str, str, int]]:
    order = SealingRecord
    withdrawn = select(ArchiveRecord.sealing).where(ArchiveRecord.state == "withdrawn")
    place = func.row_number().over(partition_by=(order.day, order.campaign, order.package, order.school),
                                   order_by=(order.asked_at_ms.desc(), order.id.desc()))
    state = case((order.id.in_(withdrawn), "withdrawn"), else_=order.state)
    return (select(order.day, order.campaign, order.package, state.label("state"), order.late_reason,
                   place.label("place"))
            .join(SchoolRecord, SchoolRecord.id == order.school).where(lies_within(territory)))


def _list_reasons(session: Session, territory: str | None, day: str, campaign: str, package: str,
                  counts: dict[str, int]) -> tuple[str, ...]:
    if not counts.get("stopped"):
        return ()
    query = (select(SealingRecord.reason).distinct().join(SchoolRecord, SchoolRecord.id == SealingRecord.school)
             .where(SealingRecord.day == day, SealingRecord.campaign == campaign, SealingRecord.package == package,
                    SealingRecord.state == "stopped", SealingRecord.reason != "", lies_within(territory))
             .order_by(SealingRecord.reason).limit(MOST_REASONS))
    return tuple(session.scalars(query))


def _read_pace(session: Session, now_ms: int) -> Pace | None:
    since = now_ms - Pace.WINDOW_MS
    done, first = session.execute(select(func.count(), func.min(SealingRecord.changed_at_ms)).where(
        SealingRecord.state == "ready", SealingRecord.changed_at_ms >= since)).one()
    return measure_pace(done, first, now_ms, count_waiting(session))
