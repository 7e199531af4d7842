"""How much a figure may be trusted by how many answers it rests on. Pure; the limits are data.

Source of the limits: recommendations on reading results of national assessments (domain facts, section 13): 50 and more
are informative, 20 a rough minimum, below that a figure is limited, and a group of fewer than 10 is not described.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Trust(StrEnum):
    """What may be said of a figure."""

    NONE = "none"
    LIMITED = "limited"
    ROUGH = "rough"
    FULL = "full"


# from so many answers on; the largest first
LIMITS: Sequence[tuple[int, Trust]] = ((50, Trust.FULL), (20, Trust.ROUGH), (10, Trust.LIMITED))


def judge_number(number: int) -> Trust:
    """What a figure of so many answers may be trusted with."""
    return next((trust for least, trust in LIMITS if number >= least), Trust.NONE)
