"""The report as one page: takes a tally, gives HTML that needs nothing else."""
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from task_bank.variants.portions import count_rounds
from task_bank.variants.reporting.plots import Plot, plot_columns, plot_ranges
from task_bank.variants.reporting.tally import SHARE_STEP, STEP, Tally
from task_bank.variants.reporting.words import REASONS_IN_ENGLISH, say_lack

MOST_VARIANTS_SHOWN = 60
MOST_STEPS = 36


def write_report(tally: Tally, title: Mapping[str, str], seed: int) -> str:
    """HTML of the comparison of all sets that were counted."""
    pages = Environment(loader=PackageLoader("task_bank.variants.reporting", "."), autoescape=select_autoescape())
    pages.filters["number"] = _say_number
    return pages.get_template("report.html").render(
        tally=tally, title=title, seed=seed, blocks=_name_blocks(tally), points=_plot_points(tally),
        spreads=_plot_spreads(tally), uses=_plot_uses(tally), neighbours=_plot_neighbours(tally),
        schools=_plot_schools(tally), lacks=[(say_lack(lack), str(lack), REASONS_IN_ENGLISH[lack.reason])
                                             for lack in tally.plan.wishes],
        worst=sorted(tally.worst, reverse=True), bank=_count_bank(tally), highest=_find_highest(tally),
        limit=_find_limit(tally))


def _say_number(value: float, digits: int = 2) -> str:
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")


def _name_blocks(tally: Tally) -> list[tuple[str, Any]]:
    starts = tally.plan.blueprint.zone_starts_h
    named = []
    for block, counted in sorted(tally.blocks.items(), key=lambda pair: -1 if pair[0] is None else pair[0]):
        name = "все" if block is None else f"UTC+{starts[block]:g} и восточнее" if block + 1 == len(starts) else (
            f"UTC+{starts[block]:g} … UTC+{starts[block + 1]:g}")
        named.append((name, counted))
    return named


def _plot_points(tally: Tally) -> Plot:
    """Of one school a column for each variant, of many how many variants are expected to bring how many points."""
    if tally.schools == 1 and tally.first is not None and len(tally.first.variants) <= MOST_VARIANTS_SHOWN:
        numbers = [variant.number for variant in tally.first.variants]
        return plot_columns(numbers, [[expected / 1000 for expected in tally.first.expected]])
    blocks = [block for _, block in _name_blocks(tally)]
    steps = sorted({step for block in blocks for step in block.steps})
    labels, groups = _group_steps(steps)
    series = [[100 * sum(block.steps[step] for step in group) / max(block.variants, 1) for group in groups]
              for block in blocks]
    return plot_columns(labels, series, " %")


def _group_steps(steps: Sequence[int]) -> tuple[list[str], list[range]]:
    """Tenths of a point joined so that there are not too many columns; labels are points."""
    if not steps:
        return [], []
    first, last = steps[0], steps[-1]
    size = -(-(last - first + 1) // MOST_STEPS)
    starts = range(first - first % size, last + 1, size)
    return [_say_number(start * STEP / 1000, 1) for start in starts], [range(one, one + size) for one in starts]


def _plot_spreads(tally: Tally) -> Plot:
    labels, groups = _group_steps([0, *sorted(tally.spreads)])
    shares = [100 * sum(tally.spreads[step] for step in group) / max(tally.schools, 1) for group in groups]
    return plot_columns(labels, [shares], " %")


def _plot_uses(tally: Tally) -> Plot:
    """Share of schools (of one school: of variants) with an item, from the least to the most used of each position."""
    labels, ranges = [], []
    uses, total = (tally.school_uses, tally.schools) if tally.schools > 1 else (tally.uses, tally.variants)
    for slot in tally.plan.bank.slots:
        for place, number in enumerate(slot.positions):
            items = {option.items[place] for option in slot.options}
            shares = [100 * uses[item] / max(total, 1) for item in items]
            labels.append(str(number))
            ranges.append((min(shares), max(shares)))
    limit = _find_limit(tally)
    return plot_ranges(labels, ranges, " %", None if limit is None or tally.schools == 1 else 100 * limit)


def _plot_neighbours(tally: Tally) -> Plot:
    """Pairs next to each other in a school's list, by how many items they share."""
    most, total = len(tally.plan.bank.sources), max(sum(tally.neighbours.values()), 1)
    return plot_columns([str(shared) for shared in range(most + 1)],
                        [[100 * tally.neighbours[shared] / total for shared in range(most + 1)]], " %")


def _plot_schools(tally: Tally) -> Plot:
    """Pairs of schools, near and far, by the share of items they have in common."""
    steps = 100 // SHARE_STEP
    labels = ["0", *(f"до {step * SHARE_STEP}" for step in range(1, steps + 1))]
    series = [[100 * counted[step] / max(sum(counted.values()), 1) for step in range(steps + 1)]
              for counted in (tally.near_schools, tally.far_schools)]
    return plot_columns(labels, series, " %")


def _count_bank(tally: Tally) -> int:
    return len({item for slot in tally.plan.bank.slots for option in slot.options for item in option.items})


def _find_highest(tally: Tally) -> tuple[str, float]:
    """The item that reached most schools, and their share."""
    if not tally.school_uses:
        return "", 0.0
    item = max(sorted(tally.school_uses), key=tally.school_uses.__getitem__)
    return item, tally.school_uses[item] / tally.schools


def _find_limit(tally: Tally) -> float | None:
    limit = tally.plan.blueprint.exposure
    if limit.school_share is None and limit.schools is None:
        return None
    return 1 / count_rounds(limit, tally.schools)
