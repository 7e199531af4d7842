"""Drift and qualification by agreed points."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_server.marking.standardisation.rules import (
    FEWEST, Check, Drift, describe_drift, describe_qualification, describe_standing, is_control_due, is_qualified,
    judge_drift, measure_agreement)
from testing_server.marking.standardisation.scales import LEAST_EXACT, find_chance, find_least, find_tolerance

HIGHEST = {"К1": 3, "К2": 3}


def check(given_points: tuple[int, int], agreed: tuple[int, int]) -> Check:
    return Check(dict(zip(HIGHEST, given_points, strict=True)), dict(zip(HIGHEST, agreed, strict=True)), HIGHEST)


def draw_checks(seed: int, number: int, shift: int = 0, noise: float = 0.0) -> list[Check]:
    """Checks of an expert who marks `shift` away and with a chance `noise` at random."""
    chance, found = random.Random(seed), []
    for _ in range(number):
        agreed = [chance.randint(0, 3) for _ in HIGHEST]
        marked = [chance.randint(0, 3) if chance.random() < noise else min(3, max(0, one + shift)) for one in agreed]
        found.append(check((marked[0], marked[1]), (agreed[0], agreed[1])))
    return found


@pytest.mark.parametrize(("shift", "noise", "drift"), [
    (-1, 0.0, Drift.STRICT), (1, 0.0, Drift.LENIENT), (0, 1.0, Drift.INCONSISTENT)])
def test_a_bad_expert_is_found_within_twenty_control_answers(shift: int, noise: float, drift: Drift) -> None:
    found = [judge_drift(draw_checks(seed, 20, shift, noise)) for seed in range(50)]
    assert sum(one is not None for one in found) >= 45 and found.count(drift) > 25


def test_a_good_expert_is_hardly_ever_stopped() -> None:
    """Nine of ten criteria right, the rest at random; every look at every number of checks counts."""
    stopped = [any(judge_drift(draw_checks(seed, 40, noise=0.1)[:number]) for number in range(FEWEST, 41))
               for seed in range(100)]
    assert sum(stopped) <= 2


@pytest.mark.parametrize("number", range(FEWEST))
def test_too_few_control_answers_say_nothing(number: int) -> None:
    assert judge_drift([check((0, 0), (3, 3))] * number) is None


def test_the_same_difference_every_time_is_a_difference() -> None:
    assert judge_drift([check((1, 2), (2, 2))] * 5) is Drift.STRICT


def test_a_pause_says_in_words_what_was_found() -> None:
    checks = [check((1, 2), (2, 2))] * 5
    told = describe_drift(Drift.STRICT, checks)
    assert "ниже" in told and "50%" in told and "-17%" in told


@given(st.text(max_size=20), st.integers(2, 50), st.integers(0, 20))
def test_one_control_answer_in_every_block(expert: str, every: int, block: int) -> None:
    assert sum(is_control_due(expert, block * every + place, every) for place in range(every)) == 1


def test_two_experts_do_not_get_their_control_answers_at_the_same_places() -> None:
    places = {tuple(number for number in range(100) if is_control_due(f"expert-{one}", number, 10)) for one in range(9)}
    assert len(places) == 9


def test_nobody_gets_control_answers_where_there_are_none() -> None:
    assert not any(is_control_due("expert", number, every) for number in range(100) for every in (0, 1))


def test_the_pass_mark_is_reached_or_not() -> None:
    checks = [check((2, 2), (2, 2)), check((2, 1), (2, 2))]
    assert measure_agreement(checks) == 0.75
    assert is_qualified(checks, 75) and not is_qualified(checks, 76)
    assert not is_qualified([], 1) and not is_qualified([], 0)


def test_the_pass_mark_is_counted_in_whole_numbers() -> None:
    """29 of 50 are 58 %: as a fraction of a computer they would be a hair less."""
    checks = [check((2, 2), (2, 2))] * 14 + [check((2, 1), (2, 2))] + [check((0, 0), (2, 2))] * 10
    assert is_qualified(checks, 58) and not is_qualified(checks, 59)
    assert describe_qualification(checks, 58) == "Совпало критериев: 29 из 50 (58 %), нужно 58 %."
    almost = [check((2, 2), (2, 2))] * 2 + [check((0, 2), (2, 2))]
    assert "(83 %), нужно 84 %" in describe_qualification(almost, 84) and not is_qualified(almost, 84)


@pytest.mark.parametrize(("highest", "third_from", "tolerance"), [
    (1, 0, 0), (2, 2, 0), (3, 2, 0), (4, 2, 0), (5, 0, 1), (10, 0, 1), (10, 2, 1), (10, 9, 1), (14, 3, 2), (20, 2, 2),
    (20, 4, 3), (20, 50, 3), (100, 0, 10)])
def test_a_tolerance_is_for_wide_scales_only(highest: int, third_from: int, tolerance: int) -> None:
    assert find_tolerance(highest, third_from) == tolerance


@given(st.integers(0, 30), st.integers(0, 10))
def test_chance_is_what_counting_every_pair_gives(highest: int, tolerance: int) -> None:
    points = range(highest + 1)
    agree = sum(abs(one - other) <= tolerance for one in points for other in points)
    assert find_chance(highest, tolerance) == agree / (highest + 1) ** 2


def test_more_is_asked_where_chance_agrees_more() -> None:
    assert find_least(2, 0) == LEAST_EXACT == pytest.approx(1 / 3 + 0.4 * 2 / 3)
    assert find_least(10, 1) < find_least(10, 2) and find_least(20, 4) > find_least(20, 2)


def draw_wide(seed: int, highest: int, spread: float, shift: float = 0.0, third_from: int = 2,
              criteria: int = 1) -> list[Check]:
    """Twenty control answers as somebody marks them whose points scatter about the agreed ones by `spread`; an infinite
    spread is marking at random."""
    chance, found, names = random.Random(seed), [], [f"К{one}" for one in range(criteria)]
    for _ in range(20):
        agreed = {name: chance.randint(0, highest) for name in names}
        marked = {name: chance.randint(0, highest) if spread == float("inf")
                  else min(highest, max(0, round(one + shift + chance.gauss(0, spread))))
                  for name, one in agreed.items()}
        found.append(Check(marked, agreed, dict.fromkeys(names, highest),
                           dict.fromkeys(names, find_tolerance(highest, third_from))))
    return found


@pytest.mark.parametrize("criteria", [1, 3])
@pytest.mark.parametrize(("highest", "third_from"), [(6, 2), (10, 0), (10, 2), (20, 0), (20, 2), (20, 4)])
def test_an_honest_expert_of_a_wide_scale_is_not_accused(highest: int, third_from: int, criteria: int) -> None:
    """A tenth of the scale up or down, the usual scatter of careful people; every look at every number counts."""
    drawn = [draw_wide(seed, highest, highest / 10, third_from=third_from, criteria=criteria) for seed in range(60)]
    stopped = sum(any(judge_drift(one[:number]) for number in range(FEWEST, 21)) for one in drawn)
    exactly = [[Check(each.given, each.agreed, each.highest) for each in one] for one in drawn]
    accused = sum(judge_drift(one) is not None for one in exactly)
    assert stopped <= 2 and (highest < 10 or accused >= 15), "counted exactly, many of them would have been accused"


@pytest.mark.parametrize("criteria", [1, 3])
@pytest.mark.parametrize(("highest", "third_from"), [(10, 0), (10, 3), (20, 0), (20, 4)])
@pytest.mark.parametrize(("spread", "shift", "fewest"), [(float("inf"), 0, 0.7), (0.1, -0.2, 0.9), (0.1, 0.2, 0.9)])
def test_a_bad_expert_of_a_wide_scale_is_still_found(highest: int, third_from: int, criteria: int, spread: float,
                                                     shift: float, fewest: float) -> None:
    """At random, or a fifth of the scale too strict or too lenient."""
    found = [judge_drift(draw_wide(seed, highest, spread * highest, shift * highest, third_from, criteria))
             for seed in range(40)]
    assert sum(one is not None for one in found) >= fewest * 40


def test_words_say_that_a_tolerance_counted() -> None:
    checks = draw_wide(1, 10, 3.0)
    assert "в пределах допуска совпало" in describe_drift(Drift.INCONSISTENT, checks)
    assert "в пределах допуска" in describe_qualification(checks, 70)


def test_an_expert_reads_of_whole_fives() -> None:
    """A number that grows after an answer would tell that this answer was a control."""
    right, wrong = check((2, 2), (2, 2)), check((0, 0), (2, 2))
    assert describe_standing([]) is None
    few = describe_standing([right] * 3)
    assert few is not None and (few.number, few.is_enough, few.drift) == (3, False, None)
    five, nine = describe_standing([right] * 5), describe_standing([right] * 5 + [wrong] * 4)
    assert five == nine and five is not None and five.is_enough and five.agreement == 1 and five.drift is None
    ten = describe_standing([right] * 5 + [wrong] * 5)
    assert ten is not None and (ten.number, ten.agreement, ten.drift) == (10, 0.5, None)
