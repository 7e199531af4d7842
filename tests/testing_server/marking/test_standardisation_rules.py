"""Drift and qualification by agreed points."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_server.marking.standardisation.rules import (
    FEWEST, Check, Drift, describe_drift, describe_qualification, is_control_due, is_qualified, judge_drift,
    measure_agreement)

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
