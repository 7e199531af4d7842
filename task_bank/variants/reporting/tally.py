"""Counting a campaign while it streams by: takes one school's set after another, keeps numbers and no sets.

Memory grows with the bank, not with the number of schools. Points are in thousandths, as assembly counts them.
"""
import heapq
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

from task_bank.variants.assembly import SchoolSet, Variant
from task_bank.variants.comparison import count_shared
from task_bank.variants.portions import Plan

# Expected points are counted in steps of a tenth.
STEP = 100
WORST_SHOWN = 10
SHARE_STEP = 10


@dataclass
class BlockTally:
    """Expected points of the variants of one block of zones."""

    schools: int = 0
    variants: int = 0
    total: int = 0
    squares: int = 0
    lowest: int = 0
    highest: int = 0
    steps: Counter[int] = field(default_factory=Counter)
    items: set[str] = field(default_factory=set)

    def add(self, expected: int) -> None:
        """One more variant."""
        self.lowest = min(self.lowest, expected) if self.variants else expected
        self.highest = max(self.highest, expected)
        self.variants += 1
        self.total += expected
        self.squares += expected * expected
        self.steps[expected // STEP] += 1

    @property
    def mean(self) -> float:
        """Points."""
        return self.total / self.variants / 1000 if self.variants else 0.0

    @property
    def deviation(self) -> float:
        """Standard deviation, points."""
        if not self.variants:
            return 0.0
        return sqrt(max(self.squares / self.variants - (self.total / self.variants) ** 2, 0)) / 1000


@dataclass
class Tally:
    """What a report tells; `plan` is what the sets were drawn from."""

    plan: Plan
    blocks: dict[int | None, BlockTally] = field(default_factory=dict)
    first: SchoolSet | None = None
    schools: int = 0
    variants: int = 0
    borrowed: int = 0
    above_tolerance: int = 0
    spreads: Counter[int] = field(default_factory=Counter)
    worst: list[tuple[int, str]] = field(default_factory=list)
    uses: Counter[str] = field(default_factory=Counter)
    school_uses: Counter[str] = field(default_factory=Counter)
    neighbours: Counter[int] = field(default_factory=Counter)
    near_schools: Counter[int] = field(default_factory=Counter)
    far_schools: Counter[int] = field(default_factory=Counter)
    _last: tuple[int | None, frozenset[str]] | None = None
    _last_of_block: dict[int | None, frozenset[str]] = field(default_factory=dict)

    def add(self, made: SchoolSet) -> None:
        """One more school."""
        self.first = self.first or made
        self.schools += 1
        self.variants += len(made.variants)
        self.borrowed += made.borrowed
        block = self.blocks.setdefault(made.block, BlockTally())
        block.schools += 1
        for expected in made.expected:
            block.add(expected)
        self._add_spread(made)
        self._add_items(made, block)
        self.neighbours.update(count_shared(one, other) for one, other in _pair_neighbours(made))

    @property
    def shared_by_blocks(self) -> int:
        """How many items schools of more than one block of zones received."""
        found: Counter[str] = Counter()
        for block in self.blocks.values():
            found.update(block.items)
        return sum(count > 1 for count in found.values())

    def _add_spread(self, made: SchoolSet) -> None:
        if not made.expected:
            return
        spread = max(made.expected) - min(made.expected)
        self.spreads[spread // STEP] += 1
        self.above_tolerance += spread > round(self.plan.blueprint.tolerance * 1000)
        heapq.heappush(self.worst, (spread, made.school.id))
        if len(self.worst) > WORST_SHOWN:
            heapq.heappop(self.worst)

    def _add_items(self, made: SchoolSet, block: BlockTally) -> None:
        for variant in made.variants:
            self.uses.update(variant.items)
        items = frozenset(item for variant in made.variants for item in variant.items)
        self.school_uses.update(items)
        block.items |= items
        if self._last is not None and self._last[0] == made.block:
            self.near_schools[_share(items, self._last[1])] += 1
        for other, held in self._last_of_block.items():
            if other != made.block:
                self.far_schools[_share(items, held)] += 1
        self._last = (made.block, items)
        self._last_of_block[made.block] = items


def _pair_neighbours(made: SchoolSet) -> list[tuple[Variant, Variant]]:
    return list(pairwise(made.variants))


def _share(items: frozenset[str], others: frozenset[str]) -> int:
    """Per cent of the smaller set that is in the other, in steps; 0 only where nothing is shared."""
    smaller = min(len(items), len(others))
    shared = len(items & others)
    return 0 if not shared else max(-(-100 * shared // (smaller * SHARE_STEP)), 1)
