"""The agent of one workstation: puts journal, link, outbox, recorder and seat together and keeps them going.

Takes a data folder and, where one is named, a server; gives the actions that a page or a robot calls and tells
whoever watches that something changed. Built to run for ever: whatever fails is tried again.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio.recording import Level
from kiosk_client.answer_files import AnswerFiles, FileOutbox
from kiosk_client.bundles import BundleStore
from kiosk_client.clock import SeatClock, ServerTime, SystemClock
from kiosk_client.connection import Connection
from kiosk_client.discovery import Discovery
from kiosk_client.following import LOOK_SECONDS, Following
from kiosk_client.hints import Hints
from kiosk_client.identity import Paired, keep_paired, name_machine, open_key, read_paired
from kiosk_client.journal import Journal, Lease
from kiosk_client.link import Refused
from kiosk_client.lockdown.exit_guard import ExitGuard
from kiosk_client.machine.watching import MachineWatch
from kiosk_client.outbox import SEND_AT_ONCE, EventOutbox, PartOutbox, Sender
from kiosk_client.pairing import Pairing, begin_pairing
from kiosk_client.pairing_file import pair_by_file, take_asked
from kiosk_client.places import Places
from kiosk_client.purging import HUB_ROOT, Purging
from kiosk_client.recorder_service import MakeSource, RecorderService
from kiosk_client.refusals import NotNow, PairingRefused, SeatRefusal, ServerAway
from kiosk_client.seat import Seat
from kiosk_client.seating import Seating
from kiosk_client.seeking import Seeker
from kiosk_client.sound_checking import SoundChecking
from kiosk_client.startup import FolderLock, Reserve
from kiosk_client.system_door import SystemDoor
from testing_server.contracts.messages import EventsAcked, Welcome
from testing_server.contracts.pairing_file import PairingFile

POLL_SECONDS = 2.0
TICK_SECONDS = 0.1
LAST_SERVER = "last_server"
ABSENT_TICKS, TIMELESS_TICKS = 30, 20
BROKEN_EXIT_CODE = 74

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How an agent is set up. `server` "" = found on the network; `make_source` opens the microphone.

    `door` None = the machine itself is not looked at. `seeks_elsewhere` False = a server that is away is waited for at
    its address and nowhere else: a rehearsal's.
    """

    folder: Path
    server: str
    make_source: MakeSource
    reserve_bytes: int = 0
    door: SystemDoor | None = None
    seeks_elsewhere: bool = True


