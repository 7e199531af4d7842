"""Whether an expert's points rise and fall with those of others on the same answers, or come as by chance. Pure.

Takes sums over answers marked twice; gives a correlation with its interval. Not kappa: kappa falls for strict and for
careless experts alike, a correlation does not see a constant shift, so it finds only those who do not listen. Interval:
R. A. Fisher, On the probable error of a coefficient of correlation, Metron 1 (1921) 3–32.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from testing_server.marking.statistics.agreement import Z_95
from testing_server.marking.statistics.samples import Trust, judge_number

# a sign: surely less than this share of what others reach among themselves. So far below them that an honest expert
# hardly ever gets there by chance: the more experts are looked at, the surer it need not be
FAIR_SHARE = 0.5
# where others hardly agree themselves there is nothing to compare with
LEAST_OF_OTHERS = 0.3


@dataclass(frozen=True)
class Products:
    """Of so many answers: sums of own and of others' points, of their squares and of their products."""

    number: int
    own: float
    other: float
    own_squares: float
    other_squares: float
    products: float

    def turn(self) -> Products:
        """The same answers as the others see them."""
        return Products(self.number, self.other, self.own, self.other_squares, self.own_squares, self.products)


@dataclass(frozen=True)
class Consistency:
    """How an expert goes with the others on `number` answers: a correlation with its 95 % interval.

    `others`: the same among the others, None where they marked too little together or hardly agree. `is_sign`: of
    enough answers, and all of the interval below half of that; it proves nothing.
    """

    number: int
    value: float
    low: float
    high: float
    others: float | None
    is_sign: bool


def add_products(some: Iterable[Products]) -> Products:
    """Several together."""
    found = list(some)
    return Products(sum(one.number for one in found), *(math.fsum(getattr(one, name) for one in found) for name in (
        "own", "other", "own_squares", "other_squares", "products")))


def take_products(whole: Products, part: Products) -> Products:
    """The whole without a part of it."""
    return Products(whole.number - part.number, whole.own - part.own, whole.other - part.other,
                    whole.own_squares - part.own_squares, whole.other_squares - part.other_squares,
                    whole.products - part.products)


def judge_consistency(own: Products, whole: Products) -> Consistency | None:
    """`own`: one expert's answers; `whole`: everybody's, each answer seen from both sides.

    None where too little is known, or where the others gave the same points to all of these answers.
    """
    value = correlate(own) if judge_number(own.number) is not Trust.NONE else None
    if value is None:
        return None
    others = _correlate_others(take_products(whole, add_products([own, own.turn()])))
    low, high = bound_correlation(value, own.number, Z_95)
    is_sign = others is not None and high < FAIR_SHARE * others and judge_number(own.number) is Trust.FULL
    return Consistency(own.number, value, low, high, others, is_sign)


def _correlate_others(rest: Products) -> float | None:
    # an answer is seen twice here, once from each side
    if judge_number(rest.number // 2) is not Trust.FULL:
        return None
    found = correlate(rest)
    return found if found is not None and found >= LEAST_OF_OTHERS else None


def correlate(sums: Products) -> float | None:
    """Pearson's correlation; 0 where one's own points never differ, None where the others' never do."""
    if not sums.number:
        return None
    own = sums.own_squares - sums.own ** 2 / sums.number
    other = sums.other_squares - sums.other ** 2 / sums.number
    if other <= 1e-9 * max(1.0, sums.other_squares):
        return None
    if own <= 1e-9 * max(1.0, sums.own_squares):
        return 0.0
    found = (sums.products - sums.own * sums.other / sums.number) / math.sqrt(own * other)
    return max(-1.0, min(1.0, found))


def bound_correlation(value: float, number: int, z: float) -> tuple[float, float]:
    """Its interval by Fisher's transformation; `number` of four and more."""
    middle, half = math.atanh(max(-0.999999, min(0.999999, value))), z / math.sqrt(number - 3)
    return math.tanh(middle - half), math.tanh(middle + half)


def collect_products(pairs: Sequence[tuple[float, float]]) -> Products:
    """From (own, other's) points of answers."""
    return Products(
        len(pairs), math.fsum(one for one, _ in pairs), math.fsum(other for _, other in pairs),
        math.fsum(one * one for one, _ in pairs), math.fsum(other * other for _, other in pairs),
        math.fsum(one * other for one, other in pairs))
