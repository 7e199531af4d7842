"""Places of a work, of the sections of a test: takes a section, gives slots, each with the items that may fill it.

QTI selects and shuffles for each candidate; here every variant takes one item of each pool, so what a section says
becomes pools: `select 2 of 6` is two pools of three, `select 1` of sections is pools that are dealt together, and a
shuffled order is a ring of pools dealt together. Each result is one the test allows.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from task_bank.items.findings import Finding, warning
from task_bank.items.xml import find_children
from task_bank.packages.test_file import ItemReference, Place, Section


@dataclass(frozen=True)
class Slot:
    """One position to be. `pool`: item identifiers; `time_s`: its limit; `together`: see Position."""

    pool: tuple[str, ...]
    place: Place
    time_s: int | None = None
    together: str | None = None


Slots = list[Slot]
Warn = Callable[[Finding], object]


def place_section(
    section: Section, pool_of: Callable[[ItemReference], Sequence[str]], alike: Callable[[Slots], bool], warn: Warn
) -> Slots:
    """Slots of a section. `pool_of` gives the items behind a reference, `alike` says whether slots may change places.

    Raises PackageError naming the section when its selection cannot be kept.
    """
    strands = [_place_child(child, pool_of, alike, warn) for child in section.children]
    chosen = section.select
    if chosen is None or chosen == len(strands):
        slots = _place_all(section, strands, alike, warn)
    elif chosen > len(strands) or chosen < 0:
        raise section.place.refuse(f"selects {chosen} of {len(strands)}")
    else:
        slots = _select(section, strands, chosen)
        if section.shuffle and chosen > 1:
            warn(warning(section.place.file, "the order of what is selected is not shuffled", section.place.node))
    return _bound(section, slots)


def read_seconds(place: Place) -> int | None:
    """The greatest time of an element, in whole seconds. Raises PackageError."""
    for limits in find_children(place.node, "qti-time-limits"):
        written = limits.get("max-time")
        if written is not None:
            return _read_seconds(Place(place.file, limits), written)
    return None


def _read_seconds(place: Place, written: str) -> int:
    try:
        seconds = float(written)
    except ValueError as error:
        raise place.refuse(f"max-time is {written!r}, not a number") from error
    if not 1 <= seconds < 1_000_000:
        raise place.refuse(f"max-time is {written!r}, not a sensible number of seconds")
    return round(seconds)


def _place_child(
    child: Section | ItemReference, pool_of: Callable[[ItemReference], Sequence[str]],
    alike: Callable[[Slots], bool], warn: Warn,
) -> Slots:
    if isinstance(child, Section):
        return place_section(child, pool_of, alike, warn)
    return [Slot(tuple(pool_of(child)), child.place, read_seconds(child.place))]


def _place_all(section: Section, strands: list[Slots], alike: Callable[[Slots], bool], warn: Warn) -> Slots:
    moving = [place for place, child in enumerate(section.children) if not child.fixed]
    if section.shuffle and len(moving) > 1:
        ring = [strands[place][0] for place in moving if len(strands[place]) == 1]
        plain = all(len(slot.pool) == 1 and slot.together is None for slot in ring)
        if len(ring) == len(moving) and plain and alike(ring):
            for place, slot in zip(moving, _turn(section, ring), strict=True):
                strands[place] = [slot]
        else:
            warn(warning(section.place.file, "the order is not shuffled: what stands here is not alike",
                         section.place.node))
    return [slot for strand in strands for slot in strand]


def _turn(section: Section, ring: Slots) -> Slots:
    items = [slot.pool[0] for slot in ring]
    return [
        replace(slot, pool=tuple(items[place:] + items[:place]), together=f"order of {section.identifier}")
        for place, slot in enumerate(ring)
    ]


def _select(section: Section, strands: list[Slots], chosen: int) -> Slots:
    """`chosen` of the strands: what is required by itself, the others shared out among the rest."""
    sure = {place for place, child in enumerate(section.children) if child.required}
    free = [place for place in range(len(strands)) if place not in sure]
    shares = chosen - len(sure)
    if shares < 0 or (shares == 0 and free and not sure):
        raise section.place.refuse(f"selects {chosen}, and {len(sure)} are required")
    groups = [[place] for place in sure] + [free[share::shares] for share in range(shares)]
    slots = []
    for number, group in enumerate(sorted(groups), 1):
        slots += list(_merge(section, [strands[place] for place in group], number))
    return slots


def _merge(section: Section, strands: list[Slots], number: int) -> Iterator[Slot]:
    """Strands of which a candidate gets one: slot by slot their pools become one, dealt together when several."""
    if len(strands) == 1:
        yield from strands[0]
        return
    lengths = {len(strand) for strand in strands}
    if len(lengths) != 1:
        raise section.place.refuse("selects among sections of different length")
    several = lengths != {1}
    for slots in zip(*strands, strict=True):
        if any(slot.together for slot in slots) or (several and len({len(slot.pool) for slot in slots}) != 1):
            raise section.place.refuse("selects among sections that select or shuffle themselves")
        if len({slot.time_s for slot in slots}) != 1:
            raise section.place.refuse("selects among items with different times")
        pool = tuple(name for slot in slots for name in slot.pool)
        together = f"{section.identifier}-{number}" if several else None
        yield replace(slots[0], pool=pool, together=together, place=section.place)


def _bound(section: Section, slots: Slots) -> Slots:
    seconds = read_seconds(section.place)
    if seconds is None:
        return slots
    if len(slots) != 1:
        raise section.place.refuse("a time for several tasks together is supported for a test part only")
    return [replace(slots[0], time_s=seconds)]