class Agent:
    """Call `start`, then its actions; `stop` ends it as a crash would, but for open connections."""

    def __init__(self, options: Options, clock: SeatClock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._folder_lock = FolderLock(options.folder)
        self.options = options
        self._reserve = Reserve(options.folder, options.reserve_bytes)
        self.journal = Journal(options.folder / "journal.sqlite", name_machine(), self._reserve.give_back)
        self.journal.on_broken = self._end_broken
        self._key = open_key(options.folder / "workstation.key")
        self.time = ServerTime(self._clock, self.journal.get("time"), lambda data: self.journal.set("time", data))
        self.recorder = RecorderService(self.journal, options.folder / "recordings", options.make_source,
                                        self._reserve.give_back)
        self.files = AnswerFiles(self.journal, options.folder / "answer-files")
        self.bundles = BundleStore(self.journal, options.folder / "bundles")
        self.seating = Seating(self.journal, self.time, self.recorder, self.bundles, self.notify)
        self.connection: Connection | None = None
        self.pairing: Pairing | None = None
        self.pairing_state = ""
        self.server = options.server or self.journal.get(LAST_SERVER) or ""
        self.places = Places()
        self.discovery = Discovery(self._hear_discovery)
        self.checking = SoundChecking(self)
        self.machine = MachineWatch(self, options.door)
        self.exit_guard = ExitGuard(self)
        self.purging = Purging(self)
        self.following = Following(self)
        self.on_change: Callable[[], None] = lambda: None
        self.on_level: Callable[[Level], None] = lambda level: None
        self.recorder.on_level, self.recorder.on_part = self._tell_level, self._wake_parts
        self._hints: Hints | None = None
        self._seeker: Seeker | None = None
        self._outboxes: list[Sender] = []
        self._present, self._absent_ticks, self._timeless_ticks = 0, 0, 0
        self._stopping, self._poll_now = threading.Event(), threading.Event()
        self._lock = threading.RLock()
        self._threads = [threading.Thread(target=self._guard(step, wait), name=name, daemon=True)
                         for name, step, wait in (("poll", self._poll, self._wait_poll),
                                                  ("tick", self._tick, self._wait_tick),
                                                  ("follow", self.following.look, self._wait_follow))]

    # Beginning and end.

    def start(self) -> None:
        """Bring back what the journal holds and begin to work."""
        self.purging.recover()
        self.seating.restore()
        self.recorder.usual_speech_db10 = self.get_step("usual_speech_db10")
        self.checking.devices.restore()
        paired = read_paired(self.journal)
        if paired is not None:
            self._connect(paired)
        elif not self.options.server:
            self.discovery.start()
        for thread in self._threads:
            thread.start()
        self.machine.start()

    def stop(self) -> None:
        """End every thread; nothing is journalled, the next start goes on as after a crash."""
        self._stopping.set()
        self.machine.stop()
        self._poll_now.set()
        self._disconnect()
        self.discovery.stop()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)
        self.recorder.close()
        self.journal.close()
        self._folder_lock.release()

    def notify(self) -> None:
        """Something that a page shows has changed."""
        if self.journal.count_unacked() >= SEND_AT_ONCE:
            for outbox in self._outboxes[:1]:
                outbox.wake()
        self.on_change()

    def hurry(self) -> None:
        """Send what waits now, whatever pause the last failure brought."""
        for outbox in self._outboxes:
            outbox.hurry()

    def _guard(self, step: Callable[[], None], wait: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            while not self._stopping.is_set():
                try:
                    step()
                except SeatRefusal as refusal:
                    log.info("%s: %s", refusal.code, refusal.details)
                except Exception:
                    # An agent that dies takes the candidate's screen with it: say what happened and go on.
                    log.exception("the agent stumbled")
                wait()
        return run

    def _end_broken(self, error: sqlite3.Error) -> None:
        """The kernel may have dropped what was to be written: end at once, without a retry; the restart looks."""
        log.critical("the journal is broken: %s", error)
        os._exit(BROKEN_EXIT_CODE)

    # The server.

    def _connect(self, paired: Paired) -> None:
        with self._lock:
            self._disconnect()
            connection = Connection(paired, self._key, self.journal, self._clock, self.time, self._hear_welcome)
            connection.on_exit_lock, connection.on_return = self.exit_guard.take_lock, self.hurry
            connection.on_ledgers = self.following.want
            connection.list_ledgers = self.following.ledgers.list_places
            events = EventOutbox(self.journal, connection.link)
            events.on_acked, events.on_contact = self._hear_ack, connection.note_contact
            events.on_conflict, events.on_revoked = self._renew_lease, self._hear_revoked
            events.on_fenced = self.following.hear_claim
            parts = PartOutbox(self.journal, connection.link, self.recorder.find_file)
            parts.on_sent = self.notify
            self._outboxes = [Sender("events", events.send), Sender("parts", parts.send),
                              Sender("files", FileOutbox(self.journal, connection.link, self.files).send),
                              Sender("bundles", lambda: self._fetch_bundle(connection)),
                              Sender("files of another seat", lambda: self._fetch_file(connection))]
            authority = paired.authority_pem if paired.server.startswith("https") else ""
            self._hints = Hints(connection.link, authority, self._hear_hint)
            self._seeker = Seeker(connection, self.discovery) if self.options.seeks_elsewhere else None
            self.connection = connection
        self._hints.start()
        if self._seeker is not None:
            self._seeker.start()
        for outbox in self._outboxes:
            outbox.start()

    def _disconnect(self) -> None:
        with self._lock:
            runners: list[Sender | Seeker] = [*self._outboxes, *([self._seeker] if self._seeker else [])]
            for runner in runners:
                runner.stop()
            if self._hints is not None:
                self._hints.stop()
            for runner in runners:
                runner.join(timeout=5)
            if self.connection is not None:
                self.connection.close()
            self._outboxes, self._hints, self._seeker, self.connection = [], None, None, None

    def _fetch_bundle(self, connection: Connection) -> bool:
        """One bundle that is not here yet; whether there was one."""
        if self.seating.materials is not None:
            # Open already: a server that took over has other bundles of the same, for seats that have none.
            return False
        missing = [bundle for bundle in self.seating.list_bundles() if not self.journal.has_bundle(bundle.sha256)]
        if missing:
            self.bundles.fetch(connection.link, missing[0])
            self.notify()
        return bool(missing)

    def _fetch_file(self, connection: Connection) -> bool:
        """One file that the candidate gave at another seat; whether there was one."""
        seat = self.seating.seat
        given = [] if seat is None or seat.moved or seat.state.finished else seat.state.files
        missing = [sha256 for sha256 in given if not self.files.find(seat.log.attempt, sha256).exists()] if seat else []
        if seat is not None and missing:
            self.files.fetch(connection.link, seat.log.attempt, missing[0])
            self.notify()
        return bool(missing)

    def _hear_welcome(self, welcome: Welcome) -> None:
        self.purging.pin_root(welcome.hub_root)
        self.machine.look_soon()
        self.notify()

    def _hear_discovery(self) -> None:
        if self._seeker is not None:
            self._seeker.wake()
        self._poll_now.set()
        self.notify()

    def _hear_hint(self) -> None:
        self.purging.hurry()
        self._poll_now.set()

    def _hear_ack(self, attempt: str, reply: EventsAcked) -> None:
        seat = self.seating.seat
        if seat is not None and seat.log.attempt == attempt and reply.directives_version > seat.directives_version:
            self._poll_now.set()
        self.notify()

    def _hear_revoked(self, lease: Lease) -> None:
        self.journal.set_lease_state(lease.attempt, lease.lease, "revoked")
        seat = self.seating.seat
        newer = [one for one in self.journal.list_leases(lease.attempt) if one.own and one.lease > lease.lease]
        if seat is not None and (seat.log.attempt, seat.log.lease) == (lease.attempt, lease.lease) and not newer:
            seat.leave_for_other_seat()

    def _renew_lease(self, lease: Lease) -> None:
        if self.connection is not None:
            self.seating.renew_lease(self.connection, lease)
            self.notify()

    def _wake_parts(self) -> None:
        for outbox in self._outboxes[1:]:
            outbox.wake()

    def _tell_level(self, level: Level) -> None:
        self.on_level(level)
        seat, hints = self.seating.seat, self._hints
        if hints is not None and seat is not None:
            hints.tell_level(seat.log.attempt, level.level_db10, level.is_speech)

    # The two loops.

    def _wait_poll(self) -> None:
        self._poll_now.wait(POLL_SECONDS)
        self._poll_now.clear()

    def _wait_follow(self) -> None:
        self._stopping.wait(LOOK_SECONDS)

    def _wait_tick(self) -> None:
        self._stopping.wait(TICK_SECONDS)

    def _poll(self) -> None:
        if self.options.reserve_bytes:
            # Not only at the start: what was given back is kept again once the disk has room.
            self._reserve.keep()
        paired = take_asked(self.options.folder, self._pair_by_file)
        if paired is not None:
            self._take_paired(paired)
        connection = self.connection
        if connection is None:
            self._poll_pairing()
            return
        try:
            self._ask_server(connection)
            connection.note_refusal("")
        except Refused as refusal:
            connection.note_contact(True)
            connection.note_refusal(refusal.code)
            raise
        except ServerAway:
            connection.note_contact(False)
            raise
        finally:
            self.notify()

    def _ask_server(self, connection: Connection) -> None:
        connection.keep_time()
        behind, connection.behind = connection.behind, None
        if behind is not None:
            self._renew_lease(behind)
        connection.show_leases()
        self._follow_generation(connection)
        seat = self.seating.seat
        if seat is None or seat.state.finished:
            connection.exchange_time()
        else:
            told = connection.link.fetch_directives(seat.log.attempt, seat.log.last_directive())
            connection.note_contact(True)
            self.following.want(told.ledgers)
            if seat.log.keep_directives(told.directives):
                self._wake_parts()
            seat.directives_version = told.version
            self.seating.go_forward()
        self.purging.look(connection.link)

    def _follow_generation(self, connection: Connection) -> None:
        """A refusal is no news for the page: the seat goes on under the lease it has."""
        try:
            self.seating.follow_generation(connection)
        except Refused as refusal:
            log.info("no lease of the new generation yet: %s", refusal.code)

    def _tick(self) -> None:
        self.recorder.list_parts()
        seat = self.seating.seat
        if seat is None:
            return
        if self.seating.materials is None or seat.log.list_unapplied():
            self.seating.go_forward()
        self._absent_ticks = 0 if self._present else self._absent_ticks + 1
        if self._absent_ticks >= ABSENT_TICKS:
            seat.go_away()
        elif self._present and not seat.present and self._may_come_back():
            seat.come_back()
        seat.tick()

    def _may_come_back(self) -> bool:
        """Once it is known how long nobody could work here, or nobody can be asked."""
        self._timeless_ticks += 1
        return self.time.is_known or self._timeless_ticks > TIMELESS_TICKS

    def attach(self) -> None:
        """Somebody looks at this seat: a page, or a robot."""
        self._present += 1

    def detach(self) -> None:
        """They do not any more."""
        self._present -= 1

    # Pairing.

    def begin_pairing(self, server: str = "") -> str:
        """The six digits to show. Raises ServerAway, Refused, PairingRefused."""
        self.server = server or self.server or "".join(self.discovery.servers[:1])
        if not self.server:
            raise ServerAway("no server is known yet")
        pairing = begin_pairing(self.server, self._key)
        self.journal.set(LAST_SERVER, self.server)
        self.pairing, self.pairing_state = pairing, "waiting"
        self.notify()
        return pairing.code

    def _poll_pairing(self) -> None:
        if self.places.ask_next(list(dict.fromkeys([*filter(None, [self.server]), *self.discovery.servers]))):
            self.notify()
        pairing = self.pairing
        if pairing is not None and self.pairing_state == "waiting":
            self.pairing_state = pairing.ask_state().state
            self.notify()

    def confirm_pairing(self, is_green: bool) -> None:
        """The person says whether the console is green; only then is the server pinned.

        Raises NotNow, PairingRefused, ServerAway.
        """
        pairing = self.pairing
        if pairing is None:
            raise NotNow("no pairing goes on")
        if not is_green:
            self.pairing, self.pairing_state = None, ""
            self.notify()
            raise PairingRefused("the console is not green")
        self._take_paired(pairing.finish(pairing.ask_state()))

    def _pair_by_file(self, file: PairingFile, seat: str) -> Paired:
        """Raises NotNow while somebody works here, Refused, ServerAway."""
        if self.seating.seat is not None and self.seating.seat.is_running:
            raise NotNow("the work goes on")
        return pair_by_file(file, self._key, seat, self.discovery.servers)

    def _take_paired(self, paired: Paired) -> None:
        keep_paired(self.journal, paired)
        # Another server may belong to another hub: its first hello names it.
        self.journal.set(HUB_ROOT, "")
        self.following.claims.forget()
        self.pairing, self.pairing_state = None, ""
        self.discovery.stop()
        self._connect(paired)
        self.notify()

    def forget_server(self) -> None:
        """Pair anew. Raises NotNow while somebody works here."""
        seat = self.seating.seat
        if seat is not None and seat.is_running:
            raise NotNow("the work goes on")
        keep_paired(self.journal, None)
        self._disconnect()
        self.discovery.start()
        self.notify()

    # The candidate.

    def require_connection(self) -> Connection:
        """Raises ServerAway before pairing."""
        if self.connection is None:
            raise ServerAway("this workstation is not paired")
        return self.connection

    def require_seat(self) -> Seat:
        """Raises NotNow when nobody is signed in."""
        if self.seating.seat is None:
            raise NotNow("nobody is signed in")
        return self.seating.seat

    def sign_in(self, login: str) -> Seat:
        """Raises LoginWrong, NotNow, Refused, ServerAway."""
        seat = self.seating.sign_in(self.require_connection(), login)
        self.checking.begin_anew()
        self._poll_now.set()
        # What this attempt needs and is not here yet is fetched now, not at the next look.
        self._wake_parts()
        self.notify()
        return seat

    def get_step(self, name: str) -> Any:
        """A step before the start that this attempt has done: `checked`, `instructed`."""
        signed_in = self.seating.signed_in
        return self.journal.get(f"{name}:{signed_in.attempt}") if signed_in else None

    def set_step(self, name: str, value: Any = True) -> None:
        """Raises NotNow when nobody is signed in."""
        self.journal.set(f"{name}:{self.require_seat().log.attempt}", value)
        self.notify()
