"""Reading holds and deletions, and weighing what a deletion would take. Takes a session; gives dataclasses."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.preparation.registry.queries import School, list_every_place
from testing_server.preparation.registry.rules import is_within
from testing_server.preparation.retention.keepers import Amount, list_keepers
from testing_server.preparation.retention.records import CondemnedFileRecord, DeletionRecord, HoldRecord
from testing_server.preparation.retention.rules import Hold, find_holds, is_held

RUNNING, DONE = "running", "done"


@dataclass(frozen=True)
class Deletion:
    """An order and how far it is."""

    id: str
    campaign: str
    kind: str
    territory: str
    before_ms: int
    by: str
    ordered_at_ms: int
    state: str
    schools: int
    things: int
    size_bytes: int
    ended_at_ms: int | None


@dataclass(frozen=True)
class Weighed:
    """What a deletion would take now: `amount` of these `schools` (ids); `held`: schools that are passed over."""

    schools: tuple[str, ...]
    amount: Amount
    held: int


def list_holds(session: Session) -> list[Hold]:
    """Those that nobody has lifted, the newest first."""
    rows = session.scalars(select(HoldRecord).where(HoldRecord.lifted_at_ms.is_(None))
                           .order_by(HoldRecord.at_ms.desc(), HoldRecord.id))
    return [describe_hold(row) for row in rows]


def list_deletions(session: Session, territory: str | None) -> list[Deletion]:
    """Those that touch a territory (its own, below it, or around it), the newest first."""
    rows = session.scalars(select(DeletionRecord).order_by(DeletionRecord.ordered_at_ms.desc(), DeletionRecord.id))
    return [describe_deletion(row) for row in rows
            if is_within(territory, row.territory) or is_within(row.territory, territory)]


def find_deletion(session: Session, deletion: str) -> Deletion | None:
    """By id, or None."""
    row = session.get(DeletionRecord, deletion)
    return describe_deletion(row) if row is not None else None


def weigh_kind(session: Session, campaign: str, kind: str, territory: str | None, before_ms: int, now_ms: int,
               places: Sequence[School] | None = None) -> Weighed:
    """What there is of a kind in a territory, closed schools too, and how many schools a hold protects.

    `places`: those of the territory, for whoever weighs many kinds and has read forty thousand schools once.
    """
    found: dict[str, Amount] = defaultdict(Amount)
    for keeper in list_keepers(kind):
        for school, amount in keeper.weigh(session, campaign, before_ms).items():
            found[school] += amount
    holds = find_holds(list_holds(session), campaign, kind, now_ms)
    if not found:
        return Weighed((), Amount(), 0)
    mine = [place for place in (list_every_place(session, territory) if places is None else places)
            if place.id in found]
    free = [place.id for place in mine if not is_held(holds, place)]
    return Weighed(tuple(free), sum((found[one] for one in free), Amount()), len(mine) - len(free))


def list_unreferred(session: Session, digests: Iterable[str]) -> set[str]:
    """Of these files, those that no stage needs."""
    left = set(digests)
    for keeper in list_keepers():
        left -= keeper.refers_to(session, left)
    return left


def is_removing(session: Session) -> bool:
    """Whether a worker removes files at this moment: nobody may rely on a file found in the store until it is done."""
    going = select(CondemnedFileRecord.sha256).where(CondemnedFileRecord.going_at_ms.is_not(None)).limit(1)
    return session.scalar(going) is not None


def describe_hold(row: HoldRecord) -> Hold:
    """The row as a dataclass."""
    return Hold(row.id, row.campaign, row.kind, row.territory, row.reason, row.by, row.at_ms, row.until_ms)


def describe_deletion(row: DeletionRecord) -> Deletion:
    """The row as a dataclass."""
    return Deletion(row.id, row.campaign, row.kind, row.territory, row.before_ms, row.by, row.ordered_at_ms,
                    row.state, row.schools, row.things, row.size_bytes, row.ended_at_ms)
