"""What counts as agreed on a criterion, and how much agreement is asked of an expert. Pure.

Takes the highest points of a criterion and the work's rule of third markings; gives points. On a narrow scale agreed is
what is the same. On a wide one honest people often differ by a point or two: there the share within the tolerance is
counted and measured against the share that chance alone would reach. The coefficient is (share − chance) / (1 − chance)
with every points equally likely: R. L. Brennan, D. J. Prediger, Coefficient kappa: some uses, misuses, and
alternatives, Educ. Psychol. Meas. 41 (1981) 687–699; counting neighbouring points as agreed: the 0/1 weights of
J. Cohen, Weighted kappa, Psychol. Bull. 70 (1968) 213–220.
"""

from __future__ import annotations

# of all criteria, where exactly the agreed points are asked for
LEAST_EXACT = 0.6
# beyond chance, where a tolerance makes chance agree too: of three points 0.6 exactly is as much
LEAST_BEYOND_CHANCE = 0.4


def find_tolerance(highest: int, third_from: int) -> int:
    """By how many points an expert may differ from agreed ones and still agree.

    A tenth of the scale, rounded (0–4: none, 0–10: 1, 0–20: 2), or the difference the work itself lets stand between
    two experts (`third_from` less one) where that is more, yet never over 15 % of the scale: more, and twenty answers
    marked at random could not be told from honest ones.
    """
    return max((highest + 5) // 10, min(third_from - 1, highest * 3 // 20))


def find_chance(highest: int, tolerance: int) -> float:
    """The share of answers that agree where all points are given at random: 0–2 exactly 1/3, 0–10 within one 31/121."""
    points = highest + 1
    near = sum(min(highest, one + tolerance) - max(0, one - tolerance) + 1 for one in range(points))
    return near / points ** 2


def find_least(highest: int, tolerance: int) -> float:
    """How much of such a criterion must agree."""
    if not tolerance:
        return LEAST_EXACT
    chance = find_chance(highest, tolerance)
    return chance + LEAST_BEYOND_CHANCE * (1 - chance)
