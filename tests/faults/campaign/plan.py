"""Which fault comes when: takes a number, gives its seed and its kind. Pure."""
from __future__ import annotations

import random

# Out of a thousand.
WEIGHTS = {
    "agent_killed": 200, "page_killed": 80, "both_killed": 100, "power_cut": 180, "power_cut_twice": 30,
    "disk_full": 45, "disk_read_only": 35, "clock_jump": 60,
    "link_loss": 40, "link_delay": 35, "link_cut": 35, "link_half_open": 35, "link_flapping": 35,
    "journal_lost": 20, "machine_reset": 20, "moved": 30, "server_killed": 12, "server_process_killed": 12,
    "no_server_all_work": 15,
}
SEED = 20_261_123


def draw_kind(number: int) -> tuple[int, str]:
    """The seed of a fault and its kind, the same in every run."""
    seed = SEED + number
    return seed, random.Random(f"kind {seed}").choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
