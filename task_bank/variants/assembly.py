"""Assembly of a school's variants, pure and seeded: the same arguments always give the same variants."""
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from task_bank.assessments import Assessment, Position

FIRST_NUMBER, LAST_NUMBER = 10_000, 99_999
REDRAWS = 200


class PoolTooSmall(ValueError):
    """A position has fewer parallel items than asked for: `position`, `has`, `needs`."""

    def __init__(self, position: int, has: int, needs: int) -> None:
        super().__init__(f"position {position} has {has} items and needs {needs}: {needs - has} missing")
        self.position, self.has, self.needs = position, has, needs


class TooManyVariants(ValueError):
    """There are not as many five-digit numbers as variants asked for."""


@dataclass(frozen=True)
class Variant:
    """`number` is five digits; `items` are item identifiers in position order."""

    number: str
    items: tuple[str, ...]


def assemble(
    assessment: Assessment, school: str, count: int, seed: int, least_pool: int = 1
) -> list[Variant]:
    """Make `count` variants of an assessment for one school.

    Neighbours in the list differ in every position whose pool holds two items or more, and each pool is used
    evenly (uses differ by one at most). Raises PoolTooSmall, TooManyVariants.
    """
    _check(assessment, count, least_pool)
    random = Random(f"assemble/{assessment.id}/{school}/{seed}")
    numbers = [str(number) for number in random.sample(range(FIRST_NUMBER, LAST_NUMBER + 1), count)]
    columns = [_deal(position.pool, count, random) for position in assessment.positions]
    _spread(columns, assessment.positions, count, random)
    return [Variant(number, items) for number, items in zip(numbers, zip(*columns, strict=True), strict=True)]


def _check(assessment: Assessment, count: int, least_pool: int) -> None:
    most = LAST_NUMBER - FIRST_NUMBER + 1
    if not 0 <= count <= most:
        raise TooManyVariants(f"{count} variants asked for, five digits number at most {most}")
    for position in assessment.positions:
        has = len(set(position.pool))
        if has < max(least_pool, 1):
            raise PoolTooSmall(position.number, has, max(least_pool, 1))


def _deal(pool: list[str], count: int, random: Random) -> list[str]:
    """Items one after another like cards: every round uses the whole pool, no item follows itself."""
    items = sorted(set(pool))
    dealt: list[str] = []
    while len(dealt) < count:
        round_ = random.sample(items, len(items))
        if dealt and len(items) > 1 and round_[0] == dealt[-1]:
            swap = random.randrange(1, len(round_))
            round_[0], round_[swap] = round_[swap], round_[0]
        dealt += round_
    return dealt[:count]


def _spread(columns: list[list[str]], positions: list[Position], count: int, random: Random) -> None:
    """Deal columns again while two variants are wholly alike and the pools allow them to differ."""
    choices = [place for place, position in enumerate(positions) if len(set(position.pool)) > 1]
    for turn in range(REDRAWS if choices else 0):
        distinct = len(set(zip(*columns, strict=True)))
        if distinct == count:
            return
        place = choices[turn % len(choices)]
        before = columns[place]
        columns[place] = _deal(positions[place].pool, count, random)
        if len(set(zip(*columns, strict=True))) < distinct:
            columns[place] = before


@dataclass(frozen=True)
class Comparison:
    """How a set of variants differs.

    `uses` maps position index → item → times used; `distinct` is the number of different variants;
    `neighbours` gives, for each neighbouring pair in the list, how many positions differ.
    """

    uses: list[dict[str, int]]
    distinct: int
    neighbours: list[int]


def compare(variants: list[Variant]) -> Comparison:
    """Compare variants of one assessment."""
    columns = zip(*(variant.items for variant in variants), strict=True) if variants else ()
    uses = [dict(sorted(Counter(column).items())) for column in columns]
    neighbours = [
        sum(one != other for one, other in zip(left.items, right.items, strict=True))
        for left, right in pairwise(variants)
    ]
    return Comparison(uses, len({variant.items for variant in variants}), neighbours)
