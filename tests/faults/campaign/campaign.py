"""The campaign: raises the world, lets eight seats work, gives each the next fault until enough were made.

Takes a folder and how many; leaves one line for each fault in `results.jsonl`. Started again it goes on.
"""
from __future__ import annotations

import os
import random
import shutil
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path

from testing_server.foundation.supervision.ports import read_ports
from testing_server.rehearsal.organizer import TookTooLong
from tests.faults.campaign.disk_log import build_shim
from tests.faults.campaign.faults import FAULTS, FELT_BY_ALL, STARTING
from tests.faults.campaign.hall import Hall
from tests.faults.campaign.loss import is_own_network
from tests.faults.campaign.outcome import Outcome, Results
from tests.faults.campaign.plan import draw_kind
from tests.faults.campaign.relay import Relay
from tests.faults.campaign.seat import SeatRun
from tests.faults.campaign.short_work import plant_short_work
from tests.faults.campaign.workplace import NeverShown, Workplace
from tests.faults.world import World, raise_world

SEATS = 8
FAULTS_OF_A_WORK = 8


class Campaign:
    """`kinds`: (number, seed, kind) of what is still to be done."""

    def __init__(self, folder: Path, stack: ExitStack, kinds: Iterator[tuple[int, int, str]], logins: int) -> None:
        shutil.rmtree(folder / "world", ignore_errors=True)
        self.folder = folder
        self.results = Results(folder / "results.jsonl")
        self.hall, self._lock, self._pairing = Hall(), threading.Lock(), threading.Lock()
        self._asking = threading.Lock()
        # Every seat of a classroom has a processor of its own: here no more start at once than there are processors.
        self._starts = threading.Semaphore(os.cpu_count() or 1)
        self._kinds = kinds
        self.world: World = raise_world(folder / "world", stack, plant_short_work, logins, pace=1)
        self._logins = sorted(self.world.logins.items())
        self.sitting = self.world.open_sitting([code for code, _ in self._logins])
        self._library = build_shim(folder / "world")
        ports = read_ports(self.world.room)
        self.relay = Relay({ports["port"]: ports["port"], ports["files_port"]: ports["files_port"]})
        self._port = ports["port"]
        self.seats: list[SeatRun] = []
        self._workplaces: list[Workplace] = []
        stack.callback(self.stop)

    def stop(self) -> None:
        """Every seat's processes end."""
        for workplace in self._workplaces:
            workplace.stop()

    # What seats ask for.

    def make_workplace(self) -> Workplace:
        """Another computer."""
        with self._lock:
            number = len(self._workplaces) + 1
            address = f"https://{self.relay.add_seat(number)}:{self._port}"
            self._workplaces.append(Workplace(
                self.folder / "world" / "seats", number, address, self._library, self._pair))
            return self._workplaces[-1]

    def set_up(self, workplace: Workplace) -> None:
        """Its agent and page start and are paired: one after another, as in a room walked through."""
        workplace.start_agent()
        with self._pairing:
            after = time.monotonic()
            workplace.start_page()
            workplace.wait_shown("paired", lambda one: one["screen"] != "pairing", after=after)
        if not workplace.has_image:
            workplace.keep_image()

    def _pair(self, digits: str, seat: int) -> None:
        with self._asking:
            self.world.organizer.pair(digits, str(seat))

    def take_login(self) -> str:
        """Of a candidate who has not sat yet."""
        with self._lock:
            return self._logins.pop()[1]

    def start_attempt(self, attempt: str) -> None:
        """The organizer's start."""
        self.command("start", [attempt])

    def command(self, kind: str, attempts: list[str], **body: str) -> None:
        """One command of the organizer at a time."""
        with self._asking:
            self.world.organizer.command(self.sitting, kind, attempts, **body)

    def take_fault(self) -> tuple[int, int, str] | None:
        """(number, seed, kind) of the next fault, None at the end."""
        with self._lock:
            return next(self._kinds, None)

    # The run.

    def run(self, tell: Callable[[str], None]) -> None:
        """Until all faults were made. Raises the first error of a seat."""
        errors: list[BaseException] = []
        self.seats = [SeatRun(self, number) for number in range(1, SEATS + 1)]
        threads = [threading.Thread(target=self._guard, args=(one, errors, tell), daemon=True) for one in self.seats]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _guard(self, seat: SeatRun, errors: list[BaseException], tell: Callable[[str], None]) -> None:
        try:
            self._sit(seat, tell)
        except BaseException as error:
            tell(f"seat {seat.number} ends: {''.join(traceback.format_exception(error))}")
            errors.append(error)

    def _sit(self, seat: SeatRun, tell: Callable[[str], None]) -> None:
        following = self.take_fault()
        while following is not None:
            with self.hall.share():
                seat.begin_work()
            for _ in range(FAULTS_OF_A_WORK):
                if following is not None:
                    tell(show(self._strike(seat, *following)))
                    following = self.take_fault()
            with self.hall.share():
                apart = seat.finish_work()
            if apart:
                tell(f"seat {seat.number}: the server does not hold {apart}")

    def _strike(self, seat: SeatRun, number: int, seed: int, kind: str) -> Outcome:
        chance = random.Random(seed)
        outcome = Outcome(number, seed, kind, seat.number, round(time.time(), 1), attempt=seat.attempt)
        outcome.doing = seat.wait_doing(chance)
        turn: AbstractContextManager[object] = self._starts if kind in STARTING else nullcontext()
        with self.hall.be_alone() if kind in FELT_BY_ALL else self.hall.share(), turn:
            try:
                FAULTS[kind](seat, outcome, chance)
            except (NeverShown, TookTooLong) as error:
                outcome.trouble = str(error)
        seat.quiet_since = time.monotonic()
        self.results.keep(outcome)
        return outcome


def show(outcome: Outcome) -> str:
    """One line for who watches."""
    back = f"{outcome.return_s:.1f} s" if outcome.return_s is not None else "-"
    return (f"{outcome.number:>4} {outcome.kind:<18} seat {outcome.seat} {outcome.doing:<9} "
            f"saved {outcome.saved_before:>3} lost {outcome.lost_at_seat}+{outcome.lost_at_server} "
            f"speech -{outcome.speech_lost_ms} ms behind {outcome.behind_ms} back {back} "
            f"{' '.join(outcome.list_breaches())} {outcome.trouble}")


def plan_faults(total: int, done: set[int], only: tuple[str, ...] = ()) -> Iterator[tuple[int, int, str]]:
    """What is still to be done of a campaign of so many; `only`: these kinds in turn, whatever was drawn. A kind that
    is not possible on this machine is left out."""
    for number in range(1, total + 1):
        seed, kind = draw_kind(number)
        kind = only[number % len(only)] if only else kind
        if number not in done and is_possible(kind):
            yield number, seed, kind


def is_possible(kind: str) -> bool:
    """Whether this machine lets a kind be tried: packets are lost only in a network of one's own."""
    return kind != "link_loss" or is_own_network()
