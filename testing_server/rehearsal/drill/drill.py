"""The drill itself: raises its room, seats robots, makes every fault, lets all finish, compares disks.

Takes what was asked; gives the `Rehearsal` to be signed. Whatever breaks on the way is a trouble in it, not silence.
"""
from __future__ import annotations

import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from testing_server.contracts.rehearsals import (
    FORMAT, Count, FaultKind, Rehearsal, Speed, Trial, judge_rehearsal)
from testing_server.rehearsal.drill.cables import Cables, can_have_cables
from testing_server.rehearsal.drill.disks import SmallDisk, has_own_disks
from testing_server.rehearsal.drill.faults import find_obstacle, strike
from testing_server.rehearsal.drill.progress import Progress
from testing_server.rehearsal.drill.recovering import (
    LEDGER_S, Facts, Pocket, count_facts, has_sitting, is_ledger_out, read_facts)
from testing_server.rehearsal.drill.seats import DISK_MB, DrillSeat, Manner, make_speech
from testing_server.rehearsal.drill.stage import Stage, raise_archive, raise_demonstration
from testing_server.rehearsal.drill.witness import Promises, RoomDisk, SeatDisk, count_kept, look_at_room
from testing_server.rehearsal.organizer import TookTooLong, wait_until
from testing_server.rehearsal.person import Refused
from testing_server.rehearsal.processes import NotUp

FAILURES = (NotUp, Refused, TookTooLong, httpx.HTTPError)
AT_ONCE = 10
ROOM_DISK_MB = 4096
FINISH_S, WORKS_S = 3 * 3600, 120
PAUSE_S, TELL_S = 1.0, 1.0
SPEAK_S = 8


@dataclass(frozen=True)
class Asked:
    """What is rehearsed. `folder`: empty, for everything; `archive` None = demonstration material; `answer_s`: real
    seconds for an answer, `fault_s`: how long a fault lasts."""

    folder: Path
    seats: int
    faults: tuple[FaultKind, ...]
    pace: int = 10
    answer_s: float = 4.0
    fault_s: float = 8.0
    archive: Path | None = None
    cipher: str = ""
    school_name: str = ""


@dataclass
class Found:
    """What has been found by now. `facts`: of the lost server's room: (there before, there after), None = not lost."""

    trials: list[Trial] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    receipts: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    facts: tuple[int, int] | None = None
    pace: int = 1
    title: str = ""


def run_drill(asked: Asked, progress: Progress, stack: ExitStack) -> Rehearsal:
    """From nothing to the statement. Raises NotUp, Refused, TookTooLong, NoArchive while the room is being raised."""
    began_at_ms = round(time.time() * 1000)
    progress.tell("raising")
    drill = Drill(asked, progress, stack)
    try:
        drill.work()
    except FAILURES as failure:
        drill.found.troubles.append(f"{type(failure).__name__}: {failure}"[:300])
    return drill.conclude(began_at_ms)


