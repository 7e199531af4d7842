"""Variants of an assessment for a school: assembled by blueprint, compared, rendered for delivery and proven."""
from task_bank.variants.assembly import (
    School,
    SchoolSet,
    TooManyVariants,
    Variant,
    assemble,
    assemble_school,
    plan_assembly,
)
from task_bank.variants.bank import UnequalPools
from task_bank.variants.campaign import assemble_campaign, assemble_planned
from task_bank.variants.comparison import Comparison, compare
from task_bank.variants.dealing import ExclusionsTooTight
from task_bank.variants.delivery import Delivery, deliver
from task_bank.variants.portions import BankTooSmall, Lack, UnknownNumberOfSchools
from task_bank.variants.proof import Prover, UnprovenVariant, prove_delivery
from task_bank.variants.zones import UnknownZone

__all__ = [
    "BankTooSmall",
    "Comparison",
    "Delivery",
    "ExclusionsTooTight",
    "Lack",
    "Prover",
    "School",
    "SchoolSet",
    "TooManyVariants",
    "UnequalPools",
    "UnknownNumberOfSchools",
    "UnknownZone",
    "UnprovenVariant",
    "Variant",
    "assemble",
    "assemble_campaign",
    "assemble_planned",
    "assemble_school",
    "compare",
    "deliver",
    "plan_assembly",
    "prove_delivery",
]
