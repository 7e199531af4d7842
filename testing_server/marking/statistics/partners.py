"""How strict an expert's partners are, so that nobody looks lenient for having marked with strict ones. Pure.

Takes the differences of every pair; gives everybody's severity at once: the least squares of "difference of a pair =
one's severity − the other's", found by walking round. Zero is the middle expert of those who are joined by common
answers: one who is far off does not move it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

MOST_STEPS, NEAR = 500, 1e-5


@dataclass(frozen=True)
class Gap:
    """What a pair differs by on `number` common answers: `total` is one's minus the other's points, all together."""

    number: int
    total: float


@dataclass(frozen=True)
class Partners:
    """Those an expert marked with, by their common answers: mean severity, and how unsure it is."""

    severity: float
    error: float


def describe_partners(gaps: Mapping[tuple[str, str], Gap], spread: float) -> dict[str, Partners]:
    """Of everybody in `gaps`, (one, other) → Gap. `spread`: standard deviation of a single difference."""
    around = _list_around(gaps)
    severities = _center(around, _walk_round(around))
    numbers = {who: sum(gap.number for gap in others.values()) for who, others in around.items()}
    found = {}
    for who, others in around.items():
        weights = {other: gap.number / numbers[who] for other, gap in others.items()}
        unsure = sum((weight * spread) ** 2 / numbers[other] for other, weight in weights.items())
        found[who] = Partners(sum(weight * severities[other] for other, weight in weights.items()), math.sqrt(unsure))
    return found


def _list_around(gaps: Mapping[tuple[str, str], Gap]) -> dict[str, dict[str, Gap]]:
    found: dict[str, dict[str, Gap]] = {}
    for (one, other), gap in gaps.items():
        found.setdefault(one, {})[other] = gap
        found.setdefault(other, {})[one] = Gap(gap.number, -gap.total)
    return found


def _walk_round(around: Mapping[str, Mapping[str, Gap]]) -> dict[str, float]:
    """Each is what the own differences and the partners' severities say, half a step at a time, until nothing moves."""
    found = dict.fromkeys(around, 0.0)
    for _ in range(MOST_STEPS):
        said = {who: sum(gap.total + gap.number * found[other] for other, gap in others.items())
                / sum(gap.number for gap in others.values()) for who, others in around.items()}
        moved = max((abs(said[who] - found[who]) for who in found), default=0.0)
        found = {who: (found[who] + said[who]) / 2 for who in found}
        if moved < NEAR:
            break
    return found


def _center(around: Mapping[str, Mapping[str, Gap]], severities: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for start in around:
        if start not in found:
            joined = _find_joined(around, start)
            middle = median(severities[who] for who in joined)
            found |= {who: severities[who] - middle for who in joined}
    return found


def _find_joined(around: Mapping[str, Mapping[str, Gap]], start: str) -> set[str]:
    joined, ahead = {start}, [start]
    while ahead:
        fresh = set(around[ahead.pop()]) - joined
        joined |= fresh
        ahead += fresh
    return joined
