"""Dealing: fills the rows of a school's table one after another, evenly, so that rows near each other differ."""
from collections.abc import Sequence
from dataclasses import dataclass, field

from task_bank.variants.bank import Bank, Place
from task_bank.variants.chance import Chance

# Steps of the search for one row; exclusions that are not met within them are too tight to be meant.
MOST_STEPS = 5_000
NEXT_ROW, ROW_AFTER, CLOSING, OUTSIDE = 4, 2, 1, 8


class ExclusionsTooTight(ValueError):
    """Items of the bank exclude each other so that no variant can be made."""


@dataclass
class Table:
    """`rows`: an option for each slot; `reach`: by slot, options from the nearest (the school's portion) outwards."""

    bank: Bank
    reach: Sequence[Sequence[Sequence[int]]]
    rows: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.windows = [choose_window(len(levels[0])) for levels in self.reach]

    def avoid(self, slot: int, row: int, count: int) -> dict[int, int]:
        """Options that stand near this row in this slot → how bad it would be to have them here too.

        Rows are looked at as they stand; `count` tells where the list closes to a ring.
        """
        found: dict[int, int] = {}
        window, rows = self.windows[slot], self.rows
        if window > 1:
            for near in (row - 2, row + 2):
                if 0 <= near < len(rows):
                    found[rows[near][slot]] = ROW_AFTER
        if row in (0, count - 1) and count > 2 and len(self.reach[slot][0]) > 2:
            far = count - 1 - row
            if far < len(rows):
                found[rows[far][slot]] = CLOSING
        if window:
            for near in (row - 1, row + 1):
                if 0 <= near < len(rows):
                    found[rows[near][slot]] = NEXT_ROW
        return found

    def clashes(self, place: Place, chosen: Sequence[int]) -> bool:
        """Whether an option meets one it must not stand with; -1 in `chosen` is still empty."""
        return any(chosen[slot] == option for slot, option in self.bank.conflicts.get(place, ()))


def choose_window(size: int) -> int:
    """How many rows apart two rows still differ, for a portion of this size.

    Three options over two rows, or two over one, leave no choice but a fixed turn; so four are needed for two.
    """
    return 0 if size < 2 else 1 if size < 4 else 2


def deal(table: Table, count: int, chance: Chance) -> None:
    """Fill `count` rows. Raises ExclusionsTooTight."""
    dealer = _Dealer(table, count, chance)
    for _ in range(count):
        dealer.add_row()


class _Dealer:
    """Most evenly used first; among those, chance."""

    def __init__(self, table: Table, count: int, chance: Chance) -> None:
        self.table, self.count, self.chance = table, count, chance
        self.uses = [dict.fromkeys(levels[-1], 0) for levels in table.reach]
        conflicts: dict[int, int] = {}
        for slot, _ in table.bank.conflicts:
            conflicts[slot] = conflicts.get(slot, 0) + 1
        # The slots that exclude most come first: what is left for the others is then known early.
        self.order = sorted(range(len(table.reach)), key=lambda slot: (-conflicts.get(slot, 0), slot))

    def add_row(self) -> None:
        """One row: from the portion, else from the part of the zones, else from the whole pool."""
        for level in range(len(self.table.reach[0])):
            chosen = [-1] * len(self.order)
            self.steps = 0
            if self._fill(0, chosen, level):
                break
        else:
            raise ExclusionsTooTight("items exclude each other so that no variant can be made of this bank")
        self.table.rows.append(chosen)
        for slot, option in enumerate(chosen):
            self.uses[slot][option] += 1

    def _fill(self, turn: int, chosen: list[int], level: int) -> bool:
        if turn == len(self.order):
            return True
        slot = self.order[turn]
        for option in self._rank(slot, level):
            self.steps += 1
            if self.steps > MOST_STEPS:
                return False
            if self.table.clashes((slot, option), chosen):
                continue
            chosen[slot] = option
            if self._fill(turn + 1, chosen, level):
                return True
            chosen[slot] = -1
        return False

    def _rank(self, slot: int, level: int) -> list[int]:
        """Options of a slot, best first."""
        rows, uses, draw = self.table.rows, self.uses[slot], self.chance.draw
        portion, options = self.table.reach[slot][0], self.table.reach[slot][level]
        bad = self.table.avoid(slot, len(rows), self.count)
        if level:
            inside = set(portion)
            bad = {option: bad.get(option, 0) + (0 if option in inside else OUTSIDE) for option in options}
        # In the last round the option of the first row goes early, or it would close the ring onto itself.
        last_round = len(rows) >= (self.count - 1) // len(portion) * len(portion)
        first = rows[0][slot] if rows and last_round else -1
        keys = {option: (bad.get(option, 0), uses[option], option != first, draw()) for option in options}
        return sorted(options, key=keys.__getitem__)
