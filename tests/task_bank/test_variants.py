"""Variants are reproducible, even, and neighbours differ."""
import re
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from task_bank.assessments import Assessment, parse_assessment
from task_bank.scoring import restore_responses, score_item
from task_bank.variants import BankTooSmall, TooManyVariants, UnequalPools, Variant, assemble, compare, deliver
from tests.task_bank.builders import KINDS, RIGHT, make_assessment, make_package_of_kinds, make_position


def make_work(*sizes: int, **together: Any) -> Assessment:
    """A work whose positions have pools of these sizes."""
    positions = [
        make_position(number, tuple(f"p{number}-{place}" for place in range(size)), **together)
        for number, size in enumerate(sizes, 1)
    ]
    return parse_assessment(msgspec.json.encode(make_assessment(positions)))


sizes = st.lists(st.integers(1, 6), min_size=1, max_size=6)


@settings(deadline=None)
@given(sizes=sizes, count=st.integers(0, 40), seed=st.integers(), school=st.text(max_size=8))
def test_the_same_arguments_give_the_same_variants(sizes: list[int], count: int, seed: int, school: str) -> None:
    work = make_work(*sizes)
    variants = assemble(work, school, count, seed)
    assert variants == assemble(work, school, count, seed)
    assert len({variant.number for variant in variants}) == count
    assert all(re.fullmatch(r"[1-9]\d{4}", variant.number) for variant in variants)


@settings(deadline=None)
@given(sizes=sizes, count=st.integers(2, 40), seed=st.integers())
def test_neighbours_differ_wherever_the_pool_allows(sizes: list[int], count: int, seed: int) -> None:
    can_differ = sum(size > 1 for size in sizes)
    assert set(compare(assemble(make_work(*sizes), "s", count, seed)).neighbours) == {can_differ}


@settings(deadline=None)
@given(sizes=sizes, count=st.integers(1, 40), seed=st.integers())
def test_items_are_used_evenly(sizes: list[int], count: int, seed: int) -> None:
    variants = assemble(make_work(*sizes), "s", count, seed)
    for column, size in zip(zip(*(variant.items for variant in variants), strict=True), sizes, strict=True):
        uses = Counter(column)
        assert max(uses.values()) - (min(uses.values()) if len(uses) == size else 0) <= 1


def test_schools_get_other_variants_and_forty_seats_get_forty() -> None:
    work = make_work(4, 4, 4, 4, 4, 4)
    one, other = assemble(work, "sch220001", 40, 1), assemble(work, "sch220002", 40, 1)
    assert one != other
    assert compare(one).distinct == compare(other).distinct == 40


def test_items_about_one_text_stay_together() -> None:
    for variant in assemble(make_work(4, 4, 4, together="text"), "s", 12, 3):
        assert len({item.split("-")[1] for item in variant.items}) == 1


def test_positions_dealt_together_need_equal_pools() -> None:
    with pytest.raises(UnequalPools, match="position 2 has 3 items, those dealt together with it have 4"):
        assemble(make_work(4, 3, together="text"), "s", 1, 1)


def test_a_pool_that_is_too_small_says_which_and_how_many() -> None:
    with pytest.raises(BankTooSmall) as caught:
        assemble(make_work(4, 2), "s", 5, 1, least_pool=4)
    (lack,) = caught.value.lacks
    assert (lack.positions, lack.has, lack.needs, lack.missing) == ((2,), 2, 4, 2)
    assert str(caught.value) == "position 2 has 2 items and needs 4: 2 missing (difficulty Б)"


def test_an_empty_pool_is_always_refused() -> None:
    with pytest.raises(BankTooSmall):
        assemble(make_work(0), "s", 1, 1)


def test_there_are_only_so_many_five_digit_numbers() -> None:
    with pytest.raises(TooManyVariants):
        assemble(make_work(2), "s", 90_001, 1)


def test_a_delivery_is_reproducible_and_of_its_seed() -> None:
    package = make_package_of_kinds()
    variant = Variant("48213", tuple(KINDS))
    assert deliver(package, variant, 5) == deliver(package, variant, 5)
    assert deliver(package, variant, 5).variant_json != deliver(package, variant, 6).variant_json


def test_names_of_items_differ_between_variants() -> None:
    package = make_package_of_kinds()
    names = [
        item["id"]
        for number in ("48213", "48214")
        for item in deliver(package, Variant(number, tuple(KINDS)), 5).variant_json["items"]
    ]
    assert len(set(names)) == 2 * len(KINDS)


def answer_as_delivered(key: dict[str, Any], answer: Any) -> Any:
    """The author's answer in the names of a delivery, as a kiosk would send it."""
    opaque = {original: name for name, original in key["identifiers"].items()}
    if isinstance(answer, list):
        return [" ".join(opaque.get(word, word) for word in one.split()) for one in answer]
    return opaque.get(answer, answer)


@given(seed=st.integers(0, 2**64))
@settings(max_examples=15, deadline=None)
def test_right_answers_given_in_delivered_names_score_in_full(seed: int) -> None:
    delivery = deliver(make_package_of_kinds(), Variant("48213", tuple(KINDS)), seed)
    for key in delivery.keys_json["items"]:
        sent = {"r1": answer_as_delivered(key, RIGHT[key["item"]])}
        xml = KINDS[key["item"]]
        scored = score_item(xml, restore_responses(key, sent, xml))
        assert scored["SCORE"] == scored["MAXSCORE"]
