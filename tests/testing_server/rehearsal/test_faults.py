"""A fault is endured, or stuck, or was not tried; none of these is called by another's name."""
from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from testing_server.contracts.rehearsals import FaultKind
from testing_server.rehearsal.drill import faults
from testing_server.rehearsal.drill.cables import Cables, address_seat, can_have_cables
from testing_server.rehearsal.drill.disks import can_make_disks
from testing_server.rehearsal.drill.moved_clock import ServerClock
from testing_server.rehearsal.drill.seats import DrillSeat, Manner


class FakeSeat:
    """`lives`: (written, acknowledged) at each look, the last for ever."""

    disk = None

    def __init__(self, number: int, lives: list[tuple[int, int]]) -> None:
        self.number, self.name, self.attempt = number, str(number), f"a{number}"
        self.lives, self.is_over, self.acts = lives, False, list[str]()

    def read_heads(self) -> tuple[int, int]:
        return self.lives.pop(0) if len(self.lives) > 1 else self.lives[0]

    def mute(self) -> None:
        self.acts.append("mute")

    def order(self, **orders: Any) -> None:
        self.acts.append("ahead" if orders.get("clock_ms") else "right")

    def mend(self) -> None:
        self.acts.append("mend")

    def is_speaking(self) -> bool:
        return self.number == 2


class FakeStage:
    def __init__(self) -> None:
        self.acts: list[str] = []

    def move_clock(self) -> None:
        self.acts.append("moved")

    def mend_clock(self) -> None:
        self.acts.append("mended")


class FakeHall:
    room_disk = None
    fault_s = 0.02

    def __init__(self, seats: list[FakeSeat], troubles: list[set[tuple[str, str]]] | None = None) -> None:
        self.seats, self.troubles, self.cables = seats, troubles or [set()], list[str]()
        self.stage, self.is_kept, self.servers = FakeStage(), True, list[str]()

    def list_working(self) -> list[FakeSeat]:
        return [seat for seat in self.seats if not seat.is_over]

    def pick(self, count: int, has_disk: bool = False) -> list[FakeSeat]:
        return [seat for seat in self.list_working() if not has_disk][:count]

    def pull_out(self, seat: FakeSeat) -> None:
        self.cables.append(f"out {seat.name}")

    def put_back(self, seat: FakeSeat) -> None:
        self.cables.append(f"back {seat.name}")

    def prepare_loss(self) -> bool:
        self.servers.append("orders given")
        return self.is_kept

    def lose_server(self) -> None:
        self.servers.append("lost")

    def recover_server(self) -> None:
        self.servers.append("recovered")

    def note_promises(self) -> None:
        self.cables.append("noted")

    def find_troubled(self) -> set[tuple[str, str]]:
        return self.troubles.pop(0) if len(self.troubles) > 1 else self.troubles[0]


def strike(hall: FakeHall, kind: FaultKind, count: int = 1) -> Any:
    trial, *more = faults.strike(cast(Any, hall), kind, count)
    assert not more
    return trial


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LOOK_S", 0.001)
    monkeypatch.setattr(faults, "RETURN_S", 0.2)
    monkeypatch.setattr(faults, "SPEAKS_S", 0.05)


def test_who_writes_again_and_is_acknowledged_has_endured() -> None:
    hall = FakeHall([FakeSeat(1, [(5, 3), (5, 4), (6, 5)])])
    trial = strike(hall, FaultKind.LINK_CUT)
    assert (trial.outcome, trial.where, trial.noticed_ms) == ("endured", "1", None) and trial.return_ms is not None
    assert hall.cables == ["noted", "out 1", "back 1"]


@pytest.mark.parametrize("heads", [(5, 5), (9, 4)])
def test_who_writes_nothing_new_or_is_not_acknowledged_is_stuck(heads: tuple[int, int]) -> None:
    trial = strike(FakeHall([FakeSeat(1, [(5, 3), heads])]), FaultKind.LINK_CUT)
    assert (trial.outcome, trial.return_ms) == ("stuck", None) and trial.reason