class Drill:
    """Also the `Hall` of its faults."""

    def __init__(self, asked: Asked, progress: Progress, stack: ExitStack) -> None:
        self._asked, self._progress, self._stack = asked, progress, stack
        self.fault_s = asked.fault_s
        self.found, self._promises = Found(), Promises()
        self._noting, self._pairing = threading.Lock(), threading.Lock()
        self._last: list[DrillSeat] = []
        self._sitting, self._facts = "", Facts()
        self._pocket: Pocket | None = None
        self._fills = FaultKind.DISK_FULL in asked.faults and has_own_disks()
        self.room_disk = self._make_disk(asked.folder / "classroom", ROOM_DISK_MB) if self._fills else None
        self.stage = self._raise_stage()
        self._cables = Cables({port: port for port in self.stage.ports}) if can_have_cables() else None
        if self._cables is not None:
            stack.callback(self._cables.close)
        self.seats: list[DrillSeat] = []

    def _make_disk(self, folder: Path, size_mb: int) -> SmallDisk:
        disk = SmallDisk(folder, size_mb)
        self._stack.callback(disk.remove)
        return disk

    def _raise_stage(self) -> Stage:
        asked = self._asked
        if asked.archive is not None:
            return raise_archive(asked.folder, self._stack, asked.seats, asked.archive, asked.cipher)
        return raise_demonstration(asked.folder, self._stack, asked.seats)

    @property
    def _group(self) -> int:
        """How many seats a fault of seats strikes at once."""
        return max(1, self._asked.seats // AT_ONCE)

    # The work.

    def work(self) -> None:
        """Seats, start, faults, end. Raises the first failure."""
        self._sitting, self.found.pace = self.stage.open_sitting(self._asked.pace)
        self.found.title = self.stage.read_title()
        self._seat_robots()
        self.stage.organizer.start_when_ready(self._sitting, self._asked.seats)
        self._progress.tell("working", seats=self._asked.seats, pace=self.found.pace)
        wait_until("every seat has begun", lambda: all(seat.read_heads()[1] > 0 for seat in self.seats), WORKS_S)
        self._make_faults()
        self._finish()

    def _seat_robots(self) -> None:
        manner = Manner(max(1, round(self._asked.answer_s * self.found.pace)), SPEAK_S, make_speech(self._asked.folder))
        for number, login in enumerate(self.stage.logins.values(), start=1):
            self.seats.append(self._make_seat(number, login, manner))
            self.seats[-1].start()
            self.seats[-1].wait_for("paired")
            self._progress.tell("seating", done=number, whole=self._asked.seats)
        for seat in self.seats:
            seat.wait_for("ready")

    def _make_seat(self, number: int, login: str, manner: Manner) -> DrillSeat:
        host = "127.0.0.1" if self._cables is None else self._cables.lay(number)
        folder = self._asked.folder / "seats" / str(number)
        disk = self._make_disk(folder, DISK_MB) if self._fills and number <= self._group else None
        seat = DrillSeat(number, login, f"https://{host}:{self.stage.ports[0]}", folder, manner, self._hear,
                         self._confirm, disk)
        self._stack.callback(seat.kill)
        return seat

    def _confirm(self, digits: str, seat: str) -> None:
        with self._pairing:
            self.stage.organizer.pair(digits, seat)

    def _hear(self, seat: DrillSeat, step: dict[str, Any]) -> None:
        with self._noting:
            if step["step"] == "answered":
                self._promises.note_answer(seat.attempt, step)
            elif step["step"] == "done":
                self.found.done.add(seat.attempt)

    def _make_faults(self) -> None:
        # Who speaks is up to the work: a microphone is muted as soon as there is one that is spoken into.
        waiting, number = list(self._asked.faults), 0
        while waiting:
            kind = next((one for one in waiting if one is not FaultKind.MIC_MUTE or self._is_spoken()), waiting[0])
            waiting.remove(kind)
            number += 1
            self._progress.tell("fault", done=number, whole=len(self._asked.faults), kind=str(kind))
            for trial in strike(self, kind, self._group):
                self.found.trials.append(trial)
                self._progress.tell_trial(trial)
            time.sleep(PAUSE_S)

    def _is_spoken(self) -> bool:
        return any(seat.is_speaking() for seat in self.list_working())

    def _finish(self) -> None:
        end, told = time.monotonic() + FINISH_S, -1
        while len(self.found.done) < len(self.seats) and time.monotonic() < end and not self._find_failed():
            if told != len(self.found.done):
                told = len(self.found.done)
                self._progress.tell("finishing", done=told, whole=len(self.seats))
            time.sleep(TELL_S)
        self.found.troubles += self._find_failed()
        self._progress.tell("comparing")
        self.stage.organizer.close_sitting(self._sitting)
        if self.stage.hub is not None:
            receipt = self.stage.organizer.send_package(self._sitting)["receipt"]
            self.found.receipts = {one["attempt"] for one in receipt.get("attempts", [])}

    def _find_failed(self) -> list[str]:
        return [f"место {seat.name}: {step['details']}"[:300] for seat in self.seats if seat.robot is not None
                for step in seat.robot.find("failed")]

    # What faults need.

    def list_working(self) -> list[DrillSeat]:
        """Seats where somebody works."""
        return [seat for seat in self.seats if not seat.is_over]

    def pick(self, count: int, has_disk: bool = False) -> list[DrillSeat]:
        """So many of them, others than last time where there are others."""
        fit = [seat for seat in self.list_working() if seat.disk is not None or not has_disk]
        fresh = [seat for seat in fit if seat not in self._last]
        self._last = (fresh + [seat for seat in fit if seat in self._last])[:count]
        return self._last

    def pull_out(self, seat: DrillSeat) -> None:
        """Its cable."""
        if self._cables is not None:
            self._cables.pull_out(seat.number)

    def put_back(self, seat: DrillSeat) -> None:
        """Its cable."""
        if self._cables is not None:
            self._cables.put_back(seat.number)

    def note_promises(self) -> None:
        """What everybody was told is safe by now."""
        seen = [seat.look() for seat in self.seats]
        with self._noting:
            for one in seen:
                self._promises.note_seat(one)

    def prepare_loss(self) -> bool:
        """Orders are given and noted, an incident is written down; whether a workstation holds all of it."""
        organizer, sitting = self.stage.organizer, self._sitting
        organizer.command(sitting, "message", text="Репетиция: сейчас сломается сервер")
        organizer.command(sitting, "extra_time", [self.list_working()[0].attempt], seconds=60)
        organizer.note_incident(sitting, "Репетиция: сервер теряется со всеми данными")
        data, folders = self.stage.classroom.data, [seat.folder for seat in self.seats]
        # before the ledger: what happens later may be in none yet, and was promised by none
        self._facts, self._pocket = read_facts(data), self.stage.fill_pocket()
        try:
            wait_until("a ledger lies at a seat", lambda: is_ledger_out(data, sitting, folders), LEDGER_S)
        except TookTooLong:
            return False
        return True

    def lose_server(self) -> None:
        """Its processes and everything on its disk are gone."""
        self.stage.lose_classroom()

    def recover_server(self) -> None:
        """Another one stands in its place; what the room's people did is compared."""
        assert self._pocket is not None
        self.stage.recover_classroom(self._pocket)
        wait_until("the sitting stands again", lambda: has_sitting(self.stage.classroom.data, self._sitting))
        # a workstation that comes late may hand in a newer ledger than the one the room was rebuilt from
        with suppress(TookTooLong):
            wait_until("everything of before stands again", self._has_all_facts, LEDGER_S)

    def _has_all_facts(self) -> bool:
        self.found.facts = sent, kept = count_facts(self._facts, read_facts(self.stage.classroom.data))
        return sent == kept

    def find_troubled(self) -> set[tuple[str, str]]:
        """(attempt, its trouble) as the console shows them; nothing while it does not answer."""
        with suppress(*FAILURES):
            return {(seat["attempt"], seat["trouble"]) for seat in self.stage.organizer.look(self._sitting)["seats"]
                    if seat["trouble"]}
        return set()

    # The end.

    def conclude(self, began_at_ms: int) -> Rehearsal:
        """Compares the disks and says it all."""
        self.note_promises()
        seats, room = [seat.look() for seat in self.seats], look_at_room(self.stage.classroom.data)
        if room.misdated:
            self.found.troubles.append(f"событий с неверным временем: {room.misdated}")
        trials = self.found.trials + self._list_unmade()
        counts = [*self._count(seats, room), self._count_works(), *self._count_facts()]
        return Rehearsal(
            format=FORMAT, school_name=self._asked.school_name, software=version("testing-server"),
            began_at_ms=began_at_ms, ended_at_ms=round(time.time() * 1000), material=self.stage.material,
            title=self.found.title, seats=self._asked.seats, pace=self.found.pace, one_machine=True, counts=counts,
            trials=trials, speed=measure_speed(room.late_ms), troubles=self.found.troubles,
            verdict=judge_rehearsal(counts, trials, self.found.troubles))

    def _list_unmade(self) -> list[Trial]:
        """Faults that were asked for and not come to."""
        made = {trial.kind for trial in self.found.trials}
        return [Trial(kind=kind, where="", outcome="not_tried", reason="до этого сбоя не дошло")
                for kind in self._asked.faults if kind not in made]

    def _count(self, seats: list[SeatDisk], room: RoomDisk) -> list[Count]:
        lost, kept = self._promises.list_lost(room), count_kept(seats, room)
        answers = len(self._promises.answers)
        kept["answers"] = (answers, answers - len(lost["answers"]))
        return [make_count(what, *kept[what], len(lost[what])) for what in ("answers", "events", "recordings")]

    def _count_works(self) -> Count:
        ended = self.found.receipts if self.stage.hub is not None else self.found.done
        whole = {seat.attempt for seat in self.seats}
        return make_count("works", self._asked.seats, len(ended & whole), 0)

    def _count_facts(self) -> list[Count]:
        """What was done in the room of a lost server: all of it lay at a workstation, so all of it was promised."""
        if self.found.facts is None:
            return []
        before, after = self.found.facts
        return [make_count("facts", before, after, before - after)]


def make_count(what: str, sent: int, kept: int, lost: int) -> Count:
    """What a seat itself has lost was sent all the same."""
    return Count(what=what, sent=max(sent, kept + lost), kept=kept, lost=lost)


def measure_speed(late_ms: list[int]) -> Speed:
    """Of all events, outages included."""
    if not late_ms:
        return Speed(median_ms=None, p95_ms=None, longest_ms=None)
    p95 = quantiles(late_ms, n=20)[-1] if len(late_ms) > 1 else late_ms[0]
    return Speed(median_ms=round(median(late_ms)), p95_ms=round(p95), longest_ms=max(late_ms))


def list_obstacles(faults: tuple[FaultKind, ...]) -> dict[str, str]:
    """Fault → why this machine cannot make it, for those it cannot."""
    return {str(kind): reason for kind in faults if (reason := find_obstacle(kind))}
