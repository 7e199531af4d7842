"""The room: a plan, variants by place, planned seats, waves. Rules first, then as people use them."""
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_server.exam_day.rooms.rules import (
    BadPlan, BadSeating, NoSeats, Plan, fill_seats, find_near, find_place_variant, lay_out, plan_waves, read_plan,
    read_seating)


def make_plan(rows: int, places: int) -> Plan:
    cells = list(product(range(1, rows + 1), range(1, places + 1)))
    return Plan(rows, places, {str(number + 1): cell for number, cell in enumerate(cells)})


def is_beside(plan: Plan, one: str, other: str) -> bool:
    (row, place), (r, p) = plan.cells[one], plan.cells[other]
    return row == r or place == p


@given(rows=st.integers(1, 8), places=st.integers(1, 8), count=st.integers(4, 20))
def test_with_four_variants_nobody_around_has_the_same(rows: int, places: int, count: int) -> None:
    plan, variants = make_plan(rows, places), [str(number) for number in range(count)]
    given_to = {seat: find_place_variant(plan, seat, variants) for seat in plan.cells}
    assert all(given_to[seat] != given_to[near] for seat in plan.cells for near in find_near(plan, seat))


@given(rows=st.integers(1, 8), places=st.integers(1, 8), count=st.integers(2, 3))
def test_with_two_or_three_nobody_beside_before_or_behind_has(rows: int, places: int, count: int) -> None:
    plan, variants = make_plan(rows, places), [str(number) for number in range(count)]
    assert all(find_place_variant(plan, seat, variants) != find_place_variant(plan, near, variants)
               for seat in plan.cells for near in find_near(plan, seat) if is_beside(plan, seat, near))


def test_a_gap_or_a_corridor_ends_the_neighbourhood() -> None:
    plan = Plan(3, 4, {"1": (1, 1), "2": (1, 2), "3": (1, 4), "4": (2, 3), "5": (3, 1)})
    assert find_near(plan, "1") == {"2"} and find_near(plan, "4") == {"2", "3"}
    assert find_near(plan, "5") == set() and find_near(plan, "9") == set()
    assert find_place_variant(plan, "9", ["1"]) == "" and find_place_variant(plan, "1", []) == ""


@given(seats=st.lists(st.integers(1, 60).map(str), unique=True, max_size=40), kept=st.integers(0, 40))
def test_every_seat_has_a_cell_of_its_own_and_known_ones_stay(seats: list[str], kept: int) -> None:
    known = lay_out(seats[:kept], None)
    plan = lay_out(seats, known)
    assert set(plan.cells) == set(seats) and len(set(plan.cells.values())) == len(seats)
    assert all(plan.cells[seat] == known.cells[seat] for seat in seats[:kept])
    assert all(1 <= row <= plan.rows and 1 <= place <= plan.places for row, place in plan.cells.values())


@pytest.mark.parametrize(("rows", "places", "cells"), [
    (0, 3, {}), (3, 21, {}), (True, 3, {}), ("3", 3, {}), (2, 2, {"1": [3, 1]}), (2, 2, {"1": [1, 0]}),
    (2, 2, {"1": [1, 1], "2": [1, 1]}), (2, 2, {"1": "11"}), (2, 2, {"1": [1]}), (2, 2, {"1": [1, None]})])
def test_a_broken_plan_is_refused(rows: Any, places: Any, cells: dict[str, Any]) -> None:
    with pytest.raises(BadPlan):
        read_plan(rows, places, cells)


def test_one_code_sits_once_on_a_seat_that_is_there() -> None:
    assert read_seating({"1": "10001", "2": ""}, ["1", "2"], ["10001"]) == {"10001": "1"}
    for wrong in ({"1": "10001", "2": "10001"}, {"9": "10001"}, {"1": "77777"}):
        with pytest.raises(BadSeating):
            read_seating(wrong, ["1", "2"], ["10001", "10002"])


def test_who_has_a_seat_keeps_it_and_the_rest_fill_up() -> None:
    assert fill_seats({"c": "1"}, ["1", "2"], ["a", "b", "c"]) == {"c": "1", "a": "2"}


@given(count=st.integers(1, 60), seats=st.integers(1, 20))
def test_waves_are_as_few_and_as_even_as_can_be(count: int, seats: int) -> None:
    codes = [str(number) for number in range(count)]
    waves = plan_waves(codes, seats, 1_000, 2700, 900)
    sizes = [len(wave.codes) for wave in waves]
    assert [code for wave in waves for code in wave.codes] == codes
    assert len(waves) == -(-count // seats) and max(sizes) <= seats and max(sizes) - min(sizes) <= 1
    assert all(later.begins_at_ms - one.begins_at_ms == 3_600_000 for one, later in zip(waves, waves[1:]))


def test_without_headsets_there_are_no_waves() -> None:
    with pytest.raises(NoSeats):
        plan_waves(["1"], 0, 0, 2700, 900)


def test_whoever_comes_when_the_room_ends_up_as_planned() -> None:
    plan, variants = make_plan(4, 5), [str(number) for number in range(6)]
    seats = list(plan.cells)
    Random(3).shuffle(seats)
    seated = {seat: find_place_variant(plan, seat, variants) for seat in seats}
    assert all(seated[seat] != seated[near] for seat in seats for near in find_near(plan, seat))
