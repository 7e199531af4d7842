"""Which options a school may draw from: takes a bank and its limits, gives a plan; of a plan, a school's portion.

Every slot's options are cut twice. Into *parts*, one for each block of time zones, so that who writes in the morning
in the east cannot tell anything to the west. And each part, round after round, into *portions*: the schools of one
round share nothing, and an option is in one portion of a round at most – so an item is in one school of `per_round`,
however many schools there are and in whatever process they are assembled.
"""
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from task_bank.assessments.blueprint import Blueprint, ExposureLimit
from task_bank.variants.bank import Bank, Slot
from task_bank.variants.chance import Chance

# Neighbours need two; four leave a choice, so that a school's variants do not repeat in a pattern.
ENOUGH_TO_DIFFER, ENOUGH_TO_VARY = 2, 4


@dataclass(frozen=True)
class Lack:
    """A slot has `has` fitting options and needs `needs`; `reason` is school, neighbours, exposure or zones."""

    positions: tuple[int, ...]
    codes: tuple[str, ...]
    difficulties: tuple[str, ...]
    has: int
    needs: int
    reason: str
    unfit: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """How many items the slot lacks (in each of its positions)."""
        return self.needs - self.has

    def __str__(self) -> str:
        word = "position" if len(self.positions) == 1 else "positions"
        asked = [f"codifier {', '.join(self.codes)}"] if self.codes else []
        asked.append(f"difficulty {', '.join(self.difficulties)}")
        if self.unfit:
            asked.append(f"not of it: {', '.join(self.unfit)}")
        verbs = ("has", "needs") if len(self.positions) == 1 else ("have", "need")
        return (f"{word} {', '.join(map(str, self.positions))} {verbs[0]} {self.has} items and {verbs[1]} "
                f"{self.needs}: {self.missing} missing ({'; '.join(asked)})")


class BankTooSmall(ValueError):
    """Some positions have fewer items than every school needs: all of them in `lacks`."""

    def __init__(self, lacks: Sequence[Lack]) -> None:
        super().__init__("; ".join(map(str, lacks)))
        self.lacks = tuple(lacks)


class UnknownNumberOfSchools(ValueError):
    """A limit in schools needs to know how many schools there are."""


@dataclass(frozen=True)
class Shelf:
    """Options (by number, easiest to get points first) cut into `per_round` portions of `size`."""

    name: str
    options: tuple[int, ...]
    size: int
    per_round: int

    def take(self, ordinal: int) -> tuple[int, ...]:
        """The portion of the school with this ordinal."""
        round_, place = divmod(ordinal, self.per_round)
        return _cut_round(self, round_)[place]


@dataclass(frozen=True)
class SlotShelves:
    """`whole`: for a school whose zone is not known; `parts`: by part; `part_of_block`: block of zones → part."""

    whole: Shelf
    parts: tuple[Shelf, ...]
    part_of_block: tuple[int, ...]

    def of_block(self, block: int | None) -> Shelf:
        """The shelf of a block of zones."""
        return self.whole if block is None else self.parts[self.part_of_block[block]]


@dataclass(frozen=True)
class Plan:
    """What every school of a campaign draws from; `wishes`: what the bank is too small for, though it will do."""

    bank: Bank
    blueprint: Blueprint
    shelves: tuple[SlotShelves, ...]
    wishes: tuple[Lack, ...]