def test_a_finished_seat_only_has_to_be_delivered() -> None:
    seat = FakeSeat(1, [(5, 4), (5, 5)])
    assert faults.wait_return(cast(Any, [seat])) is None
    seat.is_over = True
    assert faults.wait_return(cast(Any, [seat])) is not None


def test_only_a_trouble_that_is_new_was_noticed() -> None:
    old, new = ("a1", "clock"), ("a1", "silent")
    working = [(5, 5), (6, 6)]
    assert strike(FakeHall([FakeSeat(1, working[:])], [{old}]), FaultKind.LINK_CUT).noticed_ms is None
    assert strike(FakeHall([FakeSeat(1, working[:])], [{old}, {old, ("a9", "silent")}]),
                  FaultKind.LINK_CUT).noticed_ms is None
    assert strike(FakeHall([FakeSeat(1, working[:])], [{old}, {old, new}]), FaultKind.LINK_CUT).noticed_ms is not None


def test_a_microphone_is_muted_where_somebody_speaks_and_switched_on_again() -> None:
    seats = [FakeSeat(1, [(1, 1), (2, 2)]), FakeSeat(2, [(1, 1), (2, 2)])]
    trial = strike(FakeHall(seats, [set(), {("a2", "no_sound")}]), FaultKind.MIC_MUTE)
    assert (trial.where, trial.outcome, seats[1].acts, seats[0].acts) == ("2", "endured", ["mute", "mend"], [])


def test_clocks_of_some_seats_and_then_of_the_server_are_moved_and_mended() -> None:
    seats = [FakeSeat(number, [(written, written) for written in range(1, 30)]) for number in (1, 2)]
    hall = FakeHall(seats)
    at_seats, at_server = faults.strike(cast(Any, hall), FaultKind.CLOCK_JUMP, 1)
    assert [(one.where, one.outcome) for one in (at_seats, at_server)] == [("1", "endured"), ("server", "endured")]
    assert (seats[0].acts, seats[1].acts, hall.stage.acts) == (["ahead", "right"], [], ["moved", "mended"])


def test_a_server_is_lost_only_once_a_workstation_holds_its_ledger() -> None:
    hall = FakeHall([FakeSeat(1, [(written, written) for written in range(1, 30)])])
    trial = strike(hall, FaultKind.SERVER_LOST)
    assert (trial.where, trial.outcome, hall.servers) == ("server", "endured", ["orders given", "lost", "recovered"])
    hall.is_kept, hall.servers = False, []
    trial = strike(hall, FaultKind.SERVER_LOST)
    assert (trial.outcome, hall.servers) == ("not_tried", ["orders given"]) and "сведений" in trial.reason
    nobody = FakeHall([])
    assert strike(nobody, FaultKind.SERVER_LOST).outcome == "not_tried" and nobody.servers == []


TELLING = """
import sys, time
for line in sys.stdin:
    print(time.time_ns() // 10**6, round(time.time() * 1000), time.monotonic_ns() // 10**6, flush=True)
"""


