"""Every kind of fault by its name: what it does to a seat. Takes the seat, the outcome and chance; what is found is in
the outcome."""
from __future__ import annotations

import random
from collections.abc import Callable

from tests.faults.campaign import killing, links, machines, places, servers
from tests.faults.campaign.outcome import Outcome
from tests.faults.campaign.seat import SeatRun

Fault = Callable[[SeatRun, Outcome, random.Random], None]

FAULTS: dict[str, Fault] = {
    "agent_killed": killing.kill_agent, "page_killed": killing.kill_page, "both_killed": killing.kill_both,
    "power_cut": killing.cut_power, "power_cut_twice": killing.cut_power_twice,
    "disk_full": machines.fill_disk, "disk_read_only": machines.make_read_only, "clock_jump": machines.jump_clock,
    "link_loss": links.lose, "link_delay": links.delay, "link_cut": links.cut, "link_half_open": links.fall_silent,
    "link_flapping": links.flap, "journal_lost": places.lose_journal, "machine_reset": places.reset_machine,
    "moved": places.move, "server_killed": servers.kill_server, "server_process_killed": servers.kill_process,
    "no_server_all_work": servers.work_without,
}
FELT_BY_ALL = frozenset({"server_killed", "server_process_killed"})
STARTING = frozenset({"agent_killed", "both_killed", "power_cut", "power_cut_twice", "machine_reset", "journal_lost",
                      "disk_read_only", "clock_jump"})
