"""Variants of an assessment for a school: assembled, compared and rendered for delivery."""
from task_bank.variants.assembly import (
    Comparison,
    PoolTooSmall,
    TooManyVariants,
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
    "Variant",
    "assemble",
    "compare",
    "deliver",
]
