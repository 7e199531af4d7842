"""Figures of a commission: against numbers of other programs, a table counted by hand, and what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from testing_server.marking.statistics.agreement import add_cells, measure_agreement, measure_error, measure_kappa
from testing_server.marking.statistics.drawing import choose_ticks, draw_bars, draw_forest, draw_spark
from testing_server.marking.statistics.pace import DAY_MS, forecast_finish
from testing_server.marking.statistics.samples import Trust, judge_number
from testing_server.marking.statistics.severity import Sums, estimate_drift, estimate_severity, find_t

THREE = [[11, 4, 1], [3, 20, 5], [0, 6, 14]]
FOUR = [[25, 5, 1, 0], [4, 30, 7, 1], [1, 6, 22, 5], [0, 2, 3, 18]]
CELLS = strategies.dictionaries(strategies.tuples(strategies.integers(0, 4), strategies.integers(0, 4)),
                                strategies.integers(1, 60), min_size=1, max_size=12)


def table(rows: list[list[int]]) -> dict[tuple[int, int], int]:
    return {(one, other): count for one, row in enumerate(rows) for other, count in enumerate(row)}


def test_kappa_counted_by_hand() -> None:
    # squared differences: observed 4·1 + 1·4 + 3 + 5 + 6 = 22 of 64 pairs; expected from the margins 16, 28, 20 and
    # 14, 30, 20: 480 + 1280 + 392 + 560 + 1120 + 600 = 4432 of 64 · 64
    assert measure_kappa(table(THREE)) == pytest.approx(1 - (22 / 64) / (4432 / 4096))


# scikit-learn 1.9.1 cohen_kappa_score(weights="quadratic"), statsmodels 0.15.0 cohens_kappa(wt="quadratic")
@pytest.mark.parametrize(("rows", "kappa", "error", "low", "high"), [
    (THREE, 0.6823104693140793, 0.07889033186487475, 0.5276882601305122, 0.8369326784976465),
    (FOUR, 0.8198547752341888, 0.037235107982405535, 0.746875304628214, 0.8928342458401636)])
def test_kappa_is_that_of_other_programs(rows: list[list[int]], kappa: float, error: float, low: float,
                                         high: float) -> None:
    found = measure_agreement(table(rows))
    assert found is not None and found.kappa == pytest.approx(kappa, abs=1e-12)
    assert measure_error(table(rows), kappa) == pytest.approx(error, abs=1e-12)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_exact_and_adjacent_are_shares_of_the_pairs() -> None:
    found = measure_agreement(table(THREE))
    assert found is not None and (found.number, found.exact, found.adjacent) == (64, 45 / 64, 63 / 64)


def test_nothing_and_one_value_only_have_no_kappa() -> None:
    assert measure_agreement({}) is None
    alike = measure_agreement({(2, 2): 30})
    assert alike is not None and (alike.exact, alike.kappa, alike.low) == (1.0, None, None)


@given(CELLS)
def test_kappa_does_not_ask_who_was_first(cells: dict[tuple[int, int], int]) -> None:
    one, other = measure_agreement(cells), measure_agreement({(b, a): count for (a, b), count in cells.items()})
    assert one is not None and other is not None
    assert (one.kappa is None) == (other.kappa is None)
    if one.kappa is not None:
        assert other.kappa == pytest.approx(one.kappa) and other.low == pytest.approx(one.low)
        assert -1 - 1e-9 <= one.kappa <= 1 + 1e-9
        assert one.low is not None and one.high is not None and one.low <= one.kappa + 1e-9 <= one.high + 2e-9


@given(CELLS)
def test_kappa_counts_from_the_other_end_alike(cells: dict[tuple[int, int], int]) -> None:
    turned = {(4 - one, 4 - other): count for (one, other), count in cells.items()}
    one, other = measure_kappa(cells), measure_kappa(turned)
    assert (one is None) == (other is None) and (one is None or other == pytest.approx(one))


@given(strategies.dictionaries(strategies.integers(0, 5), strategies.integers(1, 40), min_size=2))
def test_identical_markings_have_kappa_one(points: dict[int, int]) -> None:
    found = measure_agreement({(value, value): count for value, count in points.items()})
    assert found is not None and found.kappa == pytest.approx(1.0)
    assert found.low == pytest.approx(1.0) and found.exact == 1.0


def test_tables_are_added() -> None:
    assert add_cells([{(0, 1): 2}, {(0, 1): 3, (1, 1): 1}]) == {(0, 1): 5, (1, 1): 1}


# scipy 1.17.1 scipy.stats.t.ppf
@pytest.mark.parametrize(("share", "freedom", "expected"), [
    (0.95, 4, 2.7764), (0.95, 9, 2.2622), (0.95, 49, 2.0096), (0.99, 9, 3.2498), (0.99, 200, 2.6006)])
def test_quantiles_of_student(share: float, freedom: float, expected: float) -> None:
    assert find_t(share, freedom) == pytest.approx(expected, rel=1e-3)


def sums(*values: float) -> Sums:
    return Sums(len(values), sum(values), sum(value * value for value in values))


def test_severity_is_a_mean_with_its_interval() -> None:
    found = estimate_severity(sums(*[0.1, 0.3] * 5), 0.99)
    assert found is not None and found.mean == pytest.approx(0.2)
    # standard deviation 0.1 · sqrt(10 / 9), error a third of 0.1, t of 9 degrees 2.2622
    assert found.high - found.mean == pytest.approx(2.2622 * 0.1 / 3, rel=1e-3) and found.is_sign


def test_a_small_or_an_unsure_difference_is_no_sign() -> None:
    small, unsure = (estimate_severity(one, 0.99) for one in (sums(*[0.04, 0.041] * 30), sums(*[1.0, -0.7] * 6)))
    assert small is not None and not small.is_sign
    assert unsure is not None and unsure.mean > 0.1 and not unsure.is_sign


def test_of_nine_answers_nothing_is_said() -> None:
    assert estimate_severity(sums(*[0.5] * 9), 0.99) is None
    assert estimate_drift([sums(*[0.0] * 50), sums(*[0.5] * 9)], 0.99) is None and estimate_drift([], 0.99) is None
    assert [judge_number(number) for number in (0, 9, 10, 19, 20, 49, 50)] == [
        Trust.NONE, Trust.NONE, Trust.LIMITED, Trust.LIMITED, Trust.ROUGH, Trust.ROUGH, Trust.FULL]


def test_drift_is_the_last_window_beside_the_earlier_ones() -> None:
    steady = [sums(*[0.0, 0.1] * 10)] * 3
    later = estimate_drift([*steady, sums(*[0.3, 0.4] * 10)], 0.99)
    assert later is not None and later.mean == pytest.approx(0.3) and later.is_sign
    same = estimate_drift(steady, 0.99)
    assert same is not None and same.mean == pytest.approx(0.0) and not same.is_sign


def test_the_finish_is_foretold_from_hours_in_which_somebody_marked() -> None:
    marked = {0: 100, 1: 120, 2: 100, 24: 120, 25: 100, 26: 120}
    found = forecast_finish(marked, 1100, 0)
    assert found is not None and (found.rate, found.hours, found.hours_a_day) == (110, 10, 3)
    assert found.soonest < 10 and found.latest is not None and found.latest > 10
    assert found.day_ms == round(10 / 3 * DAY_MS)


def test_no_finish_is_foretold_from_little_or_from_leaps() -> None:
    assert forecast_finish({0: 50, 1: 50, 2: 50, 3: 50}, 100, 0) is None
    leaping = forecast_finish({0: 1, 1: 900, 2: 1, 3: 1, 4: 1}, 100, 0)
    assert leaping is not None and leaping.latest is None and leaping.day_ms is None


def test_plots_keep_within_their_field() -> None:
    plot = draw_forest([("anna", -9.0, 0.0, 9.0, True)], choose_ticks([0.07, -0.03]))
    line = plot.lines[0]
    assert [value for _, value in plot.ticks] == [-0.1, -0.05, 0.0, 0.05, 0.1]
    assert (line.low, line.high) == (plot.ticks[0][0], plot.ticks[-1][0]) and line.middle == plot.ticks[2][0]
    assert [bar.height for bar in draw_bars([0, 4, 8])] == [0.0, 32.0, 64.0] and draw_bars([]) == []
    assert draw_spark([0.1], 1) == "" and draw_spark([0.0, 5.0], 1).split()[1].endswith(",2.0")