def plan_portions(bank: Bank, blueprint: Blueprint, seed: object, least: int = 1, schools: int | None = None) -> Plan:
    """Cut a bank. `seed` must be the same for a whole campaign; `least`: options every school needs in each slot.

    Raises BankTooSmall (with every slot that is), UnknownNumberOfSchools.
    """
    least = max(least, blueprint.least)
    lacks = [_describe_lack(slot, least, "school") for slot in bank.slots if len(slot.options) < least]
    if lacks:
        raise BankTooSmall(lacks)
    rounds = _count_rounds_of_slots(bank, count_rounds(blueprint.exposure, schools))
    kept = [_keep_apart(slot, least, wanted) for slot, wanted in zip(bank.slots, rounds, strict=True)]
    wishes = [_describe_lack(slot, ENOUGH_TO_DIFFER, "neighbours")
              for slot in bank.slots if len(slot.options) < ENOUGH_TO_DIFFER]
    wishes += [_describe_lack(slot, max(least, ENOUGH_TO_DIFFER) * wanted, "exposure")
               for slot, wanted, rounds_ in zip(bank.slots, rounds, kept, strict=True) if rounds_ < wanted]
    parts = _count_parts(bank, blueprint, seed, least, kept)
    blocks = len(blueprint.zone_starts_h)
    wishes += [_describe_lack(slot, _need_of_part(least, rounds_) * blocks, "zones")
               for slot, rounds_, count in zip(bank.slots, kept, parts, strict=True) if count < blocks]
    shelves = _fill_shelves(bank, seed, kept, parts, len(blueprint.zone_starts_h), max(blueprint.per_school, least))
    return Plan(bank, blueprint, shelves, tuple(wishes))


