"""A variant is given at seating: neighbours have nothing in common, and the number stays with its candidate."""
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.sittings.rules import NoVariants, assign_variants, choose_variant
from tests.testing_server.exam_day.builders import Classroom

VARIANTS = [str(number) for number in range(10_001, 10_016)]


def are_next(one: str, other: str, variants: list[str] = VARIANTS) -> bool:
    """Next to each other in the ring of the list."""
    apart = abs(variants.index(one) - variants.index(other))
    return apart in (1, len(variants) - 1)


def test_candidates_in_order_of_code_get_variants_in_order_of_number() -> None:
    given = assign_variants([str(code) for code in range(32)], VARIANTS)
    assert all(are_next(one, other) for one, other in pairwise(given.values()))


def test_without_variants_nobody_is_seated() -> None:
    with pytest.raises(NoVariants):
        assign_variants(["1"], [])


@given(planned=st.lists(st.sampled_from(VARIANTS), min_size=2, max_size=30))
def test_a_row_filled_from_one_end_has_nothing_in_common_with_its_neighbours(planned: list[str]) -> None:
    seated: list[str] = []
    for wish in planned:
        seated.append(choose_variant(wish, seated[-1:], VARIANTS, seated))
    assert all(are_next(one, other) for one, other in pairwise(seated))


@given(planned=st.lists(st.sampled_from(VARIANTS), min_size=5, max_size=30), order=st.randoms())
def test_neighbours_never_have_the_same_variant_in_whatever_order_they_come(planned: list[str], order: Random) -> None:
    places = list(range(len(planned)))
    order.shuffle(places)
    seated: dict[int, str] = {}
    for place in places:
        near = [seated[seat] for seat in (place - 1, place + 1) if seat in seated]
        seated[place] = choose_variant(planned[place], near, VARIANTS, list(seated.values()))
    assert all(seated[place] != seated[place + 1] for place in range(len(planned) - 1))


def test_the_planned_variant_stays_where_nothing_is_better() -> None:
    assert choose_variant("10007", [], VARIANTS, ["10007"] * 9) == "10007"
    assert choose_variant("10007", ["10006", "10008"], VARIANTS, []) == "10007"
    assert choose_variant("10001", ["10015"], VARIANTS, []) == "10001"


def test_between_two_strangers_one_of_them_is_answered() -> None:
    chosen = choose_variant("10001", ["10001", "10008"], VARIANTS, [])
    assert chosen not in ("10001", "10008") and (are_next(chosen, "10001") or are_next(chosen, "10008"))


def test_a_single_variant_is_given_to_everybody() -> None:
    assert choose_variant("10001", ["10001"], ["10001"], []) == "10001"
    assert choose_variant("10001", [], [], []) == "10001"


def read_variant(room: Classroom, attempt: str) -> str:
    with room.services.storage.read() as session:
        return session.get_one(AttemptRecord, attempt).variant


def test_moving_and_sitting_down_again_never_change_the_number(open_room: Classroom) -> None:
    """Not even next to a neighbour who has the same variant."""
    kiosk, twin = open_room.seat(0), open_room.pair("40")
    twin.sign_in(open_room.logins[3])
    given = read_variant(open_room, kiosk.attempt)
    assert twin.seated["variant"] == given
    beside_twin = open_room.pair("41")
    open_room.command("move", [kiosk.attempt], workstation=beside_twin.workstation)
    assert beside_twin.sign_in(open_room.logins[0]).status == 200
    assert beside_twin.seated["variant"] == read_variant(open_room, kiosk.attempt) == given
    beside_twin.journal = "an empty one"
    assert beside_twin.sign_in(open_room.logins[0]).status == 200
    assert beside_twin.seated["variant"] == read_variant(open_room, kiosk.attempt) == given


def test_an_absence_taken_back_does_not_change_the_number(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    with open_room.services.storage.read() as session:
        found = session.scalars(select(AttemptRecord).where(AttemptRecord.login == open_room.logins[0])).one()
    planned, attempt = found.variant, found.id
    open_room.command("absent", [attempt], reason="late")
    open_room.command("present", [attempt])
    kiosk.sign_in(open_room.logins[0])
    assert kiosk.seated["variant"] == planned
