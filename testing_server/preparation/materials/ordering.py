"""Ordering materials for many schools at once. Takes schools and one work; leaves an order for each, and jobs."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.materials.actions import order_sealing, plan_sealing, read_day
from testing_server.preparation.materials.jobs import seal_for_school, seal_for_schools
from testing_server.preparation.materials.pace import MaterialsLate
from testing_server.preparation.materials.queries import list_supplied
from testing_server.preparation.materials.sealing import SealingPlan
from testing_server.preparation.registry.queries import School, find_ordinal, list_ordinals
from testing_server.preparation.rosters.actions import DayTaken

# schools in one job: it is repeated as a whole after a crash, and passes over those that are ready
AT_ONCE = 50


@dataclass(frozen=True)
class Wanted:
    """One work for schools. `count`: variants each; `late_reason`: why it is ordered although the campaign's day for it
    is over, "" for nobody said; `is_day_agreed`: the day may lie outside the work's period."""

    campaign: Campaign
    package: Path
    count: int
    day: str
    encrypted: bool = True
    late_reason: str = ""
    is_day_agreed: bool = False


class DayOutside(Refusal):
    code = "day_outside"
    status = 409
    message = _("В этой кампании такой работы в этот день нет: день вне её периода.")
    safe = _("Ничего не поставлено в очередь.")
    remedy = _("Проверьте кампанию и день. Если это согласованный резервный день, поставьте отметку и нажмите ещё раз.")


@dataclass(frozen=True)
class Ordered:
    """How many schools were ordered for, had their materials already, have another campaign's work that day."""

    ordered: int
    supplied: int
    taken: int


def order_for_school(offered: Services, school: School, wanted: Wanted, by: str) -> None:
    """An order for one school, also where it has materials already.

    Raises BadDay, DayOutside, BadCount, CountedNeedsCipher, MaterialsLate, DayTaken.
    """
    check_day_in_period(wanted)
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        ordinal = find_ordinal(session, school.id)
    plan = plan_sealing(school, wanted.campaign, wanted.package, wanted.count, wanted.day, now_ms, ordinal,
                        wanted.encrypted)
    offered.storage.write(lambda session: order_sealing(session, now_ms, plan, by, wanted.late_reason))
    offered.jobs.enqueue(seal_for_school, plan=asdict(plan))


def order_for_schools(offered: Services, schools: Sequence[School], wanted: Wanted, by: str) -> Ordered:
    """Orders for all that are not supplied yet, so asking again goes on where it stopped.

    Raises BadDay, DayOutside, BadCount, CountedNeedsCipher, MaterialsLate.
    """
    check_day_in_period(wanted)
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        supplied = list_supplied(session, wanted.campaign.id, str(wanted.package), wanted.day)
        ordinals = list_ordinals(session)
    plans = [plan_sealing(one, wanted.campaign, wanted.package, wanted.count, wanted.day, now_ms, ordinals[one.id],
                          wanted.encrypted) for one in schools if one.id not in supplied]
    late = count_late(plans, wanted.late_reason, now_ms)
    noted = [plan for start in range(0, len(plans), AT_ONCE)
             for plan in _order(offered, plans[start:start + AT_ONCE], wanted.late_reason, by)]
    if late and noted:
        offered.storage.write(lambda session: append_audit(
            session, now_ms, "hub", by, "materials_ordered_late", wanted.package.name,
            {"campaign": wanted.campaign.id, "day": wanted.day, "schools": late, "reason": wanted.late_reason[:500]}))
    return Ordered(len(noted), len(schools) - len(plans), len(plans) - len(noted))


def check_day_in_period(wanted: Wanted) -> None:
    """A slip of the hand is cheap here and dear later. Raises BadDay, DayOutside where no period of the work has it."""
    day = read_day(wanted.day)
    periods = [one for work in wanted.campaign.contents.works if wanted.package.name in work.assessments
               for one in work.periods.values()]
    if periods and not wanted.is_day_agreed and not any(day in one for one in periods):
        raise DayOutside()


def count_late(plans: Sequence[SealingPlan], reason: str, now_ms: int) -> int:
    """How many get their archives later than the campaign says: asked before the first order, so that none is noted
    where one would be refused. Raises MaterialsLate."""
    dues = [plan.due_ms for plan in plans if plan.due_ms is not None and now_ms >= plan.due_ms]
    if dues and not reason.strip():
        raise MaterialsLate(min(dues))
    return len(dues)


def _order(offered: Services, plans: list[SealingPlan], late_reason: str, by: str) -> list[SealingPlan]:
    now_ms = offered.clock.now_ms()

    def act(session: Session) -> list[SealingPlan]:
        return [plan for plan in plans if _is_ordered(session, now_ms, plan, late_reason, by)]
    noted: list[SealingPlan] = offered.storage.write(act)
    if noted:
        offered.jobs.enqueue(seal_for_schools, plans=[asdict(plan) for plan in noted])
    return noted


def _is_ordered(session: Session, now_ms: int, plan: SealingPlan, late_reason: str, by: str) -> bool:
    try:
        order_sealing(session, now_ms, plan, by, late_reason)
    except DayTaken:
        return False
    return True
