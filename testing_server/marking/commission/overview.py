"""What the head sees first: what waits for a decision, who drifts, how far everybody is. Takes a session."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.marking.commission.queries import list_lots_of, list_members
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.commission.rules import REMOVED
from testing_server.marking.review.records import AssignmentRecord
from testing_server.marking.review.settling import THIRD
from testing_server.marking.standardisation.judging import list_checks
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import measure_agreement

# the head reads from the top: who may not go on, who waits for a word, then everybody else
ORDER = ("paused", "qualified", "failed", "practising", "approved")


@dataclass(frozen=True)
class MemberProgress:
    """One expert. `agreement`: share of criteria of control answers that got the agreed points, None before any."""

    expert: str
    state: str
    reason: str
    is_lead: bool
    marked: int
    on_desk: int
    thirds: int
    controls: int
    agreement: float | None


@dataclass(frozen=True)
class CommissionOverview:
    """One commission: answers by state, third markings that wait, standard answers by use, experts."""

    row: CommissionRecord
    queued: int
    on_desks: int
    marked: int
    referred: int
    thirds_waiting: int
    standards: dict[str, int]
    members: list[MemberProgress]


def describe_commission(session: Session, commission: CommissionRecord) -> CommissionOverview:
    """Everything of one commission, those who need the head first."""
    lots = list_lots_of(session, commission)
    states = _count_states(session, lots)
    standards = session.execute(select(StandardRecord.use, func.count()).where(StandardRecord.lot.in_(lots))
                                .group_by(StandardRecord.use))
    members = [_describe_member(session, one, lots, states) for one in list_members(session, commission.id)
               if one.state != REMOVED]
    return CommissionOverview(
        commission, _sum(states, "queued"), _sum(states, "taken", "undone"), _sum(states, "saved", "closed"),
        _sum(states, "referred"), sum(count for (_, state, number), count in states.items()
                                      if state == "queued" and number == THIRD),
        {use: count for use, count in standards},
        sorted(members, key=lambda one: (ORDER.index(one.state), one.expert)))


def _count_states(session: Session, lots: list[int]) -> dict[tuple[str, str, int], int]:
    rows = session.execute(
        select(AssignmentRecord.expert, AssignmentRecord.state, AssignmentRecord.round, func.count())
        .where(AssignmentRecord.lot.in_(lots), AssignmentRecord.copy == "")
        .group_by(AssignmentRecord.expert, AssignmentRecord.state, AssignmentRecord.round))
    return {(expert or "", state, number): count for expert, state, number, count in rows}


def _sum(states: dict[tuple[str, str, int], int], *wanted: str, expert: str | None = None) -> int:
    return sum(count for (who, state, _), count in states.items()
               if state in wanted and (expert is None or who == expert))


def _describe_member(session: Session, member: MemberRecord, lots: list[int],
                     states: dict[tuple[str, str, int], int]) -> MemberProgress:
    checks = list_checks(session, member.expert, "control", lots)
    thirds = sum(count for (who, state, number), count in states.items()
                 if who == member.expert and number == THIRD and state in ("saved", "closed"))
    return MemberProgress(
        member.expert, member.state, member.reason, member.is_lead,
        _sum(states, "saved", "closed", expert=member.expert), _sum(states, "taken", "undone", expert=member.expert),
        thirds, len(checks), measure_agreement(checks) if checks else None)
