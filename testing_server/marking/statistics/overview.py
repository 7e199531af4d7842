"""The figures of one position of a commission, put together for a page. Takes a session and lots; gives dataclasses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from testing_server.marking.statistics.agreement import Agreement, Cells, add_cells, measure_agreement
from testing_server.marking.statistics.consistency import Consistency, add_products, judge_consistency
from testing_server.marking.statistics.pace import Forecast, Pace, describe_pace, forecast_finish
from testing_server.marking.statistics.partners import Gap, describe_partners
from testing_server.marking.statistics.queries import (
    Block, Meeting, QueueState, count_controls, count_experts, count_hours, count_points, count_queue_of, list_blocks,
    list_meetings, measure_times)
from testing_server.marking.statistics.samples import Trust, judge_number
from testing_server.marking.statistics.severity import (
    ALIKE, Estimate, add_sums, estimate_drift, estimate_severity, find_sure, measure_spread, scale_sums, split_newest)

MOST_PAIRS = 40
# of an expert none of whose answers anybody else has marked yet
NOTHING: Mapping[str, Any] = {"pairs": 0, "trust": Trust.NONE, "severity": None, "drift": None, "consistency": None,
                              "series": []}


@dataclass(frozen=True)
class Topic:
    """One position as a commission marks it: `lots` of the first rounds, `thirds` of third markings.

    `criteria`: [{"id", "title", "max"}].
    """

    key: str
    title: dict[str, str]
    assessment_title: dict[str, str]
    position: int
    lots: tuple[int, ...]
    thirds: tuple[int, ...]
    criteria: Sequence[Mapping[str, Any]]

    @property
    def highest(self) -> int:
        """All points of the criteria."""
        return sum(one["max"] for one in self.criteria)


@dataclass(frozen=True)
class CriterionFigures:
    """`counts`: for each points 0 … max how often they were given; `trust`: what the agreement may be trusted with."""

    id: str
    title: str
    agreement: Agreement | None
    trust: Trust
    counts: list[int]


@dataclass(frozen=True)
class PairFigures:
    """Two experts who marked `answers` together: all criteria as one, and kappa of each criterion."""

    one: str
    other: str
    answers: int
    trust: Trust
    together: Agreement
    kappas: list[Agreement | None]


@dataclass(frozen=True)
class ExpertFigures:
    """One expert. `pairs`: answers that somebody else marked too; `series`: severity by block of answers, oldest first.

    `controls`: agreed share of so many control answers, (0, None) before any. `consistency`: only where everybody is
    looked at.
    """

    expert: str
    pairs: int
    trust: Trust
    severity: Estimate | None
    drift: Estimate | None
    consistency: Consistency | None
    series: list[float]
    pace: Pace | None
    controls: tuple[int, float | None]

    @property
    def is_sign(self) -> bool:
        """Whether any of the figures is a sign."""
        return any(one is not None and one.is_sign for one in (self.severity, self.drift, self.consistency))


@dataclass(frozen=True)
class TopicFigures:
    """All of one position. `hidden_pairs`: pairs that marked too few answers together, or stand behind the shown."""

    queue: QueueState
    forecast: Forecast | None
    criteria: list[CriterionFigures]
    pairs: list[PairFigures]
    hidden_pairs: int
    experts: list[ExpertFigures]


def describe_topic(session: Session, topic: Topic, now_ms: int) -> TopicFigures:
    """Everything the head sees."""
    meetings, whole = list_meetings(session, topic.lots), (*topic.lots, *topic.thirds)
    queue = count_queue_of(session, whole)
    pairs = describe_pairs(meetings, [one["id"] for one in topic.criteria])
    shown = [pair for pair in pairs if pair.trust is not Trust.NONE][:MOST_PAIRS]
    return TopicFigures(
        queue, forecast_finish(count_hours(session, whole, now_ms), queue.left, now_ms),
        describe_criteria(meetings, count_points(session, topic.lots), topic.criteria),
        shown, len(pairs) - len(shown), describe_experts(session, topic, meetings=meetings))


def describe_criteria(meetings: Sequence[Meeting], counts: Mapping[str, Mapping[int, int]],
                      criteria: Sequence[Mapping[str, Any]]) -> list[CriterionFigures]:
    """In the order of the criteria, those of which nothing is known too."""
    found = []
    for one in criteria:
        agreement = measure_agreement(_cells_of(meetings, one["id"]))
        given = counts.get(one["id"], {})
        found.append(CriterionFigures(
            one["id"], str(one.get("title", one["id"])), agreement,
            judge_number(agreement.number if agreement else 0),
            [given.get(number, 0) for number in range(one["max"] + 1)]))
    return found


def _cells_of(meetings: Sequence[Meeting], criterion: str) -> Cells:
    cells: dict[tuple[int, int], int] = {}
    for one in meetings:
        if one.criterion == criterion:
            cells[one.cell] = cells.get(one.cell, 0) + one.count
    return cells


def describe_pairs(meetings: Sequence[Meeting], criteria: Sequence[str]) -> list[PairFigures]:
    """Pairs of which enough is known first, among them those who agree least."""
    cells: dict[tuple[str, str], dict[str, dict[tuple[int, int], int]]] = {}
    for one in meetings:
        of_pair = cells.setdefault((one.one, one.other), {}).setdefault(one.criterion, {})
        of_pair[one.cell] = of_pair.get(one.cell, 0) + one.count
    found = [_describe_pair(pair, by_criterion, criteria) for pair, by_criterion in cells.items()]
    return sorted(found, key=lambda one: (one.trust is Trust.NONE, one.together.exact, one.one, one.other))


def _describe_pair(pair: tuple[str, str], cells: Mapping[str, Cells], criteria: Sequence[str]) -> PairFigures:
    answers = max(sum(one.values()) for one in cells.values())
    together = measure_agreement(add_cells(cells.values()))
    assert together is not None, "a pair is known by an answer at least"
    return PairFigures(*pair, answers, judge_number(answers), together,
                       [measure_agreement(cells.get(name, {})) for name in criteria])


def describe_experts(session: Session, topic: Topic, expert: str | None = None,
                     meetings: Sequence[Meeting] = ()) -> list[ExpertFigures]:
    """Everybody who marked something of the position, or one of them; signs first, then by login.

    `meetings`: of all pairs, where the severity of partners shall be reckoned with.
    """
    times = measure_times(session, topic.lots, expert)
    blocks: dict[str, list[Block]] = {}
    for row in list_blocks(session, topic.lots, expert):
        blocks.setdefault(row.expert, []).append(row)
    sure, controls = find_sure(count_experts(session, topic.lots)), count_controls(session, topic.lots)
    judged = judge_experts(blocks, topic.highest, sure, add_gaps(meetings), is_all=expert is None)
    found = []
    for who in sorted({*times, *blocks}):
        pace = describe_pace(times[who][1], times[who][0]) if who in times else None
        found.append(ExpertFigures(who, **judged.get(who, NOTHING), pace=pace, controls=controls.get(who, (0, None))))
    return sorted(found, key=lambda one: not one.is_sign)


def judge_experts(blocks: Mapping[str, Sequence[Block]], highest: int, sure: float,
                  gaps: Mapping[tuple[str, str], Gap], *, is_all: bool) -> dict[str, dict[str, Any]]:
    """What answers marked twice say of each expert, by the names of ExpertFigures. `is_all`: `blocks` are everybody's.

    `gaps`: in points, by pair.
    """
    series = {who: [scale_sums(one.sums, highest) for one in some] for who, some in blocks.items()}
    own = {who: add_products(one.products for one in some) for who, some in blocks.items()}
    spread = measure_spread(add_sums(one for some in series.values() for one in some))
    scaled = {pair: Gap(gap.number, gap.total / highest) for pair, gap in gaps.items()}
    partners, whole = describe_partners(scaled, spread), add_products(own.values())
    return {who: {
        "pairs": own[who].number, "trust": judge_number(own[who].number),
        "severity": estimate_severity(add_sums(some), sure, partners.get(who, ALIKE)),
        "drift": estimate_drift(split_newest(some), sure),
        "consistency": judge_consistency(own[who], whole) if is_all else None,
        "series": [one.total / one.number for one in some]} for who, some in series.items()}


def add_gaps(meetings: Sequence[Meeting]) -> dict[tuple[str, str], Gap]:
    """What each pair differs by, all criteria of an answer together."""
    totals, answers = Counter[tuple[str, str]](), dict[tuple[str, str], Counter[str]]()
    for one in meetings:
        pair = (one.one, one.other)
        totals[pair] += (one.cell[0] - one.cell[1]) * one.count
        answers.setdefault(pair, Counter())[one.criterion] += one.count
    return {pair: Gap(max(counted.values()), totals[pair]) for pair, counted in answers.items()}
