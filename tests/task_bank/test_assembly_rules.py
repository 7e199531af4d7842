"""What assembly promises over any bank: exclusions, exposure, zones, difficulty, the same everywhere."""
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from task_bank.assessments import Assessment, BrokenAssessment, parse_assessment
from task_bank.variants import (
    BankTooSmall,
    ExclusionsTooTight,
    School,
    SchoolSet,
    UnknownNumberOfSchools,
    UnknownZone,
    assemble,
    assemble_school,
    compare,
    plan_assembly,
)
from tests.task_bank.builders import make_assessment, make_position

WEST, MIDDLE, EAST = "Europe/Kaliningrad", "Asia/Yekaterinburg", "Asia/Kamchatka"


def make_bank(*sizes: int, items: dict[str, Any] | None = None, blueprint: dict[str, Any] | None = None,
              **changes: Any) -> Assessment:
    """Positions of 5 points with pools of these sizes; items are called p<position>-<place>."""
    positions = [make_position(number, tuple(f"p{number}-{place}" for place in range(size)), points=5, **changes)
                 for number, size in enumerate(sizes, 1)]
    return parse_assessment(msgspec.json.encode(
        make_assessment(positions, items=items or {}, blueprint=blueprint or {})))


def assemble_all(work: Assessment, schools: int, count: int = 5, zones: tuple[str | None, ...] = (None,),
                 seed: int = 1) -> list[SchoolSet]:
    plan = plan_assembly(work, seed)
    return [assemble_school(plan, School(f"sch{place}", zones[place % len(zones)], place), count, seed)
            for place in range(schools)]


def items_of(made: SchoolSet) -> set[str]:
    return {item for variant in made.variants for item in variant.items}


sizes = st.lists(st.integers(1, 12), min_size=1, max_size=5)


@st.composite
def banks(draw: st.DrawFn) -> Assessment:
    """Pools with items of any difficulty, some of which exclude others of another position."""
    shape = draw(st.lists(st.integers(4, 12), min_size=2, max_size=5))
    names = [f"p{number}-{place}" for number, size in enumerate(shape, 1) for place in range(size)]
    items: dict[str, Any] = {name: {"expected": draw(st.integers(0, 100)) / 100} for name in names}
    for _ in range(draw(st.integers(0, 6))):
        one, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        items[one]["excludes"] = [other]
    return make_bank(*shape, items=items)


@settings(deadline=None)
@given(work=banks(), count=st.integers(0, 20), seed=st.integers())
def test_what_excludes_each_other_never_stands_in_one_variant(work: Assessment, count: int, seed: int) -> None:
    excludes = {name: set(facts.get("excludes", ())) - {name} for name, facts in work.data["items"].items()}
    for variant in assemble(work, "s", count, seed):
        assert not any(excludes[item] & set(variant.items) for item in variant.items)


@settings(deadline=None)
@given(sizes=sizes, count=st.integers(3, 30), seed=st.integers())
def test_the_list_closes_to_a_ring(sizes: list[int], count: int, seed: int) -> None:
    """More candidates than variants: after the last comes the first, and they differ too."""
    variants = assemble(make_bank(*sizes), "s", count, seed)
    for place, size in enumerate(sizes):
        if size > 2:
            assert variants[0].items[place] != variants[-1].items[place]


@settings(deadline=None)
@given(sizes=st.lists(st.integers(4, 12), min_size=1, max_size=5), count=st.integers(3, 30), seed=st.integers())
def test_the_next_but_one_differs_too_where_four_items_allow(sizes: list[int], count: int, seed: int) -> None:
    variants = assemble(make_bank(*sizes), "s", count, seed)
    for one, other in zip(variants, variants[2:], strict=False):
        assert not set(one.items) & set(other.items)


@settings(deadline=None)
@given(sizes=sizes, count=st.integers(1, 30), seed=st.integers(), expected=st.lists(st.integers(0, 100), min_size=60))
def test_balancing_leaves_use_even_and_neighbours_apart(
    sizes: list[int], count: int, seed: int, expected: list[int],
) -> None:
    names = [f"p{number}-{place}" for number, size in enumerate(sizes, 1) for place in range(size)]
    items = {name: {"expected": share / 100} for name, share in zip(names, expected, strict=False)}
    variants = assemble(make_bank(*sizes, items=items), "s", count, seed)
    for place, size in enumerate(sizes):
        uses = Counter(variant.items[place] for variant in variants)
        assert max(uses.values()) - (min(uses.values()) if len(uses) == size else 0) <= 1
        assert size == 1 or all(one.items[place] != other.items[place] for one, other in pairwise(variants))


