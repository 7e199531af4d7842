"""What is done to the room, one fault after another. Takes the drill; gives a `Trial` for each.

A fault that this machine cannot make, or that finds nobody at work, is `not_tried`, with the reason.
"""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from testing_server.contracts.rehearsals import FaultKind, Outcome, Trial
from testing_server.rehearsal.drill.cables import can_have_cables
from testing_server.rehearsal.drill.disks import SmallDisk, has_own_disks
from testing_server.rehearsal.drill.seats import DrillSeat
from testing_server.rehearsal.drill.stage import Stage

SERVER = "server"
RETURN_S, SPEAKS_S = 90.0, 20 * 60.0
NOTICE_S = 20.0
LOOK_S = 0.2
REASONS = {
    "no_cables": "у этой системы нет отдельных адресов для мест, кабель не вынуть",
    "no_disks": "эта система не даёт сделать отдельный диск и заполнить его",
    "not_kept": "копия сведений о сеансе не дошла ни до одного места за минуту",
    "nobody": "никто уже не работал: работа кончилась раньше",
    "nobody_spoke": "до конца работы больше никто не говорил",
    "not_back": "работа не продолжилась за полторы минуты",
}


class Hall(Protocol):
    """What a fault needs of the drill."""

    stage: Stage
    room_disk: SmallDisk | None
    fault_s: float

    def list_working(self) -> list[DrillSeat]:
        """Seats where somebody works."""

    def pick(self, count: int, has_disk: bool = False) -> list[DrillSeat]:
        """So many of them, others than last time where there are others."""

    def pull_out(self, seat: DrillSeat) -> None:
        """Its cable."""

    def put_back(self, seat: DrillSeat) -> None:
        """Its cable."""

    def note_promises(self) -> None:
        """What everybody was told is safe by now."""

    def prepare_loss(self) -> bool:
        """Orders are given and noted, an incident is written down; whether a workstation holds all of it."""

    def lose_server(self) -> None:
        """Its processes and everything on its disk are gone."""

    def recover_server(self) -> None:
        """Another one stands in its place and says what it found."""

    def find_troubled(self) -> set[tuple[str, str]]:
        """(attempt, its trouble) as the console shows them; nothing while it does not answer."""


def find_obstacle(kind: FaultKind) -> str:
    """Why this machine cannot make a fault: a word of REASONS, "" when it can."""
    if kind is FaultKind.LINK_CUT and not can_have_cables():
        return "no_cables"
    return "no_disks" if kind is FaultKind.DISK_FULL and not has_own_disks() else ""


def skip(kind: FaultKind, reason: str, where: str = "") -> Trial:
    """A fault that was not made."""
    return Trial(kind=kind, where=where, outcome=Outcome.NOT_TRIED, reason=REASONS[reason])


def strike(hall: Hall, kind: FaultKind, count: int) -> list[Trial]:
    """Makes one fault, at so many seats at once where it is of seats."""
    if obstacle := find_obstacle(kind):
        return [skip(kind, obstacle)]
    if kind is FaultKind.SERVER_KILL:
        return [kill_server(hall)]
    if kind is FaultKind.SERVER_LOST:
        return [lose_server(hall)]
    if kind is FaultKind.MIC_MUTE:
        return [mute(hall)]
    at_seats = harm_seats(hall, kind, hall.pick(count, has_disk=kind is FaultKind.DISK_FULL))
    at_server = {FaultKind.DISK_FULL: fill_server, FaultKind.CLOCK_JUMP: move_server_clock}.get(kind)
    return [at_seats, at_server(hall)] if at_server else [at_seats]


# One fault: begins, lasts, ends; then everybody whom it touched must work again.


@dataclass(frozen=True)
class Harm:
    """A fault that can be made. `lasts_s` 0 = as long as faults last in this drill; `until_seen`: it ends as soon as
    the console shows it."""

    kind: FaultKind
    where: str
    seats: list[DrillSeat]
    begin: Callable[[], object]
    end: Callable[[], object]
    lasts_s: float = 0.0
    until_seen: bool = False


def endure(hall: Hall, harm: Harm) -> Trial:
    """The fault for its time; what the console said meanwhile; whether and when all it touched work again."""
    if not harm.seats:
        return skip(harm.kind, "nobody", harm.where)
    hall.note_promises()
    before, began = hall.find_troubled(), time.monotonic()
    try:
        harm.begin()
        noticed = _watch(hall, harm, began, before)
    finally:
        harm.end()
    ended = time.monotonic()
    back = wait_return(harm.seats)
    return Trial(
        kind=harm.kind, where=harm.where, outcome=Outcome.STUCK if back is None else Outcome.ENDURED,
        away_ms=round((ended - began) * 1000), return_ms=back, noticed_ms=noticed,
        reason=REASONS["not_back"] if back is None else "")


