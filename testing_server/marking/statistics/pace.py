"""How long an answer takes and when the commission will be through. Pure: the present and the counts are arguments."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from testing_server.marking.statistics.severity import find_t

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# the rate is that of the newest hours in which anything was marked; of fewer than five nothing is foretold
NEWEST_HOURS, FEWEST_HOURS = 12, 5


@dataclass(frozen=True)
class Pace:
    """Seconds for one answer: quartiles by nearest rank of `number` answers, pauses left out."""

    number: int
    lower: int
    median: int
    upper: int


@dataclass(frozen=True)
class Forecast:
    """What is `left` at `rate` marks an hour: `hours` of marking, between `soonest` and `latest` (95 %).

    `latest` is None where the rate varies too much. `hours_a_day`: how long is marked on a day, None in the first two
    days; then `day_ms` … is when the commission is through (Unix ms).
    """

    left: int
    rate: float
    hours: float
    soonest: float
    latest: float | None
    hours_a_day: float | None
    day_ms: int | None
    latest_day_ms: int | None


def describe_pace(quartiles_ms: Sequence[int], number: int) -> Pace:
    """From three quartiles in milliseconds."""
    return Pace(number, *(round(one / 1000) for one in quartiles_ms))


def forecast_finish(marked: Mapping[int, int], left: int, now_ms: int) -> Forecast | None:
    """`marked`: whole hours ago (0 is the last hour) → marks of it. None where too little is known."""
    hours = sorted(hour for hour, count in marked.items() if count > 0)
    counts = [marked[hour] for hour in hours[:NEWEST_HOURS]]
    if len(counts) < FEWEST_HOURS:
        return None
    rate = statistics.fmean(counts)
    half = find_t(0.95, len(counts) - 1) * statistics.stdev(counts) / math.sqrt(len(counts))
    latest = left / (rate - half) if rate > half else None
    a_day = _count_hours_a_day(hours)
    return Forecast(left, rate, left / rate, left / (rate + half), latest, a_day,
                    _find_day(now_ms, left / rate, a_day), _find_day(now_ms, latest, a_day))


def _count_hours_a_day(hours: Sequence[int]) -> float | None:
    days = {hour // 24 for hour in hours}
    return len(hours) / len(days) if len(days) > 1 else None


def _find_day(now_ms: int, hours: float | None, a_day: float | None) -> int | None:
    return None if hours is None or a_day is None else now_ms + round(hours / a_day * DAY_MS)
