"""What becomes of two markings of one answer: agreed, or a third one and of which criteria, and the final points. Pure.

Takes the campaign's rules as data, an answer's criteria and points by round. Model: domain.md §10 (a difference of 2 or
more goes to a third expert, who sees both and marks what differs; a difference of 1 gives the higher points).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from task_bank.scoring import score_criteria

Points = Mapping[str, int]
THIRD = 3


@dataclass(frozen=True)
class MarkingRules:
    """How answers of a work are marked; the words are the campaign's (preparation/campaigns/contents.py).

    `rounds`: 1 or 2; `sample_percent`: share of answers marked twice; `third_from`: difference in points from
    which a third expert marks, 0 for never; `within`: higher | lower | mean | first, where they differ by less;
    `after_third`: third | nearest_mean | head.
    """

    rounds: int = 1
    sample_percent: int = 100
    third_from: int = 0
    within: str = "higher"
    after_third: str = "third"
    own_school: bool = True


@dataclass(frozen=True)
class Final:
    """Points of one answer. `criteria`: what each criterion came to; `points`: of the item, zeroing and caps applied.

    `source`: single, agreed, higher, lower, mean, first (how the two were joined) | third | head.
    """

    criteria: dict[str, Decimal]
    points: Decimal
    source: str


def read_rules(data: Mapping[str, Any]) -> MarkingRules:
    """Rules from data that may say more than they need."""
    return MarkingRules(**{name: data[name] for name in asdict(MarkingRules()) if name in data})


def count_rounds(rules: MarkingRules, answer: str) -> int:
    """How many markings an answer gets before any third. The sample is drawn by its id, the same every time."""
    if rules.rounds == 1:
        return 1
    place = int.from_bytes(hashlib.sha256(f"sample:{answer}".encode()).digest()[:4], "big") % 100
    return 2 if place < rules.sample_percent else 1


def list_differences(rules: MarkingRules, criteria: Mapping[str, Any], first: Points, second: Points) -> list[str]:
    """Criteria a third expert must mark, in the order of the criteria; empty where two are enough.

    A criterion that differs by `third_from` or more; where the item's points differ by so much, also the criterion that
    zeroed the item for one of the two; and where no criterion alone differs so much but the item does, all that differ.
    """
    if not rules.third_from:
        return []
    names = [one["id"] for one in criteria["criteria"]]
    item_gap = abs(score_criteria(criteria, first) - score_criteria(criteria, second))
    wide = {name for name in names if abs(first[name] - second[name]) >= rules.third_from}
    if item_gap >= rules.third_from:
        wide |= _list_zeroing(criteria, first, second)
        wide = wide or {name for name in names if first[name] != second[name]}
    return [name for name in names if name in wide]


def _list_zeroing(criteria: Mapping[str, Any], first: Points, second: Points) -> set[str]:
    """Criteria that make the item 0 for one of the two only."""
    found = set()
    for rule in criteria.get("rules", []):
        if rule["kind"] == "zeroes_item" and "criterion" in rule:
            name, when = rule["criterion"], rule["when"]
            if (first[name] == when) != (second[name] == when):
                found.add(name)
    return found


def decide_final(rules: MarkingRules, criteria: Mapping[str, Any], rounds: Sequence[Points],
                 third: Points | None = None) -> Final:
    """The final points of one or two complete markings; `third` has the points of the criteria it was asked about.

    Raises what score_criteria raises for points outside the criteria.
    """
    if len(rounds) == 1:
        return _join(criteria, rounds[0], "single")
    first, second = rounds
    if third is not None:
        first, second = _replace(rules, third, first, second), _replace(rules, third, second, first)
    source = "third" if third is not None else "agreed" if dict(first) == dict(second) else rules.within
    if rules.within == "mean" or (third is not None and rules.after_third == "nearest_mean"):
        return _mean(rules, criteria, first, second, third, source)
    return _join(criteria, {name: _choose(rules.within, first[name], second[name]) for name in first}, source)


def _replace(rules: MarkingRules, third: Points, own: Points, other: Points) -> dict[str, int]:
    """One's points with the third's in place of what differed; by the nearest mean the nearer of the two stays."""
    if rules.after_third != "nearest_mean":
        return {**own, **third}
    nearer = {name: min((own[name], other[name]), key=lambda given: (abs(given - value), -given))
              for name, value in third.items()}
    return {**own, **nearer}


def _mean(rules: MarkingRules, criteria: Mapping[str, Any], first: Points, second: Points, third: Points | None,
          source: str) -> Final:
    """Criteria and the item as the mean of two complete markings, each with its own zeroing."""
    if rules.within != "mean":
        joined = {name: _choose(rules.within, first[name], second[name]) for name in first}
        first = second = joined
    if third is not None and rules.after_third == "nearest_mean":
        second = {**second, **third}
    both = [_join(criteria, one, source) for one in (first, second)]
    return Final({name: (Decimal(first[name]) + second[name]) / 2 for name in first},
                 (both[0].points + both[1].points) / 2, source)


def _choose(within: str, first: int, second: int) -> int:
    return {"higher": max, "lower": min}.get(within, lambda one, other: one)(first, second)


def _join(criteria: Mapping[str, Any], points: Points, source: str) -> Final:
    return Final({name: Decimal(value) for name, value in points.items()}, Decimal(score_criteria(criteria, points)),
                 source)
