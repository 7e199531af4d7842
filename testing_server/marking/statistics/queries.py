"""What the figures are made of, added up by the database. Takes a session and lots; gives counts and sums.

Of an answer marked twice the two last saves count, those of rounds 1 and 2; copies of standard answers and third
markings do not. All of it reads 20,000 answers marked twice in about a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, cast, func, select, true, union_all
from sqlalchemy.orm import Session, aliased

from testing_server.marking.review.figures import PAUSE_MS
from testing_server.marking.review.records import AssignmentRecord, LotRecord, MarkEventRecord, MarkingWorkRecord
from testing_server.marking.review.settling import THIRD
from testing_server.marking.review.thirds import STANDING
from testing_server.marking.standardisation.comparing import make_check
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import Check, measure_agreement
from testing_server.marking.statistics.consistency import Products
from testing_server.marking.statistics.severity import Sums

LEFT = ("queued", "taken", "undone", "referred")
HOUR_MS = 3_600_000
MOST_HOURS = 24 * 14
# answers of an expert that stand together in a series: as many as a rough figure needs
BLOCK = 20


@dataclass(frozen=True)
class Meeting:
    """Two experts' points in one criterion: how often they met. `one` < `other` by login."""

    one: str
    other: str
    criterion: str
    cell: tuple[int, int]
    count: int


@dataclass(frozen=True)
class Block:
    """Twenty answers of an expert in the order they were marked, the newest block perhaps fewer. `products`: points."""

    expert: str
    number: int
    products: Products

    @property
    def sums(self) -> Sums:
        """Differences in points, own minus the other's."""
        one = self.products
        return Sums(one.number, one.own - one.other, one.own_squares + one.other_squares - 2 * one.products)


@dataclass(frozen=True)
class QueueState:
    """Markings by what became of them, and answers: how many have two markings, and a third besides."""

    left: int
    marked: int
    pairs: int
    thirds: int
    thirds_left: int


def spread_points(session: Session, points: Any, name: str) -> Any:
    """A criterion a row, `key` and `value`: each of the two databases has a word of its own for that."""
    spread = func.json_each_text if session.get_bind().dialect.name == "postgresql" else func.json_each
    return spread(points).table_valued("key", "value", name=name)


def _is_last_save(event: Any, assignment: Any) -> ColumnElement[bool]:
    later = aliased(MarkEventRecord)
    newest = select(func.max(later.number)).where(
        later.assignment == assignment.id, later.kind == "saved").correlate(assignment).scalar_subquery()
    return and_(event.assignment == assignment.id, event.kind == "saved", event.number == newest)


class _Pairs:
    """Answers of some lots that two experts marked, as a join to select from."""

    def __init__(self, lots: Sequence[int]) -> None:
        self.first, self.second = aliased(AssignmentRecord), aliased(AssignmentRecord)
        self.given, self.other = aliased(MarkEventRecord), aliased(MarkEventRecord)
        self._lots = lots

    def select(self, *columns: Any) -> Select[Any]:
        first, second = self.first, self.second
        return (select(*columns).select_from(first)
                .join(second, and_(second.answer == first.answer, second.round == 2, second.copy == "",
                                   second.state.in_(STANDING)))
                .join(self.given, _is_last_save(self.given, first)).join(self.other, _is_last_save(self.other, second))
                .where(first.lot.in_(self._lots), first.round == 1, first.copy == "", first.state.in_(STANDING)))


def list_meetings(session: Session, lots: Sequence[int], expert: str | None = None) -> list[Meeting]:
    """Every criterion of every answer marked twice, counted by pair and points; of one expert, where named."""
    pairs = _Pairs(lots)
    one, other = spread_points(session, pairs.given.points, "one"), spread_points(session, pairs.other.points, "other")
    columns = (pairs.given.expert.label("one_expert"), pairs.other.expert.label("other_expert"),
               one.c.key.label("criterion"), cast(one.c.value, Integer).label("given"),
               cast(other.c.value, Integer).label("seen"))
    query = pairs.select(*columns, func.count()).join(one, true()).join(other, other.c.key == one.c.key)
    if expert is not None:
        query = query.where((pairs.first.expert == expert) | (pairs.second.expert == expert))
    return [_order(*row) for row in session.execute(query.group_by(*columns))]


