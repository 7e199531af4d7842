"""Reading kits: whose they are, how far they came, what was marked too late. Takes a session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, func, select, union
from sqlalchemy.orm import Session

from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import limit_lots
from testing_server.marking.kits.actions import LATE, REFUSED
from testing_server.marking.kits.records import KitEventRecord, KitRecord
from testing_server.marking.review.records import AssignmentRecord, LotRecord


def find_kit(session: Session, kit: str) -> KitRecord | None:
    """A kit by its id."""
    return session.get(KitRecord, kit)


def list_kits(session: Session, expert: str, bounds: Bounds | None) -> list[KitRecord]:
    """The expert's own, newest first; with those a head leads, where this is one."""
    seen = KitRecord.expert == expert
    if bounds is not None:
        seen |= KitRecord.id.in_(_select_led(bounds))
    return list(session.scalars(select(KitRecord).where(seen).order_by(KitRecord.made_at_ms.desc())))


def is_led(session: Session, kit: str, bounds: Bounds) -> bool:
    """Whether everything a kit holds or brought back is this head's."""
    return session.scalar(_select_led(bounds, kit)) is not None


def _select_led(bounds: Bounds, kit: str | None = None) -> Select[Any]:
    """Ids of kits with nothing of another head's in them."""
    held = select(AssignmentRecord.kit.label("kit"), AssignmentRecord.lot.label("lot")).where(
        AssignmentRecord.kit.is_not(None))
    came = select(KitEventRecord.kit, AssignmentRecord.lot).join(
        AssignmentRecord, AssignmentRecord.id == KitEventRecord.assignment)
    if kit is not None:
        held, came = held.where(AssignmentRecord.kit == kit), came.where(KitEventRecord.kit == kit)
    inside = union(held, came).subquery()
    return (select(inside.c.kit).join(LotRecord, LotRecord.id == inside.c.lot).group_by(inside.c.kit)
            .having(func.min(case((limit_lots(bounds), 1), else_=0)) == 1))


def count_events(session: Session, kit: str) -> int:
    """How many events of a kit have come."""
    return session.scalar(select(func.count()).select_from(KitEventRecord).where(KitEventRecord.kit == kit)) or 0


def list_late(session: Session, bounds: Bounds) -> list[dict[str, Any]]:
    """Marks that came and do not count: {expert, at_ms, points, verdict, reason}, for their head to look at."""
    rows = session.execute(
        select(KitEventRecord, KitRecord.expert).join(KitRecord, KitEventRecord.kit == KitRecord.id)
        .join(AssignmentRecord, AssignmentRecord.id == KitEventRecord.assignment)
        .join(LotRecord, LotRecord.id == AssignmentRecord.lot)
        .where(limit_lots(bounds), KitEventRecord.verdict.in_((LATE, REFUSED)), KitEventRecord.kind != "undone")
        .order_by(KitEventRecord.merged_at_ms.desc(), KitEventRecord.number).limit(200))
    return [{"expert": expert, "at_ms": event.at_ms, "points": event.body.get("points", {}), "verdict": event.verdict,
             "reason": event.reason, "assignment": event.assignment} for event, expert in rows]
