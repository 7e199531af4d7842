"""Plots as plain geometry: takes numbers, gives places of columns, lines and words; the page's template draws them."""
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 66, 12, 16, 52
MOST_LABELS = 15
GAP, WIDEST = 0.25, 90


@dataclass(frozen=True)
class Column:
    """A rectangle in pixels; `series` chooses its colour, `words` are told when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    series: int
    words: str


@dataclass(frozen=True)
class Tick:
    """A place on an axis and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Plot:
    """Columns over two axes; `limit` is the height of a marked line, None without one."""

    columns: list[Column]
    across: list[Tick]
    up: list[Tick]
    limit: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM
    right: int = WIDTH - RIGHT


def plot_columns(labels: Sequence[str], series: Sequence[Sequence[float]], unit: str = "",
                 limit: float | None = None) -> Plot:
    """Groups of columns from zero: `series` hold a value for each label."""
    spans = [[(0.0, value) for value in values] for values in series]
    return _plot(labels, spans, unit, limit, from_zero=True)


def plot_ranges(labels: Sequence[str], ranges: Sequence[tuple[float, float]], unit: str = "",
                limit: float | None = None, from_zero: bool = True) -> Plot:
    """A column from lowest to highest for each label."""
    return _plot(labels, [list(ranges)], unit, limit, from_zero)


def _plot(labels: Sequence[str], spans: Sequence[Sequence[tuple[float, float]]], unit: str, limit: float | None,
          from_zero: bool) -> Plot:
    values = [value for row in spans for span in row for value in span] + ([limit] if limit is not None else [])
    ticks = choose_ticks(0.0 if from_zero else min(values, default=0.0), max(values, default=1.0))
    low, high = ticks[0], ticks[-1]

    def rise(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP), 1)

    group = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    bar = min(group * (1 - GAP), WIDEST) / max(len(spans), 1)
    columns = []
    for turn, row in enumerate(spans):
        for place, (bottom, top) in enumerate(row):
            words = f"{labels[place]}: {_say(top)}{unit}" if bottom == 0 else (
                f"{labels[place]}: {_say(bottom)}–{_say(top)}{unit}")
            height = max(rise(bottom) - rise(top), 1.5 if top else 0)
            columns.append(Column(round(LEFT + (place + 0.5) * group + (turn - len(spans) / 2) * bar, 1),
                                  round(rise(bottom) - height, 1), round(bar, 1), round(height, 1), turn, words))
    every = -(-len(labels) // MOST_LABELS) or 1
    across = [Tick(round(LEFT + (place + 0.5) * group, 1), label)
              for place, label in enumerate(labels) if place % every == 0]
    up = [Tick(rise(tick), f"{_say(tick)}{unit}") for tick in ticks]
    return Plot(columns, across, up, None if limit is None else rise(limit))


def choose_ticks(low: float, high: float) -> list[float]:
    """Round numbers from below `low` to above `high`, four to eight of them."""
    span = high - low if high > low else 1.0
    step = 10 ** floor(log10(span))
    step = next(size for size in (step / 5, step / 2, step, 2 * step) if span / size <= 6)
    first = floor(low / step)
    count = next(number for number in range(1, 20) if (first + number) * step >= max(high, low + span / 2))
    return [round((first + number) * step, 6) for number in range(count + 1)]


def _say(value: float) -> str:
    """A number as people write it here: with a comma and without idle zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
