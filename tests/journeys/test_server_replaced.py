"""The server is switched off after the start and is another one at the end: the whole work is done meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from testing_server.rehearsal.processes import Server, Teller
from tests.journeys.conftest import World
from tests.journeys.organizers import Organizer

pytestmark = [pytest.mark.browser, pytest.mark.microphone, pytest.mark.timeout(600)]
PACE, SEAT = 20, "31"
# Away is said after 5 s; then an announcement must be heard, a hello said, and everything delivered.
CATCH_UP_S = 30.0


@dataclass
class Replaced:
    """What was seen. `waiting`: events only this workstation had when the work was over; `caught_up_s`: from the new
    server's first answer to the last of them delivered."""

    code: str
    sitting: str
    folder: Path
    waiting: int
    caught_up_s: float


@pytest.fixture(scope="module")
def replaced(world: World, organizer: Organizer) -> Iterator[Replaced]:
    """One robot candidate; the server is away from the start to the finish and is another machine afterwards."""
    [code], old = world.take_codes(1), world.classroom
    sitting, folder = organizer.open_sitting("Английский язык", [code], PACE), world.folder / "left-alone"
    with ExitStack() as stack:
        robot = start_robot(world, folder, world.handed[code])
        stack.callback(robot.kill)
        organizer.pair(str(robot.wait_for("pairing", 60)["code"]), SEAT)
        robot.wait_for("paired", 60)
        robot.wait_for("ready", 120)
        organizer.start(sitting, code)
        robot.wait_for("started", 60)
        organizer.leave()
        old.stop()
        robot.wait_for("finished", 180)
        waiting = count_waiting(folder)
        world.classroom = move_server(world, old)
        began = time.monotonic()
        robot.wait_for("done", 120)
        yield Replaced(code, sitting, folder, waiting, time.monotonic() - began)


def start_robot(world: World, folder: Path, login: str) -> Teller:
    """A candidate who answers everything, hears once and says a few words."""
    command = [sys.executable, "-m", "kiosk_client.robot", "--server", f"https://127.0.0.1:{world.classroom.port}",
               "--data", str(folder), "--login", login, "--speech", str(world.voices["check"]), "--think", "1",
               "--speak-seconds", "3", "--plays", "1"]
    return Teller("left-alone", command, world.folder / "left-alone.log", lambda step: None)


def move_server(world: World, old: Server) -> Server:
    """The disk of the old server in another machine: all it knew, other ports, the old folder gone."""
    moved = world.folder / "classroom-moved"
    shutil.copytree(old.data, moved)
    server = Server("classroom", moved, old.log, host="127.0.0.1")
    server.wait_until_healthy()
    return server


def count_waiting(folder: Path) -> int:
    """Events of the seat's own leases that no server has confirmed."""
    with closing(sqlite3.connect(f"file:{folder / 'journal.sqlite'}?mode=ro", uri=True)) as journal:
        [[waiting]] = journal.execute("SELECT count(*) FROM events JOIN leases USING (attempt, lease) "
                                      "WHERE number > acked").fetchall()
    return int(waiting)


def test_the_work_was_done_without_a_server(replaced: Replaced) -> None:
    assert replaced.waiting > 30


def test_everything_arrived_at_the_other_address(replaced: Replaced) -> None:
    assert count_waiting(replaced.folder) == 0
    assert replaced.caught_up_s < CATCH_UP_S


def test_the_organizer_sees_the_work_finished_and_heard(
        world: World, organizer: Organizer, replaced: Replaced) -> None:
    organizer.go_over_to(world.classroom.address)
    organizer.watch(replaced.sitting)
    card = organizer.seat(replaced.code)
    expect(card).to_contain_text("завершил")
    expect(card.get_by_text("слышно")).to_have_count(2)
    organizer.unlock_key(world.passphrase)
