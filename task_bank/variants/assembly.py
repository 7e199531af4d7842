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


class UnequalPools(ValueError):
    """Positions dealt together have pools of different sizes."""

    def __init__(self, position: int, has: int, others: int) -> None:
        super().__init__(f"position {position} has {has} items, those dealt together with it have {others}")
        self.position, self.has, self.others = position, has, others


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
    evenly (uses differ by one at most). Raises PoolTooSmall, UnequalPools, TooManyVariants.
    """
    _check(assessment, count, least_pool)
    random = Random(f"assemble/{assessment.id}/{school}/{seed}")
    numbers = [str(number) for number in random.sample(range(FIRST_NUMBER, LAST_NUMBER + 1), count)]
    groups = _group(assessment.positions)
    columns = [_deal(size, count, random) for size in groups.values()]
    _spread(columns, list(groups.values()), count, random)
    places = dict(zip(groups, columns, strict=True))
    rows = [
        tuple(position.pool[places[_word(position)][row]] for position in assessment.positions)
        for row in range(count)
    ]
    return [Variant(number, items) for number, items in zip(numbers, rows, strict=True)]


def _word(position: Position) -> str:
    return position.together or f"position {position.number}"


def _group(positions: list[Position]) -> dict[str, int]:
    """Groups of positions that are dealt together → size of their pools."""
    groups: dict[str, int] = {}
    for position in positions:
        size = len(position.pool)
        if groups.setdefault(_word(position), size) != size:
            raise UnequalPools(position.number, size, groups[_word(position)])
    return groups


def _check(assessment: Assessment, count: int, least_pool: int) -> None:
    most = LAST_NUMBER - FIRST_NUMBER + 1
    if not 0 <= count <= most:
        raise TooManyVariants(f"{count} variants asked for, five digits number at most {most}")
    for position in assessment.positions:
        has = len(set(position.pool))
        if has < max(least_pool, 1):
            raise PoolTooSmall(position.number, has, max(least_pool, 1))


def _deal(size: int, count: int, random: Random) -> list[int]:
    """Places of a pool one after another like cards: every round uses all of them, none follows itself."""
    dealt: list[int] = []
    while len(dealt) < count:
        round_ = random.sample(range(size), size)
        if dealt and size > 1 and round_[0] == dealt[-1]:
            swap = random.randrange(1, size)
            round_[0], round_[swap] = round_[swap], round_[0]
        dealt += round_
    return dealt[:count]


def _spread(columns: list[list[int]], sizes: list[int], count: int, random: Random) -> None:
    """Deal columns again while two variants are wholly alike and the pools allow them to differ."""
    choices = [place for place, size in enumerate(sizes) if size > 1]
    for turn in range(REDRAWS if choices else 0):
        distinct = len(set(zip(*columns, strict=True)))
        if distinct == count:
            return
        place = choices[turn % len(choices)]
        before = columns[place]
        columns[place] = _deal(sizes[place], count, random)
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
