"""Random kills of server, core, files and agents while robots work; FAULTS=1000 makes a thousand of them.

The seed is printed; after every kill what was acknowledged is compared, at the end what the package holds.
"""
from __future__ import annotations

import os
import random
import time

import pytest

from tests.faults.candidate import Candidate, JournalView
from tests.faults.counting import TABLE, Row, count_kills
from tests.faults.evidence import list_lost_events, list_lost_sound, list_missing_in_package
from tests.faults.world import World

ROBOTS = 2
KINDS = ("agent", "core", "files", "agent", "server")
# The long form: kills of one sitting, so that candidates also reach the end of their work.
KILLS_OF_A_SITTING = 12
THINK_S, SPEAK_S = 90.0, 4.0


class Siege:
    """One sitting under fire."""

    def __init__(self, world: World, chance: random.Random, rows: dict[str, Row]) -> None:
        self.world, self.chance, self.rows = world, chance, rows
        codes = [world.take_code() for _ in range(ROBOTS)]
        self.sitting = world.open_sitting(codes)
        self.candidates = [world.make_candidate(code, think_s=THINK_S, speak_s=SPEAK_S) for code in codes]
        world.seat_all(self.sitting, self.candidates)
        world.start_work(self.sitting, *self.candidates)

    @property
    def is_over(self) -> bool:
        """Whether every robot has delivered everything."""
        return all(candidate.robot.find("done") for candidate in self.candidates)

    def strike(self, kind: str) -> None:
        """One kill at a random moment, and the return."""
        time.sleep(self.chance.uniform(0.2, 1.5))
        promised = {candidate: candidate.look() for candidate in self.candidates}
        began = time.monotonic()
        getattr(self, f"kill_{kind}")()
        self.count(kind, promised)
        self.wait_for_return()
        self.rows[kind].slowest_s = max(self.rows[kind].slowest_s, time.monotonic() - began)

    def kill_server(self) -> None:
        self.world.kill_classroom()
        self.world.restart_classroom()

    def kill_core(self) -> None:
        self._kill_process("core")

    def kill_files(self) -> None:
        self._kill_process("files")

    def _kill_process(self, name: str) -> None:
        killed = self.world.classroom.kill_process(name)
        self.candidates[0].wait_until(
            f"another {name}", lambda: self.world.classroom.read_pids().get(name, killed) != killed)
        self.world.classroom.wait_until_healthy()

    def kill_agent(self) -> None:
        candidate = self.chance.choice(self.candidates)
        candidate.kill()
        candidate.start()
        candidate.robot.wait_for("signed_in", 60)

    def count(self, kind: str, promised: dict[Candidate, JournalView]) -> None:
        """What had been acknowledged, and what of it is gone."""
        row = self.rows[kind]
        row.kills += 1
        for candidate, view in promised.items():
            lost = list_lost_events(view, self.world.room)
            lost += list_lost_sound(view, candidate.folder / "recordings", self.world.room)
            row.acknowledged += sum(view.acked.values())
            row.lost += len(lost)

    def wait_for_return(self) -> None:
        """Every seat's events of now are acknowledged."""
        for candidate in self.candidates:
            wanted = candidate.look().heads
            candidate.wait_until("events arrive", lambda: all(  # type: ignore[misc]
                candidate.look().acked.get(lease, 0) >= number for lease, number in wanted.items()), 60)

    def finish(self) -> None:
        """To the package: everything the journals hold must be in it."""
        for candidate in self.candidates:
            candidate.wait_done(300)
        self.world.organizer.close_sitting(self.sitting)
        receipt = self.world.organizer.send_package(self.sitting)["receipt"]
        for candidate in self.candidates:
            missing = list_missing_in_package(self.world.hub.data, receipt["package_id"], candidate.look())
            self.rows["package"].acknowledged += len(candidate.look().events)
            self.rows["package"].lost += len(missing)
            candidate.kill()


@pytest.mark.timeout(300 + 60 * count_kills())
def test_random_kills_lose_nothing(world: World) -> None:
    seed = int(os.environ.get("SEED") or time.time())
    print(f"seed {seed} (SEED={seed} repeats it)")
    chance, left = random.Random(seed), count_kills()
    rows = {kind: Row(kind) for kind in (*dict.fromkeys(KINDS), "package")}
    while left:
        siege = Siege(world, chance, rows)
        for _ in range(min(left, KILLS_OF_A_SITTING)):
            if not siege.is_over:
                siege.strike(chance.choice(KINDS))
                left -= 1
        siege.finish()
        print(f"{left} kills left, lost so far: {sum(row.lost for row in rows.values())}", flush=True)
    TABLE.extend(rows.values())
    assert sum(row.lost for row in rows.values()) == 0
