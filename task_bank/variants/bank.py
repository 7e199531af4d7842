"""The bank as assembly sees it: takes an assessment and its blueprint, gives slots with options that may fill them.

A slot is a position, or several positions dealt together; an option is what stands there in one variant.
"""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from task_bank.assessments import Assessment, Position
from task_bank.assessments.blueprint import (
    Blueprint,
    expect_points,
    fits,
    list_exclusions,
    read_requirement,
)

Place = tuple[int, int]


class UnequalPools(ValueError):
    """Positions dealt together have pools of different sizes."""

    def __init__(self, position: int, has: int, others: int) -> None:
        super().__init__(f"position {position} has {has} items, those dealt together with it have {others}")
        self.position, self.has, self.others = position, has, others


@dataclass(frozen=True)
class Option:
    """`items` for the positions of its slot, in order; `expected`: points they should bring, in thousandths."""

    items: tuple[str, ...]
    expected: int


@dataclass(frozen=True)
class Slot:
    """`positions` by number; `codes` and `difficulties` they ask for; `unfit` items answer to something else."""

    positions: tuple[int, ...]
    codes: tuple[str, ...]
    difficulties: tuple[str, ...]
    options: tuple[Option, ...]
    unfit: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bank:
    """`sources`: for each position (slot, place in its options); `conflicts`: option → options it must not meet.

    A place is (slot, option), both by number.
    """

    name: str
    slots: tuple[Slot, ...]
    sources: tuple[Place, ...]
    conflicts: Mapping[Place, frozenset[Place]]

    @cached_property
    def weights(self) -> tuple[tuple[int, ...], ...]:
        """Expected points (thousandths) by slot and option."""
        return tuple(tuple(option.expected for option in slot.options) for slot in self.slots)

    def name_items(self, row: Iterable[int]) -> tuple[str, ...]:
        """Items in order of position of a row, an option for each slot."""
        chosen = [slot.options[option].items for slot, option in zip(self.slots, row, strict=True)]
        return tuple(chosen[slot][place] for slot, place in self.sources)


def build_bank(assessment: Assessment, blueprint: Blueprint) -> Bank:
    """Slots in order of their first position. Raises UnequalPools."""
    groups: dict[str, list[Position]] = {}
    for position in assessment.positions:
        groups.setdefault(position.together or f"position {position.number}", []).append(position)
    used = {item for position in assessment.positions for item in position.pool}
    exclusions = list_exclusions(blueprint, used)
    slots = tuple(_build_slot(assessment, blueprint, group, exclusions) for group in groups.values())
    places = {number: (index, place) for index, slot in enumerate(slots) for place, number in enumerate(slot.positions)}
    sources = tuple(places[position.number] for position in assessment.positions)
    return Bank(assessment.id, slots, sources, dict(_find_conflicts(slots, exclusions)))


def _build_slot(assessment: Assessment, blueprint: Blueprint, group: list[Position],
                exclusions: Mapping[str, frozenset[str]]) -> Slot:
    asked = [read_requirement(assessment, position) for position in group]
    for position in group:
        if len(position.pool) != len(group[0].pool):
            raise UnequalPools(position.number, len(position.pool), len(group[0].pool))
    options: dict[tuple[str, ...], int] = {}
    unfit: list[str] = []
    for items in zip(*(position.pool for position in group), strict=True):
        profiles = [blueprint.profile_of(item) for item in items]
        misfits = [item for item, profile, ask in zip(items, profiles, asked, strict=True) if not fits(profile, ask)]
        if misfits or _excludes_itself(items, exclusions):
            unfit += misfits or items
            continue
        options[items] = sum(map(expect_points, profiles, group))
    codes = tuple(dict.fromkeys(code for one in asked for code in one.codes))
    difficulties = tuple(dict.fromkeys(one.difficulty for one in asked))
    return Slot(tuple(position.number for position in group), codes, difficulties,
                tuple(Option(items, expected) for items, expected in options.items()), tuple(unfit))


def _excludes_itself(items: tuple[str, ...], exclusions: Mapping[str, frozenset[str]]) -> bool:
    return len(set(items)) < len(items) or any(exclusions[one] & set(items) for one in items)


def _find_conflicts(slots: tuple[Slot, ...], exclusions: Mapping[str, frozenset[str]]
                    ) -> Iterator[tuple[Place, frozenset[Place]]]:
    """Options of other slots that hold an excluded item, or the very same one."""
    homes: dict[str, list[Place]] = {}
    for index, slot in enumerate(slots):
        for place, option in enumerate(slot.options):
            for item in option.items:
                homes.setdefault(item, []).append((index, place))
    for index, slot in enumerate(slots):
        for place, option in enumerate(slot.options):
            avoided = {name for item in option.items for name in (item, *exclusions[item])}
            met = frozenset(home for name in avoided for home in homes.get(name, ()) if home[0] != index)
            if met:
                yield (index, place), met
