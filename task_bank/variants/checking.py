"""Checking a package for the sake of its variants: takes a package, gives findings about its blueprint and proofs."""
from collections.abc import Iterator

from task_bank.assessments.assessment import BrokenAssessment
from task_bank.assessments.blueprint import Blueprint, read_blueprint
from task_bank.items import AssessmentPackage, PackageError
from task_bank.items.findings import Finding, error, refusal, warning
from task_bank.items.package import ASSESSMENT
from task_bank.variants.assembly import Variant
from task_bank.variants.bank import Bank, UnequalPools, build_bank
from task_bank.variants.dealing import ExclusionsTooTight
from task_bank.variants.delivery import deliver
from task_bank.variants.portions import BankTooSmall, UnknownNumberOfSchools, plan_portions
from task_bank.variants.proof import Prover

SEED = 1


def check_variants(package: AssessmentPackage) -> list[Finding]:
    """What is wrong with the blueprint, and with every item proven in one variant at least."""
    return [*_check_blueprint(package), *prove_items(package)]


def prove_items(package: AssessmentPackage) -> Iterator[Finding]:
    """Proofs of as many variants as the largest pool has items, so that every item stands in one."""
    positions, prover = package.assessment.positions, Prover(package)
    if not positions or not all(position.pool for position in positions):
        return
    told: set[tuple[str, str]] = set()
    for turn in range(max(len(position.pool) for position in positions)):
        items = tuple(position.pool[turn % len(position.pool)] for position in positions)
        try:
            found = prover.prove(deliver(package, Variant(f"{10_000 + turn}", items), SEED))
        except PackageError as problem:
            found = [refusal(problem)]
        for finding in found:
            # The same item may stand in several of these variants: what is wrong with it is said once.
            said = (finding.file, finding.message.partition(": ")[2])
            if said not in told:
                told.add(said)
                yield finding


def _check_blueprint(package: AssessmentPackage) -> Iterator[Finding]:
    try:
        blueprint = read_blueprint(package.assessment)
        bank = build_bank(package.assessment, blueprint)
    except (BrokenAssessment, UnequalPools) as problem:
        yield error(ASSESSMENT, str(problem))
        return
    yield from _check_profiles(package, blueprint, bank)
    try:
        plan = plan_portions(bank, blueprint, SEED)
    except (BankTooSmall, UnknownNumberOfSchools, ExclusionsTooTight) as problem:
        yield error(ASSESSMENT, str(problem))
        return
    # Zones are the default of every work; only an author who set limits wants to hear that they cannot be kept.
    # That neighbours need different items is already in the advice on parallel items.
    wished = package.assessment.data.get("blueprint", {})
    for lack in plan.wishes:
        if lack.reason == "exposure" or (lack.reason == "zones" and "zone_starts_h" in wished):
            yield warning(ASSESSMENT, f"{lack.reason} cannot be kept: {lack}")


def _check_profiles(package: AssessmentPackage, blueprint: Blueprint, bank: Bank) -> Iterator[Finding]:
    for item, profile in blueprint.items.items():
        if item not in package.items:
            yield error(ASSESSMENT, f"items: {item!r} is not in the manifest")
        for other in profile.excludes:
            if other not in package.items:
                yield error(ASSESSMENT, f"items: {item!r} excludes {other!r}, which is not in the manifest")
    for slot in bank.slots:
        for item in slot.unfit:
            yield error(ASSESSMENT, f"position {', '.join(map(str, slot.positions))}: item {item!r} is not of the "
                        "codifier or difficulty it asks for, or excludes an item dealt together with it")
