"""Which positions there are figures of: by commission, by expert. Takes a session; gives topics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import find_commission_row, limit_lots, list_lots_of
from testing_server.marking.review.records import AssignmentRecord, LotRecord
from testing_server.marking.statistics.overview import Topic
from testing_server.marking.statistics.queries import describe_lots


def list_topics(session: Session, commission: str | None, bounds: Bounds) -> list[Topic]:
    """Positions a commission of this head marks; without one, all that he leads. Raises NotFound."""
    if commission:
        lots: Sequence[int] = list_lots_of(session, find_commission_row(session, commission, bounds))
    else:
        lots = list(session.scalars(select(LotRecord.id).where(limit_lots(bounds))))
    return _join_lots(describe_lots(session, lots))


def list_topics_of_expert(session: Session, expert: str) -> list[Topic]:
    """Positions of which this expert has marked anything."""
    lots = set(session.scalars(select(AssignmentRecord.lot).where(
        AssignmentRecord.expert == expert, AssignmentRecord.copy == "", AssignmentRecord.lot.is_not(None)).distinct()))
    return _join_lots(describe_lots(session, [lot for lot in lots if lot is not None]))


def _join_lots(described: dict[int, dict[str, Any]]) -> list[Topic]:
    """The lots of several regions and of third markings are one topic."""
    keys: dict[Any, list[int]] = {}
    for lot, one in described.items():
        keys.setdefault(one["key"], []).append(lot)
    return [_describe_topic(keys[key], described) for key in sorted(keys)]


def _describe_topic(lots: Iterable[int], described: dict[int, dict[str, Any]]) -> Topic:
    ordered = sorted(lots)
    one = described[ordered[0]]
    return Topic(
        "/".join(str(part) for part in one["key"]), one["title"], one["assessment_title"], one["position"],
        tuple(lot for lot in ordered if not described[lot]["is_third"]),
        tuple(lot for lot in ordered if described[lot]["is_third"]), one["criteria"])


def find_topic(topics: Sequence[Topic], key: str) -> Topic | None:
    """The one asked for, otherwise the first."""
    return next((one for one in topics if one.key == key), topics[0] if topics else None)
