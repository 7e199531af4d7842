"""Points by criteria, with the rules that join them, and the mark."""
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from task_bank.scoring import PointsRefused, UnknownRule, highest_points, mark_for, score_criteria

SCALE = [{"mark": 2, "from": 0}, {"mark": 3, "from": 13}, {"mark": 4, "from": 21}, {"mark": 5, "from": 27}]


def make_criteria(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"criteria": [{"id": name, "max": 2} for name in ("К1", "К2", "К3")], "rules": list(rules)}


ZEROES = {"kind": "zeroes_item", "criterion": "К1", "when": 0}


@pytest.mark.parametrize("points, total", [((2, 2, 2), 6), ((1, 0, 2), 3), ((0, 2, 2), 0), ((0, 0, 0), 0)])
def test_nothing_in_the_first_criterion_zeroes_the_item(points: tuple[int, ...], total: int) -> None:
    assert score_criteria(make_criteria(ZEROES), dict(zip(("К1", "К2", "К3"), points, strict=True))) == total


def test_a_criterion_may_cap_another_or_the_item() -> None:
    capped = {"kind": "caps_criterion", "criterion": "К1", "when": 1, "target": "К3", "at": 1}
    assert score_criteria(make_criteria(capped), {"К1": 1, "К2": 2, "К3": 2}) == 4
    assert score_criteria(make_criteria(capped), {"К1": 2, "К2": 2, "К3": 2}) == 6
    whole = {"kind": "caps_item", "at": 5}
    assert score_criteria(make_criteria(whole), {"К1": 2, "К2": 2, "К3": 2}) == 5
    assert highest_points(make_criteria(whole)) == 5 and highest_points(make_criteria()) == 6


@pytest.mark.parametrize("points, named", [
    ({"К1": 1, "К2": 1}, "К3"), ({"К1": 3, "К2": 0, "К3": 0}, "К1"), ({"К1": -1, "К2": 0, "К3": 0}, "К1"),
    ({"К1": 1, "К2": 1, "К3": 1, "К4": 1}, "К4"), ({"К1": 1, "К2": True, "К3": 0}, "К2"),
])
def test_points_that_do_not_fit_are_refused_by_criterion(points: dict[str, int], named: str) -> None:
    with pytest.raises(PointsRefused) as caught:
        score_criteria(make_criteria(), points)
    assert caught.value.criterion == named


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownRule):
        score_criteria(make_criteria({"kind": "doubles"}), {"К1": 1, "К2": 1, "К3": 1})


@pytest.mark.parametrize("raw, mark", [(0, 2), (12, 2), (13, 3), (20, 3), (21, 4), (26, 4), (27, 5), (30, 5)])
def test_the_mark_follows_the_scale(raw: int, mark: int) -> None:
    assert mark_for(SCALE, raw) == mark


def test_a_scale_that_does_not_reach_down_is_an_error() -> None:
    with pytest.raises(ValueError, match="no mark for 3"):
        mark_for([{"mark": 2, "from": 5}], 3)


@given(st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_points_never_exceed_their_sum(points: list[int]) -> None:
    given_points = dict(zip(("К1", "К2", "К3"), points, strict=True))
    assert 0 <= score_criteria(make_criteria(ZEROES), given_points) <= sum(points)