def _order(one: str, other: str, criterion: str, given: int, seen: int, count: int) -> Meeting:
    return (Meeting(one, other, criterion, (given, seen), count) if one < other
            else Meeting(other, one, criterion, (seen, given), count))


def list_blocks(session: Session, lots: Sequence[int], expert: str | None = None) -> list[Block]:
    """Points of answers marked twice, all criteria together, by expert and block; oldest first."""
    both = _select_both(session, lots).subquery()
    place = func.row_number().over(partition_by=both.c.expert, order_by=(both.c.at_ms, both.c.answer)) - 1
    query = select(both, (place // BLOCK).label("block"))
    numbered = (query.where(both.c.expert == expert) if expert is not None else query).subquery()
    own, other = numbered.c.own, numbered.c.other
    rows = session.execute(
        select(numbered.c.expert, numbered.c.block, func.count(), func.sum(own), func.sum(other), func.sum(own * own),
               func.sum(other * other), func.sum(own * other))
        .group_by(numbered.c.expert, numbered.c.block).order_by(numbered.c.expert, numbered.c.block))
    return [Block(who, number, Products(count, *(float(one) for one in sums))) for who, number, count, *sums in rows]


def _select_both(session: Session, lots: Sequence[int]) -> Any:
    """Every answer marked twice as two rows, each of them one expert's view: expert, answer, at_ms, own, other."""
    pairs = _Pairs(lots)
    found = pairs.select(
        pairs.first.answer.label("answer"), pairs.given.expert.label("one"), pairs.other.expert.label("other"),
        pairs.given.at_ms.label("one_ms"), pairs.other.at_ms.label("other_ms"),
        _sum_points(session, pairs.given, "one").label("given"),
        _sum_points(session, pairs.other, "other").label("seen")).cte("both")
    return union_all(
        select(found.c.one.label("expert"), found.c.answer, found.c.one_ms.label("at_ms"), found.c.given.label("own"),
               found.c.seen.label("other")),
        select(found.c.other, found.c.answer, found.c.other_ms, found.c.seen, found.c.given))


def count_experts(session: Session, lots: Sequence[int]) -> int:
    """Experts with marks of these lots that stand, third markings and standard answers left out."""
    row = AssignmentRecord
    return session.scalar(select(func.count(row.expert.distinct())).where(
        row.lot.in_(lots), row.copy == "", row.round < THIRD, row.state.in_(STANDING))) or 0


def _sum_points(session: Session, event: Any, name: str) -> Any:
    spread = spread_points(session, event.points, name)
    return select(func.sum(cast(spread.c.value, Integer))).select_from(spread).scalar_subquery()


def count_points(session: Session, lots: Sequence[int]) -> dict[str, dict[int, int]]:
    """Criterion → points → how often they were given in rounds 1 and 2."""
    row, event = aliased(AssignmentRecord), aliased(MarkEventRecord)
    spread = spread_points(session, event.points, "given")
    columns = (spread.c.key.label("criterion"), cast(spread.c.value, Integer).label("points"))
    query = (select(*columns, func.count()).select_from(row).join(event, _is_last_save(event, row))
             .join(spread, true())
             .where(row.lot.in_(lots), row.round < THIRD, row.copy == "", row.state.in_(STANDING)).group_by(*columns))
    found: dict[str, dict[int, int]] = {}
    for criterion, points, count in session.execute(query):
        found.setdefault(criterion, {})[points] = count
    return found


def measure_times(session: Session, lots: Sequence[int],
                  expert: str | None = None) -> Mapping[str, tuple[int, tuple[int, int, int]]]:
    """Expert → (answers, quartiles in ms) from one save to the next, or from taking where that was later.

    An answer that took longer than a lease was left lying: pauses are left out.
    """
    spent = _select_spent(lots, expert).subquery()
    ranked = select(
        spent.c.expert, spent.c.ms, func.count().over(partition_by=spent.c.expert).label("number"),
        func.row_number().over(partition_by=spent.c.expert, order_by=spent.c.ms).label("place"),
    ).where(spent.c.ms >= 0, spent.c.ms < PAUSE_MS).subquery()
    found: dict[str, tuple[int, tuple[int, int, int]]] = {}
    for who, number, *quartiles in session.execute(_select_quartiles(ranked)):
        found[who] = (number, (quartiles[0], quartiles[1], quartiles[2]))
    return found


def _select_spent(lots: Sequence[int], expert: str | None) -> Any:
    row, event = AssignmentRecord, MarkEventRecord
    before = func.lag(event.at_ms).over(partition_by=event.expert, order_by=(event.at_ms, event.id))
    began = case((before > row.taken_at_ms, before), else_=row.taken_at_ms)
    query = (select(event.expert.label("expert"), (event.at_ms - began).label("ms"))
             .join(row, row.id == event.assignment)
             .where(event.kind == "saved", event.number == 1, row.lot.in_(lots)))
    return query.where(event.expert == expert) if expert is not None else query


def _select_quartiles(ranked: Subquery) -> Select[Any]:
    def nearest(quarters: int) -> Any:
        at = (ranked.c.number * quarters + 3) // 4
        return func.max(case((ranked.c.place == at, ranked.c.ms)))

    return (select(ranked.c.expert, func.max(ranked.c.number), nearest(1), nearest(2), nearest(3))
            .group_by(ranked.c.expert))


def count_controls(session: Session, lots: Sequence[int]) -> dict[str, tuple[int, float]]:
    """Expert → control answers marked, and the share of their criteria that agree."""
    row, event = AssignmentRecord, aliased(MarkEventRecord)
    rows = session.execute(
        select(row.copy, row.answer, event.points, StandardRecord.points).select_from(row)
        .join(event, _is_last_save(event, row)).join(StandardRecord, StandardRecord.answer == row.answer)
        .where(row.purpose == "control", row.copy != "", row.state == "saved", row.lot.in_(lots)))
    found: dict[str, list[Check]] = {}
    for expert, answer, given, agreed in rows:
        found.setdefault(expert, []).append(make_check(session, answer, given, agreed))
    return {expert: (len(checks), measure_agreement(checks)) for expert, checks in found.items()}


def count_hours(session: Session, lots: Sequence[int], now_ms: int) -> dict[int, int]:
    """Whole hours ago → marks saved for the first time, third ones too."""
    event, row = MarkEventRecord, AssignmentRecord
    ago = ((now_ms - event.at_ms) // HOUR_MS).label("ago")
    query = (select(ago, func.count()).join(row, row.id == event.assignment)
             .where(event.kind == "saved", event.number == 1, row.lot.in_(lots), row.copy == "",
                    event.at_ms > now_ms - MOST_HOURS * HOUR_MS).group_by(ago))
    return {hours: count for hours, count in session.execute(query)}


def count_queue_of(session: Session, lots: Sequence[int]) -> QueueState:
    """How far these lots are; `lots` are those of the first rounds with their third ones."""
    rows = session.execute(
        select(AssignmentRecord.round, AssignmentRecord.state, func.count())
        .where(AssignmentRecord.lot.in_(lots), AssignmentRecord.copy == "")
        .group_by(AssignmentRecord.round, AssignmentRecord.state))
    counts = {(number, state): count for number, state, count in rows}

    def add(states: tuple[str, ...], *rounds: int) -> int:
        return sum(count for (number, state), count in counts.items() if state in states and number in rounds)

    return QueueState(add(LEFT, 1, 2, THIRD), add(STANDING, 1, 2, THIRD), add(STANDING, 2),
                      add((*LEFT, *STANDING), THIRD), add(LEFT, THIRD))


def describe_lots(session: Session, lots: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Lot → {"title", "criteria": [{"id", "title", "max"}], "assessment_title", "position", "key", "is_third"}."""
    found = {}
    for row in session.scalars(select(LotRecord).where(LotRecord.id.in_(lots))):
        work = session.scalars(select(MarkingWorkRecord).where(
            MarkingWorkRecord.campaign == row.campaign, MarkingWorkRecord.assessment == row.assessment).limit(1)).one()
        position = next(one for one in work.definition["positions"] if one["number"] == row.position)
        found[row.id] = {
            "title": position["title"], "assessment_title": work.definition["title"], "position": row.position,
            "key": (row.campaign, row.assessment, row.position), "is_third": row.is_third,
            "criteria": work.definition["criteria"][position["criteria"]]["criteria"]}
    return found