@settings(deadline=None, max_examples=40)
@given(shape=st.lists(st.integers(4, 40), min_size=1, max_size=4), share=st.sampled_from((0.1, 0.25, 0.3, 0.5)),
       schools=st.integers(1, 40), seed=st.integers())
def test_no_item_reaches_more_schools_than_allowed(shape: list[int], share: float, schools: int, seed: int) -> None:
    work = make_bank(*shape, blueprint={"exposure": {"school_share": share}})
    plan = plan_assembly(work, seed)
    short = {number for lack in plan.wishes if lack.reason == "exposure" for number in lack.positions}
    uses = Counter(item for made in assemble_all(work, schools, 3, seed=seed) for item in items_of(made))
    for item, used in uses.items():
        number = int(item[1:].split("-")[0])
        if number not in short:
            assert used <= -(-schools // int(1 / share))
    for lack in plan.wishes:
        if lack.reason == "exposure":
            assert lack.needs == 2 * -(-100 // int(share * 100)) and lack.has == shape[lack.positions[0] - 1]


@settings(deadline=None, max_examples=40)
@given(shape=st.lists(st.integers(4, 40), min_size=1, max_size=4), seed=st.integers())
def test_far_zones_share_nothing_where_the_bank_allows(shape: list[int], seed: int) -> None:
    work = make_bank(*shape)
    made = assemble_all(work, 12, 6, (WEST, MIDDLE, EAST), seed)
    shared = {item for item in items_of(made[0]) for far in made[2::3] if item in items_of(far)}
    near = {item for one in made[0::3] for item in items_of(one)} & {
        item for one in made[1::3] for item in items_of(one)}
    short = {lack.positions[0] for lack in plan_assembly(work, seed).wishes}
    assert short == {number for number, size in enumerate(shape, 1) if size < 12}
    for number, size in enumerate(shape, 1):
        assert size < 8 or not any(item.startswith(f"p{number}-") for item in shared)
        assert size < 12 or not any(item.startswith(f"p{number}-") for item in near)


@pytest.mark.parametrize("seed", range(12))
def test_an_item_of_two_pools_belongs_to_one_block_of_zones(seed: int) -> None:
    pools = [tuple(f"a{n}" for n in range(24)), tuple(f"a{n}" for n in range(12, 36))]
    work = parse_assessment(msgspec.json.encode(make_assessment(
        [make_position(number, pool) for number, pool in enumerate(pools, 1)])))
    made = assemble_all(work, 9, 8, (WEST, MIDDLE, EAST), seed)
    for one in range(3):
        for other in range(one):
            assert not set.union(*map(items_of, made[one::3])) & set.union(*map(items_of, made[other::3]))
    for variant in [variant for one in made for variant in one.variants]:
        assert len(set(variant.items)) == 2


def test_schools_of_a_round_share_nothing_and_are_alike_in_difficulty() -> None:
    items = {f"p{number}-{place}": {"expected": place / 60} for number in (1, 2) for place in range(60)}
    work = make_bank(60, 60, items=items, blueprint={"exposure": {"school_share": 0.1}})
    made = assemble_all(work, 10, 6)
    assert len(set().union(*map(items_of, made))) == 120
    means = [sum(one.expected) / len(one.expected) for one in made]
    assert max(means) - min(means) < 1000


def test_variants_of_a_school_are_equally_hard() -> None:
    items = {f"p{number}-{place}": {"expected": (place * 7 % 10) / 10} for number in range(1, 7) for place in range(10)}
    for made in assemble_all(make_bank(*[10] * 6, items=items), 20, 15):
        assert max(made.expected) - min(made.expected) <= 500


def test_all_positions_that_lack_items_are_named_at_once() -> None:
    items = {f"p2-{place}": {"difficulty": "В"} for place in range(3)} | {"p3-0": {"codifier": ["9.9"]}}
    work = make_bank(2, 4, 4, 4, items=items, codifier=[{"code": "3.1", "title": "Чтение"}])
    with pytest.raises(BankTooSmall) as caught:
        assemble(work, "s", 5, 1, least_pool=4)
    assert [(lack.positions, lack.has, lack.missing) for lack in caught.value.lacks] == [
        ((1,), 2, 2), ((2,), 1, 3), ((3,), 3, 1)]
    said = str(caught.value)
    assert "position 1 has 2 items and needs 4: 2 missing (codifier 3.1; difficulty Б)" in said
    assert "not of it: p2-0, p2-1, p2-2" in said and "not of it: p3-0" in said


@pytest.mark.parametrize("own,stays", [
    ({"difficulty": "Б"}, True), ({"difficulty": "П"}, False), ({"codifier": ["3.1"]}, True),
    ({"codifier": ["3.1.2"]}, True), ({"codifier": ["3.10"]}, False), ({"codifier": ["1", "3.1"]}, True), ({}, True),
])
def test_an_item_must_be_of_what_the_position_asks(own: dict[str, Any], stays: bool) -> None:
    work = make_bank(2, items={"p1-0": own}, codifier={"code": "3.1"})
    used = {variant.items[0] for variant in assemble(work, "s", 4, 1)}
    assert ("p1-0" in used) == stays


def test_exclusions_that_leave_nothing_are_refused() -> None:
    work = make_bank(2, 2, items={"p1-0": {"excludes": ["p2-0", "p2-1"]}, "p1-1": {"excludes": ["p2-0", "p2-1"]}})
    with pytest.raises(ExclusionsTooTight):
        assemble(work, "s", 1, 1)


def test_a_school_borrows_where_its_portion_excludes_itself() -> None:
    """Every item of one text excludes all of other texts, and portions are too small to hold a whole text."""
    names = {number: [f"p{number}-{place}" for place in range(12)] for number in (1, 2, 3)}
    items = {name: {"excludes": [other for near in names for place, other in enumerate(names[near])
                                 if near != number and place % 6 != own % 6]}
             for number, row in names.items() for own, name in enumerate(row)}
    made = assemble_all(make_bank(12, 12, 12, items=items, blueprint={"exposure": {"school_share": 0.2}}), 10, 4)
    assert sum(one.borrowed for one in made) > 0
    for variant in [variant for one in made for variant in one.variants]:
        assert len({int(item.split("-")[1]) % 6 for item in variant.items}) == 1


def test_a_limit_in_schools_needs_their_number() -> None:
    work = make_bank(40, blueprint={"exposure": {"schools": 5}})
    with pytest.raises(UnknownNumberOfSchools):
        assemble(work, "s", 3, 1)
    plan = plan_assembly(work, 1, schools=20)
    uses = Counter(item for place in range(20)
                   for item in items_of(assemble_school(plan, School(f"s{place}", None, place), 10, 1)))
    assert max(uses.values()) <= 5


def test_a_zone_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownZone, match="Europe/Nowhere"):
        assemble(make_bank(4), "s", 3, 1, zone="Europe/Nowhere")


@pytest.mark.parametrize("blueprint", [
    {"exposure": {"school_share": 0}}, {"zone_starts_h": [5, 2]}, {"zone_starts_h": []}, {"per_school": 0},
    {"tolerance": -1}, [1],
])
def test_a_blueprint_that_cannot_be_is_refused(blueprint: Any) -> None:
    with pytest.raises(BrokenAssessment, match="blueprint"):
        assemble(make_bank(4, blueprint=blueprint), "s", 3, 1)


def test_facts_that_cannot_be_are_refused() -> None:
    with pytest.raises(BrokenAssessment, match=r"items.*expected|expected"):
        assemble(make_bank(4, items={"p1-0": {"expected": 1.5}}), "s", 3, 1)


def test_the_order_of_hashes_changes_nothing() -> None:
    program = (
        "from tests.task_bank.test_assembly_rules import *; import hashlib;"
        "items = {f'p{n}-{k}': {'expected': k / 20, 'excludes': [f'p{n % 3 + 1}-{k}']} for n in (1, 2, 3)"
        " for k in range(20)};"
        "print([v for m in assemble_all(make_bank(20, 20, 20, items=items), 6, 9, (WEST, EAST)) for v in m.variants])"
    )
    said = {subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
                           capture_output=True, check=True, text=True).stdout for seed in ("1", "2", "77")}
    assert len(said) == 1 and len(said.pop()) > 1000


def test_a_known_set_stays_what_it_was() -> None:
    """Sets of a campaign must be made again years later, by another Python on another machine."""
    variants = assemble(make_bank(6, 4, 5), "sch330001", 4, 2027, zone="Europe/Moscow", ordinal=3)
    assert [(one.number, *one.items) for one in variants] == KNOWN


def test_one_and_the_same_seed_gives_two_schools_other_numbers() -> None:
    one, other = (assemble(make_bank(4, 4), school, 9, 1) for school in ("sch1", "sch2"))
    assert {variant.number for variant in one} != {variant.number for variant in other}
    assert [variant.number for variant in one] == sorted(variant.number for variant in one)


@pytest.mark.parametrize("seed", range(12))
def test_no_two_variants_of_a_school_are_alike_where_there_are_twice_as_many(seed: int) -> None:
    assert compare(assemble(make_bank(4, 4), "sch1", 8, seed)).distinct == 8


KNOWN = [
    ("30653", "p1-0", "p2-2", "p3-0"),
    ("47068", "p1-5", "p2-1", "p3-2"),
    ("88996", "p1-1", "p2-3", "p3-4"),
    ("89704", "p1-3", "p2-0", "p3-3"),
]
