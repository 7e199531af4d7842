"""Signs find planted experts and leave honest ones alone: sixty experts mark 3,000 answers twice, without a server."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies

from testing_server.marking.statistics.consistency import (
    add_products, bound_correlation, collect_products, correlate, judge_consistency, take_products)
from testing_server.marking.statistics.overview import judge_experts
from testing_server.marking.statistics.partners import Gap, describe_partners
from testing_server.marking.statistics.queries import BLOCK, Block
from testing_server.marking.statistics.severity import find_sure
from testing_server.rehearsal.commission.world import (
    HIGHEST, RobotProfile, World, draw_points, draw_truth, list_profiles, make_world)

PAIRS = strategies.lists(strategies.tuples(strategies.integers(0, 7), strategies.integers(0, 7)), min_size=1,
                         max_size=40)


@dataclass
class Marked:
    """By expert (own, other's) points in the order of marking; by pair what the two differ by."""

    views: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    gaps: dict[tuple[str, str], Gap] = field(default_factory=dict)

    def add(self, one: str, other: str, given: int, seen: int) -> None:
        self.views.setdefault(one, []).append((given, seen))
        self.views.setdefault(other, []).append((seen, given))
        pair, gap = ((one, other), given - seen) if one < other else ((other, one), seen - given)
        known = self.gaps.get(pair, Gap(0, 0))
        self.gaps[pair] = Gap(known.number + 1, known.total + gap)


def mark_all(world: World, profiles: Sequence[RobotProfile]) -> Marked:
    """Every answer marked by two experts drawn by lot."""
    chance, found = random.Random(world.seed), Marked()
    for number in range(world.answers):
        truth, pair = draw_truth(world, number), chance.sample(profiles, 2)
        one, other = (sum(draw_points(who, truth, list(HIGHEST), chance,
                                      len(found.views.get(who.login, ())) / world.per_expert).values()) for who in pair)
        found.add(pair[0].login, pair[1].login, one, other)
    return found


def list_accused(marked: Marked) -> dict[str, list[str]]:
    """Expert → names of the signs, where there are any."""
    blocks = {expert: [Block(expert, start // BLOCK, collect_products(pairs[start:start + BLOCK]))
                       for start in range(0, len(pairs), BLOCK)] for expert, pairs in marked.views.items()}
    judged = judge_experts(blocks, sum(HIGHEST.values()), find_sure(len(blocks)), marked.gaps, is_all=True)
    signs = {expert: [name for name in ("severity", "drift", "consistency") if one[name] and one[name].is_sign]
             for expert, one in judged.items()}
    return {expert: names for expert, names in signs.items() if names}


@pytest.mark.parametrize("seed", range(1, 6))
def test_planted_experts_are_found_and_honest_ones_are_not_accused(seed: int) -> None:
    world = make_world(60, 3_000, seed)
    profiles = list_profiles(world)
    planted = {one.login: one.kind for one in profiles if one.kind != "good"}
    assert sorted(planted.values()) == ["drifting", "lenient", "random", "strict"]
    accused = list_accused(mark_all(world, profiles))
    assert accused.keys() == planted.keys()
    by_kind = {planted[expert]: signs for expert, signs in accused.items()}
    assert by_kind["random"] == ["consistency"] and "severity" in by_kind["strict"] and "severity" in by_kind["lenient"]
    assert "consistency" not in by_kind["strict"] + by_kind["lenient"] + by_kind["drifting"]


def test_who_gives_the_same_points_to_all_is_found_too() -> None:
    world = make_world(20, 1_000, 3)
    marked = mark_all(world, [RobotProfile(f"e{number}", "good", 0) for number in range(20)])
    marked.views["e0"] = [(4.0, other) for _, other in marked.views["e0"]]
    assert "consistency" in list_accused(marked)["e0"]


@pytest.mark.parametrize("kind", ["strict", "lenient"])
def test_one_bad_expert_of_four_does_not_make_the_others_look_bad(kind: str) -> None:
    """Beside a strict partner everybody is lenient: a third of all their differences is with that one."""
    for seed in range(5):
        profiles = [RobotProfile(f"e{number}", kind if number == 3 else "good", 0) for number in range(4)]
        assert list(list_accused(mark_all(make_world(4, 300, seed), profiles))) == ["e3"]


def test_severities_are_those_that_explain_the_pairs() -> None:
    # a is 1 below b, b 2 below c; d and e have met nobody else
    gaps = {("a", "b"): Gap(10, -10.0), ("b", "c"): Gap(30, -60.0), ("a", "c"): Gap(5, -15.0), ("d", "e"): Gap(4, 8.0)}
    found = describe_partners(gaps, 1.0)
    assert {who: round(one.severity, 3) for who, one in found.items()} == {
        "a": round((10 * 0 + 5 * 2) / 15, 3), "b": round((10 * -1 + 30 * 2) / 40, 3),
        "c": round((30 * 0 + 5 * -1) / 35, 3), "d": -1.0, "e": 1.0}
    assert found["d"].error == pytest.approx(0.5) and describe_partners({}, 1.0) == {}


def draw_pairs(chance: random.Random, number: int, noise: float) -> list[tuple[float, float]]:
    """Points of 0 … 7 that two experts give; each gives any points with a chance `noise`."""
    found = []
    for _ in range(number):
        truth = chance.randint(0, 7)
        one, other = (float(chance.randint(0, 7) if chance.random() < noise else truth) for _ in range(2))
        found.append((one, other))
    return found


def judge(own: list[tuple[float, float]], rest: list[tuple[float, float]]) -> bool | None:
    both = [collect_products(own), collect_products(rest)]
    found = judge_consistency(both[0], add_products([*both, *(one.turn() for one in both)]))
    return found.is_sign if found else None


def test_no_sign_rests_on_too_little() -> None:
    chance = random.Random(5)
    rest, at_random = draw_pairs(chance, 500, 0.1), draw_pairs(chance, 200, 1.0)
    assert judge(at_random[:9], rest) is None and judge(at_random[:49], rest) is False
    assert judge(at_random, rest) is True
    # nobody to compare with: few others, others who hardly agree, others who always give the same
    assert judge(at_random, rest[:49]) is False and judge(at_random, draw_pairs(chance, 500, 1.0)) is False
    assert judge([(own, 3.0) for own, _ in at_random], rest) is None


def test_where_all_agree_badly_nobody_is_singled_out() -> None:
    chance = random.Random(8)
    rest = draw_pairs(chance, 2_000, 0.35)
    assert not any(judge(draw_pairs(chance, 100, 0.35), rest) for _ in range(200))


# by hand: means 2 and 2; products −1·−1 + 0·1 + 1·0 = 1 of sqrt(2 · 2)
def test_a_correlation_counted_by_hand() -> None:
    assert correlate(collect_products([(1, 1), (2, 3), (3, 2)])) == pytest.approx(0.5)
    assert correlate(collect_products([])) is None and correlate(collect_products([(2, 1), (2, 3)])) == 0.0
    # R. A. Fisher's own example of his transformation: r = 0.6 of 28 pairs has z = 0.6931 with error 1 / 5
    low, high = bound_correlation(0.6, 28, 1.0)
    assert (low, high) == (pytest.approx(0.4564, abs=1e-3), pytest.approx(0.7131, abs=1e-3))


@given(PAIRS)
def test_a_correlation_asks_neither_who_was_first_nor_for_a_shift(pairs: list[tuple[int, int]]) -> None:
    sums, shifted = collect_products(pairs), collect_products([(one + 3, other) for one, other in pairs])
    found, moved = correlate(sums), correlate(shifted)
    assert (found is None) == (moved is None)
    if found is not None:
        assert -1 <= found <= 1 and moved == pytest.approx(found, abs=1e-6)
        assert correlate(sums.turn()) in (None, pytest.approx(found, abs=1e-9))
    assert take_products(add_products([sums, shifted]), shifted) == sums
