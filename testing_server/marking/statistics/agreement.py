"""How alike two markings of the same answers are: exact, adjacent, and kappa with quadratic weights. Pure.

Takes how often each two points met; gives shares and kappa with its interval. Kappa: J. Cohen, Weighted kappa,
Psychol. Bull. 70 (1968) 213–220. Its standard error: J. L. Fleiss, J. Cohen, B. S. Everitt, Large sample standard
errors of kappa and weighted kappa, Psychol. Bull. 72 (1969) 323–327.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Z_95 = 1.959964
Cells = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Agreement:
    """Of `number` pairs of points: shares 0 … 1 that are the same, and that differ by one at most.

    `kappa`, `low`, `high`: with its 95 % interval, None where everybody gave the same points and chance explains all.
    """

    number: int
    exact: float
    adjacent: float
    kappa: float | None
    low: float | None
    high: float | None


def measure_agreement(cells: Cells) -> Agreement | None:
    """`cells`: (one's points, the other's points) → how often; None of nothing."""
    number = sum(cells.values())
    if not number:
        return None
    kappa = measure_kappa(cells)
    half = Z_95 * measure_error(cells, kappa) if kappa is not None else 0.0
    return Agreement(
        number, _share(cells, 0), _share(cells, 1), kappa,
        None if kappa is None else max(-1.0, kappa - half), None if kappa is None else min(1.0, kappa + half))


def _share(cells: Cells, most: int) -> float:
    return sum(count for (one, other), count in cells.items() if abs(one - other) <= most) / sum(cells.values())


def measure_kappa(cells: Cells) -> float | None:
    """1 − observed / expected squared differences: the number of possible points cancels out."""
    number, (one, other) = sum(cells.values()), _count_margins(cells)
    observed = sum(count * (a - b) ** 2 for (a, b), count in cells.items()) / number
    expected = sum(m * n * (a - b) ** 2 for a, m in one.items() for b, n in other.items()) / number ** 2
    return 1 - observed / expected if expected else None


def measure_error(cells: Cells, kappa: float) -> float:
    """The standard error of kappa by formula 11 of Fleiss, Cohen and Everitt: not under the hypothesis of chance."""
    number, (one, other) = sum(cells.values()), _count_margins(cells)
    width = max((abs(a - b) for a in one for b in other), default=0) or 1
    by_chance = sum(m * n * _weigh(a, b, width) for a, m in one.items() for b, n in other.items()) / number ** 2
    rows = {a: sum(n * _weigh(a, b, width) for b, n in other.items()) / number for a in one}
    columns = {b: sum(m * _weigh(a, b, width) for a, m in one.items()) / number for b in other}
    spread = sum(count / number * (_weigh(a, b, width) - (rows[a] + columns[b]) * (1 - kappa)) ** 2
                 for (a, b), count in cells.items())
    variance = (spread - (kappa - by_chance * (1 - kappa)) ** 2) / (number * (1 - by_chance) ** 2)
    # rounding may leave a hair below zero where all agree
    return math.sqrt(max(0.0, variance))


def _weigh(one: int, other: int, width: int) -> float:
    return 1 - ((one - other) / width) ** 2


def _count_margins(cells: Cells) -> tuple[Counter[int], Counter[int]]:
    one, other = Counter[int](), Counter[int]()
    for (a, b), count in cells.items():
        one[a] += count
        other[b] += count
    return one, other


def add_cells(some: Iterable[Cells]) -> Counter[tuple[int, int]]:
    """Several tables as one."""
    return sum((Counter(dict(cells)) for cells in some), Counter[tuple[int, int]]())
