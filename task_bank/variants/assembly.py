"""Assembly of a school's variants, pure and seeded: the same arguments always give the same variants.

A variant is known by assessment, school and its five-digit number. Numbers of a school rise in the order of its list,
and variants next to each other in that order differ everywhere the bank allows: who hands them out by number to
neighbours in a room needs to know nothing else.
"""
from collections.abc import Sequence
from dataclasses import dataclass

from task_bank.assessments import Assessment
from task_bank.assessments.blueprint import THOUSANDTHS, read_blueprint
from task_bank.variants.balancing import balance, sum_rows
from task_bank.variants.bank import build_bank
from task_bank.variants.chance import Chance
from task_bank.variants.dealing import ExclusionsTooTight, Table, deal
from task_bank.variants.portions import Plan, guess_ordinal, plan_portions
from task_bank.variants.zones import find_block

Levels = tuple[tuple[int, ...], ...]
FIRST_NUMBER, LAST_NUMBER = 10_000, 99_999
MOST_DEALS = 4


class TooManyVariants(ValueError):
    """There are not as many five-digit numbers as variants asked for."""


@dataclass(frozen=True)
class School:
    """Who receives variants: `id`, IANA `zone` (None: not known, the whole bank is drawn from), `ordinal` in the
    campaign (None: guessed from the id, then an item's exposure is kept in the long run only)."""

    id: str
    zone: str | None = None
    ordinal: int | None = None


@dataclass(frozen=True)
class Variant:
    """`number` is five digits; `items` are item identifiers in position order."""

    number: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class SchoolSet:
    """A school's variants. `expected`: points each should bring, in thousandths; `borrowed`: how many places hold an
    item from outside the school's portion, because exclusions left none inside; `block`: of zones."""

    school: School
    block: int | None
    variants: tuple[Variant, ...]
    expected: tuple[int, ...]
    borrowed: int


def assemble(assessment: Assessment, school: str, count: int, seed: int, least_pool: int = 1, zone: str | None = None,
             ordinal: int | None = None, campaign_seed: object = None, schools: int | None = None) -> list[Variant]:
    """Make `count` variants of an assessment for one school.

    `campaign_seed` decides which items which school may receive: the same for all schools of a campaign (else those
    of far zones share items); `seed` may be the school's own. `schools`: how many there are, for a limit in schools.
    Raises BankTooSmall, UnequalPools, TooManyVariants, ExclusionsTooTight, UnknownZone, UnknownNumberOfSchools,
    BrokenAssessment.
    """
    shared = seed if campaign_seed is None else campaign_seed
    plan = plan_assembly(assessment, shared, least_pool, schools)
    return list(assemble_school(plan, School(school, zone, ordinal), count, seed).variants)


def plan_assembly(assessment: Assessment, campaign_seed: object, least_pool: int = 1, schools: int | None = None
                  ) -> Plan:
    """What all schools of a campaign draw from; made once. Raises as assemble."""
    blueprint = read_blueprint(assessment)
    return plan_portions(build_bank(assessment, blueprint), blueprint, campaign_seed, least_pool, schools)


def assemble_school(plan: Plan, school: School, count: int, seed: object) -> SchoolSet:
    """The variants of one school. Raises TooManyVariants, ExclusionsTooTight, UnknownZone."""
    most = LAST_NUMBER - FIRST_NUMBER + 1
    if not 0 <= count <= most:
        raise TooManyVariants(f"{count} variants asked for, five digits number at most {most}")
    chance = Chance("assemble", plan.bank.name, school.id, seed)
    numbers = chance.pick_numbers(FIRST_NUMBER, LAST_NUMBER, count)
    block = None if school.zone is None else find_block(school.zone, plan.blueprint.zone_starts_h)
    try:
        table = _fill_table(plan, _reach(plan, school, block), count, chance)
    except ExclusionsTooTight as error:
        raise ExclusionsTooTight(f"{school.id}: {error}") from error
    variants = tuple(Variant(str(number), plan.bank.name_items(row))
                     for number, row in zip(numbers, table.rows, strict=True))
    borrowed = sum(option not in levels[0] for row in table.rows
                   for levels, option in zip(table.reach, row, strict=True))
    return SchoolSet(school, block, variants, tuple(sum_rows(table)), borrowed)


def _fill_table(plan: Plan, reach: Sequence[Levels], count: int, chance: Chance) -> Table:
    """The first table whose rows differ and are within the tolerance, else the best of several."""
    tolerance = round(plan.blueprint.tolerance * THOUSANDTHS)
    tables: list[tuple[tuple[int, int], Table]] = []
    for _ in range(MOST_DEALS):
        table = Table(plan.bank, reach)
        deal(table, count, chance)
        twins, spread = left = balance(table, tolerance)
        tables.append((left, table))
        if not twins and spread <= tolerance:
            break
    return min(tables, key=lambda pair: pair[0])[1]


def _reach(plan: Plan, school: School, block: int | None) -> list[Levels]:
    """By slot: the school's portion, the part of its zones, the whole pool."""
    ordinal = guess_ordinal(school.id) if school.ordinal is None else school.ordinal
    reach: list[Levels] = []
    for shelves in plan.shelves:
        shelf = shelves.of_block(block)
        reach.append((shelf.take(ordinal), shelf.options, shelves.whole.options))
    return reach