def test_the_clock_of_a_servers_processes_goes_by_the_file_and_only_theirs(tmp_path: Path) -> None:
    clock, day_ms = ServerClock(tmp_path / "clock"), 86_400_000
    environ = {**os.environ, **clock.describe({"PYTHONPATH": str(tmp_path)})}
    assert environ["PYTHONPATH"].endswith(os.pathsep + str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", TELLING], env=environ, text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as server:
        asked, told = server.stdin, server.stdout
        assert asked is not None and told is not None

        def ask() -> tuple[int, ...]:
            asked.write("?\n")
            asked.flush()
            return tuple(int(one) for one in told.readline().split())

        def wait_for(ahead_ms: int) -> None:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                wall, same, steady = ask()
                assert abs(same - wall) < 30_000 and abs(steady - time.monotonic_ns() // 10**6) < 30_000
                if abs(wall - time.time() * 1000 - ahead_ms) < 30_000:
                    return
            raise AssertionError(f"never {ahead_ms} ms ahead")
        wait_for(0)
        clock.move(day_ms)
        wait_for(day_ms)
        clock.mend()
        wait_for(0)
        asked.close()


@pytest.mark.parametrize("kind", [FaultKind.LINK_CUT, FaultKind.SEAT_KILL, FaultKind.MIC_MUTE, FaultKind.CLOCK_JUMP])
def test_where_nobody_works_nothing_was_tried(kind: FaultKind) -> None:
    assert {one.outcome for one in faults.strike(cast(Any, FakeHall([])), kind, 1)} == {"not_tried"}


def test_a_fault_this_machine_cannot_make_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "can_have_cables", lambda: False)
    monkeypatch.setattr(faults, "has_own_disks", lambda: False)
    hall = FakeHall([FakeSeat(1, [(1, 1), (2, 2)])])
    for kind in (FaultKind.LINK_CUT, FaultKind.DISK_FULL):
        trial = strike(hall, kind)
        assert (trial.outcome, trial.return_ms) == ("not_tried", None) and trial.reason


def answer_once(listener: socket.socket) -> None:
    while True:
        try:
            there, _ = listener.accept()
        except OSError:
            return
        with there:
            there.sendall(there.recv(10))


@pytest.mark.skipif(not can_have_cables(), reason="this system answers at one address of loopback only")
def test_a_cable_is_pulled_out_and_put_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_once, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        cables = Cables({port: port})
        host = cables.lay(1)

        def ask() -> bytes:
            with socket.create_connection((host, port), timeout=60) as opened:
                opened.sendall(b"hello")
                return opened.recv(10)
        assert ask() == b"hello"

        def is_cut(act: Callable[[], bytes]) -> bool:
            try:
                return act() == b""
            except ConnectionError:
                return True
        with socket.create_connection((host, port), timeout=60) as standing:
            cables.pull_out(1)
            assert is_cut(lambda: standing.recv(10))
        assert is_cut(ask)
        cables.put_back(1)
        assert ask() == b"hello"
        cables.close()


@pytest.mark.parametrize("number,host", [(1, "127.0.1.1"), (250, "127.0.1.250"), (251, "127.0.2.1")])
def test_every_seat_has_an_address(number: int, host: str) -> None:
    assert address_seat(number) == host


FILLING = """
import sys
from pathlib import Path
from testing_server.rehearsal.drill.disks import SmallDisk, enter_own_disks, has_own_disks
enter_own_disks()
assert has_own_disks()
disk = SmallDisk(Path(sys.argv[1]), 8)
(disk.folder / "kept").write_bytes(b"x" * 100_000)
disk.fill()
try:
    (disk.folder / "more").write_bytes(b"y" * 100_000)
except OSError as error:
    print("refused", error.errno)
disk.free()
(disk.folder / "more").write_bytes(b"y" * 100_000)
print(len((disk.folder / "kept").read_bytes()))
disk.remove()
"""


@pytest.mark.skipif(not can_make_disks(), reason="this system lets no user make a mount namespace")
def test_a_full_disk_is_the_kernels_own_refusal_and_nobody_elses(tmp_path: Path) -> None:
    (tmp_path / "filling.py").write_text(FILLING)
    done = subprocess.run([sys.executable, str(tmp_path / "filling.py"), str(tmp_path / "disk")], text=True,
                          capture_output=True, timeout=60, check=True)
    assert done.stdout.split() == ["refused", "28", "100000"]
    assert list((tmp_path / "disk").iterdir()) == []


def test_a_seat_without_a_journal_has_written_nothing(tmp_path: Path) -> None:
    seat = DrillSeat(3, "12345678", "https://127.0.1.3:1", tmp_path / "3", Manner(1, 1), lambda seat, step: None,
                     lambda digits, name: None)
    assert (seat.read_heads(), seat.is_speaking(), seat.look().events) == ((0, 0), False, {})
