"""How strict an expert is beside those who marked the same answers, and whether that changes. Pure.

Takes numbers, sums and sums of squares of differences (own minus the other's points, as shares of the highest points);
gives means with t-intervals. Quantiles of Student's t: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions
(1964), 26.7.5; the drift's interval: B. L. Welch, Biometrika 34 (1947) 28–35.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from testing_server.marking.statistics.partners import Partners
from testing_server.marking.statistics.samples import Trust, judge_number

# what is worth a word: a twentieth of the highest points, and that not by a chance of one in a hundred
WORTH_A_WORD = 0.05
BY_CHANCE = 0.01
# partners of whom nothing is known
ALIKE = Partners(0.0, 0.0)
NORMAL = NormalDist()


@dataclass(frozen=True)
class Sums:
    """So many differences, their sum, the sum of their squares."""

    number: int
    total: float
    squares: float


@dataclass(frozen=True)
class Estimate:
    """A mean of `number` differences with its 95 % interval, as a share of the highest points: above zero is lenient.

    `is_sign`: large and sure enough to be looked at; it proves nothing.
    """

    number: int
    mean: float
    low: float
    high: float
    is_sign: bool


def add_sums(some: Iterable[Sums]) -> Sums:
    """Several together."""
    found = list(some)
    return Sums(sum(one.number for one in found), sum(one.total for one in found), sum(one.squares for one in found))


def find_sure(experts: int) -> float:
    """How sure one figure must be where so many experts are looked at, so that chance accuses hardly any of them."""
    return 1 - BY_CHANCE / max(1, experts)


def estimate_severity(sums: Sums, sure: float, partners: Partners = ALIKE) -> Estimate | None:
    """None where too little is known to say anything. `sure`: for a sign, 0 … 1.

    `partners`: how strict those are who marked the same answers; what they differ by is not this expert's.
    """
    if judge_number(sums.number) is Trust.NONE:
        return None
    error = math.hypot(math.sqrt(_variance(sums) / sums.number), partners.error)
    return _estimate(sums.number, sums.total / sums.number + partners.severity, error, sums.number - 1, sure)


def measure_spread(sums: Sums) -> float:
    """The standard deviation of a single difference; 0 of fewer than two."""
    return math.sqrt(_variance(sums)) if sums.number > 1 else 0.0


def estimate_drift(windows: Sequence[Sums], sure: float) -> Estimate | None:
    """The last window beside all earlier ones; None where either has too little. `number`: of the last window."""
    if len(windows) < 2:
        return None
    before, last = add_sums(windows[:-1]), windows[-1]
    if Trust.NONE in (judge_number(before.number), judge_number(last.number)):
        return None
    parts = [_variance(one) / one.number for one in (before, last)]
    freedom = _count_freedom(parts, (before.number, last.number))
    shift = last.total / last.number - before.total / before.number
    return _estimate(last.number, shift, math.sqrt(sum(parts)), freedom, sure)


def split_newest(windows: Sequence[Sums], least: int = 20) -> list[Sums]:
    """Windows, oldest first, as two: the newest ones that have at least so many answers together, and all before."""
    for start in range(len(windows) - 1, 0, -1):
        newest = add_sums(windows[start:])
        if newest.number >= least:
            return [add_sums(windows[:start]), newest]
    return [add_sums(windows)]


def scale_sums(sums: Sums, highest: int) -> Sums:
    """Differences in points as shares of the highest points."""
    return Sums(sums.number, sums.total / highest, sums.squares / highest ** 2)


def _estimate(number: int, mean: float, error: float, freedom: float, sure: float) -> Estimate:
    half, wide = find_t(0.95, freedom) * error, find_t(sure, freedom) * error
    return Estimate(number, mean, mean - half, mean + half, abs(mean) >= WORTH_A_WORD and abs(mean) > wide)


def _variance(sums: Sums) -> float:
    return max(0.0, (sums.squares - sums.total ** 2 / sums.number) / (sums.number - 1))


def _count_freedom(parts: Sequence[float], numbers: Sequence[int]) -> float:
    below = sum(part ** 2 / (number - 1) for part, number in zip(parts, numbers, strict=True))
    return sum(parts) ** 2 / below if below else float(sum(numbers) - 2)


def find_t(share: float, freedom: float) -> float:
    """The two-sided quantile of Student's t; 4 degrees of freedom and more are right to one in a thousand."""
    z = NORMAL.inv_cdf((1 + share) / 2)
    terms = ((z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
             (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
             (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160)
    return z + sum(term / freedom ** power for power, term in enumerate(terms, 1))
