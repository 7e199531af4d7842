"""Chance is the same everywhere and knows its words apart."""
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from task_bank.variants.chance import Chance


def test_the_sequence_of_known_words_is_known() -> None:
    chance = Chance("assemble", "english-7", 1)
    assert [chance.pick_below(1000) for _ in range(4)] == [653, 288, 73, 535]
    assert "".join(Chance("letters").shuffle("abcdefgh")) == "bcfadghe"


@given(one=st.lists(st.text(max_size=4), max_size=4), other=st.lists(st.text(max_size=4), max_size=4))
def test_words_are_not_glued_together(one: list[str], other: list[str]) -> None:
    same = Chance(*one).draw() == Chance(*other).draw()
    assert same == (one == other)


@given(first=st.integers(0, 20), size=st.integers(1, 40), part=st.floats(0, 1), seed=st.integers())
def test_numbers_are_different_rising_and_inside(first: int, size: int, part: float, seed: int) -> None:
    count = int(part * size)
    found = Chance("numbers", seed).pick_numbers(first, first + size - 1, count)
    assert len(found) == count and found == sorted(set(found)) and set(found) <= set(range(first, first + size))


def test_every_order_is_as_likely() -> None:
    orders = Counter("".join(Chance("orders", turn).shuffle("abc")) for turn in range(6000))
    assert len(orders) == 6 and max(orders.values()) - min(orders.values()) < 200
