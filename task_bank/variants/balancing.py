"""Balancing: swaps options between rows of a table, so that no two rows are alike and all are equally hard.

A swap leaves the uses of every option as they are, never brings equal options next to each other and never brings
together what excludes each other.
"""
from collections.abc import Iterator

from task_bank.variants.dealing import ROW_AFTER, Table

MOST_SWAPS = 200


def balance(table: Table, tolerance: int) -> tuple[int, int]:
    """Part rows that are alike, then bring expected points (thousandths) of all rows within `tolerance`.

    Equal chances weigh more than a difference two rows away, never more than one between neighbours. Returns what
    is left in the end: rows that are like another, and how far apart the easiest and the hardest row are.
    """
    _part_twins(table)
    sums = sum_rows(table)
    for allowed in (0, ROW_AFTER):
        _level(table, sums, tolerance, allowed)
    twins = len(table.rows) - len(set(map(tuple, table.rows)))
    return twins, max(sums) - min(sums) if sums else 0


def sum_rows(table: Table) -> list[int]:
    """Expected points (thousandths) of each row."""
    weights = table.bank.weights
    return [sum(weights[slot][option] for slot, option in enumerate(row)) for row in table.rows]


def _part_twins(table: Table) -> None:
    for _ in range(MOST_SWAPS):
        twin = _find_twin(table)
        if twin is None or not any(_swap(table, slot, twin, other) for slot, other in _partners(table, twin)):
            return


def _find_twin(table: Table) -> int | None:
    """The first row that is like an earlier one."""
    seen: set[tuple[int, ...]] = set()
    for place, row in enumerate(table.rows):
        if tuple(row) in seen:
            return place
        seen.add(tuple(row))
    return None


def _partners(table: Table, row: int) -> Iterator[tuple[int, int]]:
    for slot in range(len(table.reach)):
        for other in range(len(table.rows)):
            if table.rows[other][slot] != table.rows[row][slot]:
                yield slot, other


def _level(table: Table, sums: list[int], tolerance: int, allowed: int) -> None:
    for _ in range(MOST_SWAPS):
        if not sums or max(sums) - min(sums) <= tolerance:
            return
        for _, slot, row, other, step in _list_gains(table, sums):
            if _swap(table, slot, row, other, allowed):
                sums[row] += step
                sums[other] -= step
                break
        else:
            return


def _list_gains(table: Table, sums: list[int]) -> list[tuple[int, int, int, int, int]]:
    """Swaps of the hardest and of the easiest row that bring two rows closer, the best first."""
    found = []
    for row in (sums.index(max(sums)), sums.index(min(sums))):
        for slot, weights in enumerate(table.bank.weights):
            own = weights[table.rows[row][slot]]
            for other, chosen in enumerate(table.rows):
                step = weights[chosen[slot]] - own
                gain = -step * (sums[row] - sums[other] + step)
                if gain > 0:
                    found.append((-gain, slot, row, other, step))
    return sorted(found)


def _swap(table: Table, slot: int, row: int, other: int, allowed: int = 0) -> bool:
    """Swap two rows in a slot, unless that breaks a rule; whether it was done."""
    rows = table.rows
    rows[row][slot], rows[other][slot] = rows[other][slot], rows[row][slot]
    if _is_sound(table, slot, row, allowed) and _is_sound(table, slot, other, allowed):
        return True
    rows[row][slot], rows[other][slot] = rows[other][slot], rows[row][slot]
    return False


def _is_sound(table: Table, slot: int, row: int, allowed: int) -> bool:
    chosen = table.rows[row]
    option = chosen[slot]
    if table.avoid(slot, row, len(table.rows)).get(option, 0) not in (0, allowed):
        return False
    if table.clashes((slot, option), chosen):
        return False
    return table.rows.count(chosen) == 1
