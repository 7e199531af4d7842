"""Which fault comes when: takes a number, gives its seed and its kind. Pure."""
from __future__ import annotations

import random

# Out of a thousand.
WEIGHTS = {
    "agent_killed": 220, "page_killed": 90, "both_killed": 110, "power_cut": 200,
}
SEED = 20_261_123


def draw_kind(number: int) -> tuple[int, str]:
    """The seed of a fault and its kind, the same in every run."""
    seed = SEED + number
    return seed, random.Random(f"kind {seed}").choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