def _watch(hall: Hall, harm: Harm, began: float, before: set[tuple[str, str]]) -> int | None:
    """As long as the fault lasts; ms until the console showed trouble at one of its seats that it had not before."""
    noticed, touched = None, {seat.attempt for seat in harm.seats}
    lasts_s = harm.lasts_s or hall.fault_s
    while time.monotonic() - began < lasts_s and not (noticed and harm.until_seen):
        time.sleep(LOOK_S)
        if noticed is None and any(attempt in touched for attempt, _ in hall.find_troubled() - before):
            noticed = round((time.monotonic() - began) * 1000)
    return noticed


def wait_return(seats: list[DrillSeat]) -> int | None:
    """Ms until each seat has written something new, or is done, and the server has acknowledged all of before."""
    began = time.monotonic()
    before = {seat: seat.read_heads()[0] for seat in seats}
    waiting = set(seats)
    while waiting and time.monotonic() - began < RETURN_S:
        waiting = {seat for seat in waiting if not _is_back(seat, before[seat])}
        if waiting:
            time.sleep(LOOK_S)
    return None if waiting else round((time.monotonic() - began) * 1000)


def _is_back(seat: DrillSeat, before: int) -> bool:
    written, acked = seat.read_heads()
    return acked >= before and (seat.is_over or written > before)


def kill_server(hall: Hall) -> Trial:
    """SIGKILL to the supervisor and all it keeps; some seconds later it is started again on the same folder."""
    stage = hall.stage
    return endure(hall, Harm(FaultKind.SERVER_KILL, SERVER, hall.list_working(), stage.kill_classroom,
                             stage.restart_classroom))


def lose_server(hall: Hall) -> Trial:
    """The server with its disk is gone for good; another one rebuilds the sitting from what the workstations hold."""
    working = hall.list_working()
    if working and not hall.prepare_loss():
        return skip(FaultKind.SERVER_LOST, "not_kept", SERVER)
    return endure(hall, Harm(FaultKind.SERVER_LOST, SERVER, working, hall.lose_server, hall.recover_server))


def fill_server(hall: Hall) -> Trial:
    """No room on the server's disk; the seats keep what they cannot send."""
    disk = hall.room_disk
    if disk is None:
        return skip(FaultKind.DISK_FULL, "no_disks", SERVER)
    return endure(hall, Harm(FaultKind.DISK_FULL, SERVER, hall.list_working(), disk.fill, disk.free))


def move_server_clock(hall: Hall) -> Trial:
    """The server's machine shows tomorrow: nobody's time may end, and seats must be let in again."""
    stage = hall.stage
    return endure(hall, Harm(FaultKind.CLOCK_JUMP, SERVER, hall.list_working(), stage.move_clock, stage.mend_clock))


def harm_seats(hall: Hall, kind: FaultKind, seats: list[DrillSeat]) -> Trial:
    """The same fault at some seats at once."""
    begin, end = {
        FaultKind.SEAT_KILL: (DrillSeat.kill, DrillSeat.start),
        FaultKind.LINK_CUT: (hall.pull_out, hall.put_back),
        FaultKind.CLOCK_JUMP: (DrillSeat.move_clock, DrillSeat.mend),
        FaultKind.DISK_FULL: (DrillSeat.fill_disk, DrillSeat.free_disk)}[kind]
    return endure(hall, Harm(kind, ", ".join(seat.name for seat in seats), seats, lambda: [begin(one) for one in seats],
                             lambda: [end(one) for one in seats]))


def mute(hall: Hall) -> Trial:
    """The switch on the cord of a headset, while its candidate speaks; until the console shows it."""
    end, seat = time.monotonic() + SPEAKS_S, None
    while seat is None and time.monotonic() < end and hall.list_working():
        seat = next((one for one in hall.list_working() if one.is_speaking()), None)
        time.sleep(LOOK_S)
    if seat is None:
        return skip(FaultKind.MIC_MUTE, "nobody_spoke")
    return endure(hall, Harm(FaultKind.MIC_MUTE, seat.name, [seat], seat.mute, seat.mend, NOTICE_S, until_seen=True))
