"""Comparison of a set of variants: how often items are used and how many positions neighbours differ in."""
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from task_bank.variants.assembly import Variant


@dataclass(frozen=True)
class Comparison:
    """How a set of variants differs.

    `uses` maps position index → item → times used; `distinct` is the number of different variants;
    `neighbours` gives, for each neighbouring pair in the list, how many positions differ.
    """

    uses: list[dict[str, int]]
    distinct: int
    neighbours: list[int]


def compare(variants: Sequence[Variant]) -> Comparison:
    """Compare variants of one assessment."""
    columns = zip(*(variant.items for variant in variants), strict=True) if variants else ()
    uses = [dict(sorted(Counter(column).items())) for column in columns]
    neighbours = [len(left.items) - count_shared(left, right) for left, right in pairwise(variants)]
    return Comparison(uses, len({variant.items for variant in variants}), neighbours)


def count_shared(one: Variant, other: Variant) -> int:
    """In how many positions two variants have the same item."""
    return sum(left == right for left, right in zip(one.items, other.items, strict=True))