def count_rounds(limit: ExposureLimit, schools: int | None) -> int:
    """Schools among which an item may be in one only. Raises UnknownNumberOfSchools."""
    found = 1
    if limit.school_share is not None:
        found = int((1 / Decimal(str(limit.school_share))).to_integral_value(ROUND_CEILING))
    if limit.schools is not None:
        total = schools or limit.of_schools
        if total is None:
            raise UnknownNumberOfSchools(f"at most {limit.schools} schools an item: say how many schools there are")
        found = max(found, -(-total // limit.schools))
    return found


def _describe_lack(slot: Slot, needs: int, reason: str) -> Lack:
    return Lack(slot.positions, slot.codes, slot.difficulties, len(slot.options), needs, reason, slot.unfit)


def _count_rounds_of_slots(bank: Bank, rounds: int) -> list[int]:
    """By slot; an item that stands in two slots may reach a school through either."""
    if rounds == 1:
        return [1] * len(bank.slots)
    homes: dict[str, int] = {}
    for slot in bank.slots:
        for item in {item for option in slot.options for item in option.items}:
            homes[item] = homes.get(item, 0) + 1
    return [rounds * max((homes[item] for option in slot.options for item in option.items), default=1)
            for slot in bank.slots]


def _keep_apart(slot: Slot, least: int, wanted: int) -> int:
    """How many schools of a round can be kept apart."""
    return max(min(wanted, len(slot.options) // max(least, ENOUGH_TO_DIFFER)), 1)


def _need_of_part(least: int, rounds: int) -> int:
    return max(least, ENOUGH_TO_VARY) * rounds


def _count_parts(bank: Bank, blueprint: Blueprint, seed: object, least: int, rounds: Sequence[int]) -> list[int]:
    """Parts of each slot; slots that share an item are cut into equally many."""
    blocks = len(blueprint.zone_starts_h)
    parts = [max(min(blocks, len(slot.options) // _need_of_part(least, rounds_)), 1)
             for slot, rounds_ in zip(bank.slots, rounds, strict=True)]
    for family in _find_families(bank):
        together = min(parts[index] for index in family)
        while together > 1 and not _is_roomy(_house(bank, family, together, seed), least, rounds):
            together -= 1
        for index in family:
            parts[index] = together
    return parts


def _is_roomy(homes: dict[int, list[list[int]]], least: int, rounds: Sequence[int]) -> bool:
    return bool(homes) and all(
        len(part) >= _need_of_part(least, rounds[index]) for index, cut in homes.items() for part in cut)


def _find_families(bank: Bank) -> list[tuple[int, ...]]:
    """Slots that share an item, directly or through others; a slot that shares none is a family of its own."""
    families: list[set[int]] = []
    holdings: list[set[str]] = []
    for index, slot in enumerate(bank.slots):
        items = {item for option in slot.options for item in option.items}
        members = {index}
        for place in reversed(range(len(families))):
            if holdings[place] & items:
                members |= families.pop(place)
                items |= holdings.pop(place)
        families.append(members)
        holdings.append(items)
    return [tuple(sorted(family)) for family in families]


def _house(bank: Bank, family: Sequence[int], parts: int, seed: object) -> dict[int, list[list[int]]]:
    """Slot → part → options, alike in expected points; an item has one part in all slots of the family.

    {} where an option joins items that already have different parts.
    """
    homes: dict[str, int] = {}
    housed: dict[int, list[list[int]]] = {}
    for index in family:
        cut: list[list[int]] = [[] for _ in range(parts)]
        options = _sort_options(bank, index, Chance("parts", bank.name, seed, index))
        items_of = [option.items for option in bank.slots[index].options]
        # What has a home already goes first; the rest evens out the sizes.
        for option in sorted(options, key=lambda one: homes.keys().isdisjoint(items_of[one])):
            known = {homes[item] for item in items_of[option] if item in homes} or {_find_smallest(cut)}
            if len(known) > 1:
                return {}
            part = known.pop()
            homes.update(dict.fromkeys(items_of[option], part))
            cut[part].append(option)
        housed[index] = cut
    return housed


def _find_smallest(cut: Sequence[Sequence[int]]) -> int:
    """The part with fewest options; there and back like a plough, so that none gets the better one of every pair."""
    order = range(len(cut)) if min(map(len, cut)) % 2 == 0 else reversed(range(len(cut)))
    return min(order, key=lambda part: len(cut[part]))


def _sort_options(bank: Bank, slot: int, chance: Chance) -> list[int]:
    weights = bank.weights[slot]
    return sorted(chance.shuffle(range(len(weights))), key=lambda option: -weights[option])


def _fill_shelves(bank: Bank, seed: object, rounds: Sequence[int], parts: Sequence[int], blocks: int, most: int
                  ) -> tuple[SlotShelves, ...]:
    housed: dict[int, list[list[int]]] = {}
    for family in _find_families(bank):
        housed |= _house(bank, family, parts[family[0]], seed)
    shelves = []
    for index in range(len(bank.slots)):
        name = f"{bank.name}/{seed}/{index}"
        everything = _sort_options(bank, index, Chance("whole", name))
        whole = _make_shelf(f"{name}/whole", everything, rounds[index], most)
        cut = tuple(_make_shelf(f"{name}/{part}", options, rounds[index], most)
                    for part, options in enumerate(housed[index]))
        shelves.append(SlotShelves(whole, cut, tuple(block * len(cut) // blocks for block in range(blocks))))
    return tuple(shelves)


def _make_shelf(name: str, options: Sequence[int], rounds: int, most: int) -> Shelf:
    size = max(min(len(options) // rounds, most), 1)
    return Shelf(name, tuple(options), size, max(len(options) // size, 1))


@lru_cache(maxsize=4096)
def _cut_round(shelf: Shelf, round_: int) -> tuple[tuple[int, ...], ...]:
    """The portions of a round: each takes one option of every stratum, so that schools are alike in difficulty."""
    chance = Chance("round", shelf.name, round_)
    spare = len(shelf.options) - shelf.size * shelf.per_round
    left_out = set(chance.shuffle(shelf.options)[:spare])
    kept = [option for option in shelf.options if option not in left_out]
    strata = [chance.shuffle(kept[start:start + shelf.per_round]) for start in range(0, len(kept), shelf.per_round)]
    return tuple(tuple(stratum[place] for stratum in strata) for place in range(shelf.per_round))


def guess_ordinal(school: str) -> int:
    """An ordinal for a school whose place in the campaign is not known: even in the long run, not exactly."""
    return int.from_bytes(hashlib.sha256(school.encode()).digest()[:4])
