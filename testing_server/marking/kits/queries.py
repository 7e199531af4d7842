"""Reading kits: whose they are, how far they came, what was marked too late. Takes a session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.marking.kits.actions import LATE, REFUSED
from testing_server.marking.kits.records import KitEventRecord, KitRecord


def find_kit(session: Session, kit: str) -> KitRecord | None:
    """A kit by its id."""
    return session.get(KitRecord, kit)


def list_kits(session: Session, expert: str | None) -> list[KitRecord]:
    """Newest first; of everybody where no expert is named."""
    query = select(KitRecord).order_by(KitRecord.made_at_ms.desc())
    return list(session.scalars(query if expert is None else query.where(KitRecord.expert == expert)))


def count_events(session: Session, kit: str) -> int:
    """How many events of a kit have come."""
    return session.scalar(select(func.count()).select_from(KitEventRecord).where(KitEventRecord.kit == kit)) or 0


def list_late(session: Session) -> list[dict[str, Any]]:
    """Marks that came and do not count: {expert, at_ms, points, verdict, reason}, for the head to look at."""
    rows = session.execute(
        select(KitEventRecord, KitRecord.expert).join(KitRecord, KitEventRecord.kit == KitRecord.id)
        .where(KitEventRecord.verdict.in_((LATE, REFUSED)), KitEventRecord.kind != "undone")
        .order_by(KitEventRecord.merged_at_ms.desc(), KitEventRecord.number).limit(200))
    return [{"expert": expert, "at_ms": event.at_ms, "points": event.body.get("points", {}), "verdict": event.verdict,
             "reason": event.reason, "assignment": event.assignment} for event, expert in rows]
