"""Where lines and points of a plot lie. Pure: takes numbers, gives coordinates; templates make SVG of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LABEL, FIELD, ROW, TOP = 170, 420, 22, 24
SPARK_WIDTH, SPARK_HEIGHT = 96, 24
BAR_WIDTH, BAR_HEIGHT = 34, 64


@dataclass(frozen=True)
class Line:
    """An estimate with its interval on one row; x and y in units of the view box."""

    label: str
    y: float
    low: float
    middle: float
    high: float
    is_marked: bool


@dataclass(frozen=True)
class Forest:
    """Estimates one below the other. `ticks`: (x, value)."""

    width: int
    height: int
    lines: list[Line]
    ticks: list[tuple[float, float]]


@dataclass(frozen=True)
class Bar:
    """One column of a histogram."""

    x: float
    y: float
    height: float
    value: int
    count: int


def draw_forest(rows: Sequence[tuple[str, float, float, float, bool]], ticks: Sequence[float]) -> Forest:
    """`rows`: (label, low, middle, high, marked); `ticks`: rising values, the outer two bound the field."""
    first, last = ticks[0], ticks[-1]

    def place(value: float) -> float:
        return round(LABEL + FIELD * (min(max(value, first), last) - first) / (last - first), 1)

    lines = [Line(label, TOP + ROW * number + ROW / 2, place(low), place(middle), place(high), marked)
             for number, (label, low, middle, high, marked) in enumerate(rows)]
    return Forest(LABEL + FIELD + 20, TOP + ROW * len(rows) + 6, lines, [(place(value), value) for value in ticks])


def choose_ticks(values: Sequence[float], steps: Sequence[float] = (0.1, 0.2, 0.5, 1.0)) -> list[float]:
    """Five ticks around zero, as near as lets every value in."""
    largest = max((abs(value) for value in values), default=0.0)
    reach = next((step for step in steps if step >= largest), steps[-1])
    return [-reach, -reach / 2, 0.0, reach / 2, reach]


def draw_bars(counts: Sequence[int]) -> list[Bar]:
    """A column for each points from 0 on; the highest fills the field."""
    highest = max(counts, default=0) or 1
    heights = [round(BAR_HEIGHT * count / highest, 1) for count in counts]
    return [Bar(number * (BAR_WIDTH + 8) + 4, BAR_HEIGHT + 16 - height, height, number, counts[number])
            for number, height in enumerate(heights)]


def draw_spark(series: Sequence[float], reach: float) -> str:
    """The points of a line from left to right, zero in the middle, as `points` of an SVG polyline."""
    if len(series) < 2:
        return ""
    step, middle = (SPARK_WIDTH - 4) / (len(series) - 1), SPARK_HEIGHT / 2
    return " ".join(f"{2 + step * place:.1f},{middle - (middle - 2) * max(-1.0, min(1.0, value / reach)):.1f}"
                    for place, value in enumerate(series))
