"""Variants of an assessment for a school: assembled, compared and rendered for delivery."""
from task_bank.variants.assembly import (
    Comparison,
    PoolTooSmall,
    TooManyVariants,
    UnequalPools,
    Variant,
    assemble,
    compare,
)
from task_bank.variants.delivery import Delivery, deliver

__all__ = [
    "Comparison",
    "Delivery",
    "PoolTooSmall",
    "TooManyVariants",
    "UnequalPools",
    "Variant",
    "assemble",
    "compare",
    "deliver",
]
