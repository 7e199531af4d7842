"""Reading holds and deletions, and weighing what a deletion would take. Takes a session; gives dataclasses."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.preparation.registry.queries import School, list_every_place
from testing_server.preparation.registry.rules import is_within
from testing_server.preparation.retention.keepers import Amount, list_keepers
from testing_server.preparation.retention.needs import list_needs
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
class Needed:
    """Why schools are passed over: `words`, how many `things` need the data, of which schools (names)."""

    words: LazyString
    things: int
    schools: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """What a deletion would take now: `amount` of these `schools` (ids). `whole`: all there is in the territory.
    `held`: schools that a hold protects; `needed`: what needs the data of others."""

    schools: tuple[str, ...]
    amount: Amount
    held: int
    whole: Amount = Amount()
    needed: tuple[Needed, ...] = ()


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
    """What there is of a kind in a territory, closed schools too, and which schools a hold or a need protects.

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
    free = {place.id: place.name for place in mine if not is_held(holds, place)}
    needed, going = _pass_over(session, campaign, kind, now_ms, free)
    return Weighed(going, _sum(found, going), len(mine) - len(free), _sum(found, [place.id for place in mine]), needed)


def is_needed(session: Session, campaign: str, kind: str, school: str, now_ms: int) -> bool:
    """Whether something still needs a school's data of a kind."""
    return any(one.find(session, campaign, now_ms, school) for one in list_needs(kind))


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


def _pass_over(session: Session, campaign: str, kind: str, now_ms: int,
               names: Mapping[str, str]) -> tuple[tuple[Needed, ...], tuple[str, ...]]:
    """(why schools are passed over, those that are not), of schools whose names are given by their ids."""
    needed, wanted = [], set[str]()
    for one in list_needs(kind):
        told = {school: things for school, things in one.find(session, campaign, now_ms, None).items()
                if school in names}
        if told:
            needed.append(Needed(one.words, sum(told.values()), tuple(sorted(names[school] for school in told))))
            wanted |= told.keys()
    return tuple(needed), tuple(school for school in names if school not in wanted)


def _sum(found: Mapping[str, Amount], schools: Iterable[str]) -> Amount:
    return sum((found[one] for one in schools), Amount())


def describe_hold(row: HoldRecord) -> Hold:
    """The row as a dataclass."""
    return Hold(row.id, row.campaign, row.kind, row.territory, row.reason, row.by, row.at_ms, row.until_ms)


def describe_deletion(row: DeletionRecord) -> Deletion:
    """The row as a dataclass."""
    return Deletion(row.id, row.campaign, row.kind, row.territory, row.before_ms, row.by, row.ordered_at_ms,
                    row.state, row.schools, row.things, row.size_bytes, row.ended_at_ms)
