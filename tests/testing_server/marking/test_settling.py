"""Two marks of one answer: when a third is asked, about what, and what comes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_server.marking.review.settling import (
    MarkingRules, count_rounds, decide_final, list_differences, read_rules)

NAMES = ("К1", "К2", "К3")
CRITERIA: dict[str, Any] = {"criteria": [{"id": name, "max": 3} for name in NAMES],
                            "rules": [{"kind": "zeroes_item", "criterion": "К1", "when": 0}]}
MODEL = MarkingRules(rounds=2, third_from=2)
marks = st.fixed_dictionaries({name: st.integers(0, 3) for name in NAMES})


def points(first: int, second: int, third: int) -> dict[str, int]:
    return dict(zip(NAMES, (first, second, third), strict=True))


def total(given_points: dict[str, int]) -> int:
    return 0 if given_points["К1"] == 0 else sum(given_points.values())


@pytest.mark.parametrize(("first", "second", "asked"), [
    ((2, 2, 2), (2, 2, 2), []),
    ((2, 2, 2), (2, 1, 2), []),
    ((2, 2, 3), (2, 2, 1), ["К3"]),
    # one point each way: the item is the same
    ((2, 1, 2), (2, 2, 1), []),
    # no criterion differs by two, the item does: all that differ are asked
    ((2, 1, 1), (2, 2, 2), ["К2", "К3"]),
    # К1 zeroes the item for one of the two
    ((0, 3, 3), (1, 3, 3), ["К1"]),
    ((0, 3, 3), (1, 1, 3), ["К1", "К2"]),
    # zero for both: К1 says nothing new
    ((0, 3, 3), (0, 3, 1), ["К3"])])
def test_a_third_expert_is_asked_only_about_what_differs(first: tuple, second: tuple, asked: list[str]) -> None:
    assert list_differences(MODEL, CRITERIA, points(*first), points(*second)) == asked


def test_a_difference_of_one_gives_the_higher() -> None:
    final = decide_final(MODEL, CRITERIA, [points(2, 1, 2), points(2, 2, 1)])
    assert (final.criteria, final.points, final.source) == (points(2, 2, 2), 6, "higher")


def test_the_third_stands_where_it_was_asked_and_the_higher_elsewhere() -> None:
    final = decide_final(MODEL, CRITERIA, [points(2, 1, 3), points(1, 1, 0)], {"К3": 1})
    assert (final.criteria, final.points, final.source) == (points(2, 1, 1), 4, "third")


@pytest.mark.parametrize(("within", "expected"), [("higher", 6), ("lower", 4), ("first", 5), ("mean", Decimal(5))])
def test_how_two_marks_are_joined_is_data(within: str, expected: Decimal) -> None:
    rules = MarkingRules(rounds=2, third_from=2, within=within)
    assert decide_final(rules, CRITERIA, [points(2, 1, 2), points(2, 2, 1)]).points == expected


def test_a_mean_may_be_a_half_and_is_exact() -> None:
    rules = MarkingRules(rounds=2, within="mean")
    final = decide_final(rules, CRITERIA, [points(2, 1, 2), points(2, 2, 2)])
    assert final.points == Decimal("6.5") - Decimal(1) and final.criteria["К2"] == Decimal("1.5")


def test_by_the_nearest_mean_the_third_and_the_nearer_of_the_two_are_joined() -> None:
    rules = MarkingRules(rounds=2, third_from=2, after_third="nearest_mean")
    assert decide_final(rules, CRITERIA, [points(2, 2, 3), points(2, 2, 0)], {"К3": 2}).criteria["К3"] == Decimal("2.5")


@given(marks, marks, st.sampled_from(["higher", "lower", "mean", "first"]), st.integers(0, 3))
def test_what_differs_by_less_is_never_asked_and_what_differs_by_more_always(
        first: dict, second: dict, within: str, third_from: int) -> None:
    rules = MarkingRules(rounds=2, third_from=third_from, within=within)
    asked = list_differences(rules, CRITERIA, first, second)
    gaps = {name: abs(first[name] - second[name]) for name in NAMES}
    assert all(gaps[name] > 0 for name in asked)
    if third_from:
        assert all(name in asked for name in NAMES if gaps[name] >= third_from)
        assert bool(asked) == (max(gaps.values()) >= third_from or abs(total(first) - total(second)) >= third_from)
    else:
        assert asked == []


@given(marks, marks, st.sampled_from(["higher", "lower", "mean"]))
def test_which_of_the_two_was_first_does_not_matter(first: dict, second: dict, within: str) -> None:
    rules = MarkingRules(rounds=2, third_from=2, within=within)
    assert decide_final(rules, CRITERIA, [first, second]) == decide_final(rules, CRITERIA, [second, first])
    assert list_differences(rules, CRITERIA, first, second) == list_differences(rules, CRITERIA, second, first)


@given(marks, marks, marks, st.sampled_from(["third", "nearest_mean", "head"]))
def test_zero_in_the_first_criterion_is_zero_for_the_item_and_nothing_leaves_its_range(
        first: dict, second: dict, third: dict, after_third: str) -> None:
    rules = MarkingRules(rounds=2, third_from=2, after_third=after_third)
    asked = list_differences(rules, CRITERIA, first, second)
    final = decide_final(rules, CRITERIA, [first, second], {name: third[name] for name in asked} if asked else None)
    assert all(0 <= value <= 3 for value in final.criteria.values()) and 0 <= final.points <= 9
    if final.criteria["К1"] == 0:
        assert final.points == 0


@given(marks)
def test_one_marking_stands_alone_and_two_equal_ones_are_that_one(given_points: dict) -> None:
    assert decide_final(MarkingRules(), CRITERIA, [given_points]).points == total(given_points)
    assert decide_final(MODEL, CRITERIA, [given_points, given_points]).points == total(given_points)


def test_the_sample_is_the_same_every_time_and_of_its_size() -> None:
    rules = MarkingRules(rounds=2, sample_percent=20)
    counted = [count_rounds(rules, f"answer-{number}") for number in range(5_000)]
    assert counted == [count_rounds(rules, f"answer-{number}") for number in range(5_000)]
    assert 0.17 < counted.count(2) / len(counted) < 0.23


def test_rules_are_read_from_data_that_says_more() -> None:
    assert read_rules({"rounds": 2, "third_from": 2, "by": "regional"}) == MarkingRules(rounds=2, third_from=2)
