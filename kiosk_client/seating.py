"""Who sits at this workstation: signs a login in, opens its lease, brings back what the journal holds.

Takes the server's answers; gives a `Seat`. A lease belongs to one journal: where the server knows more of it than
this journal does, or keeps other events, the journal gets a new id and the attempt a new lease.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kiosk_client.attempt_log import AttemptLog
from kiosk_client.bundles import BundleStore, Materials
from kiosk_client.clock import ServerTime
from kiosk_client.connection import Connection
from kiosk_client.drafts import Draft
from kiosk_client.journal import CONFLICTED, CURRENT, OPEN, REVOKED, Journal, Lease
from kiosk_client.recorder_service import RecorderService
from kiosk_client.refusals import BundleWrong, LoginWrong, NotNow
from kiosk_client.seat import Seat
from testing_server.contracts.check_digits import read_login
from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.events import Event, EventKind, digest_of
from testing_server.contracts.leases import LEASE_STEP
from testing_server.contracts.messages import Bundle, History, SignedIn, SignIn
from testing_server.contracts.refusals import NumberWrong

# Not journalled again under another lease: they say something of the old lease or of a moment that is over.
_NOT_REPEATED = frozenset({EventKind.LEASE_OPENED, EventKind.TIMER_TICK, EventKind.PLAY_PROGRESS})

log = logging.getLogger(__name__)


class Seating:
    """The attempt of this seat, if any. `notify()` after every change that a page shows."""

    def __init__(self, journal: Journal, time: ServerTime, recorder: RecorderService, bundles: BundleStore,
                 notify: Callable[[], None]) -> None:
        self.seat: Seat | None = None
        self.materials: Materials | None = None
        self._journal, self._time, self._recorder = journal, time, recorder
        self._bundles, self._notify = bundles, notify
        self._lock = threading.RLock()

    @property
    def signed_in(self) -> SignedIn | None:
        """What the server said at the sign-in."""
        return self.seat.log.signed_in if self.seat else None

    # Sign-in and restart.

    def sign_in(self, connection: Connection, typed: str) -> Seat:
        """Raises LoginWrong, NotNow, Refused, ServerAway."""
        login = read_typed_login(typed)
        with self._lock:
            if self.seat is not None and not self.seat.state.finished and not self.seat.moved:
                raise NotNow("somebody is signed in")
            connection.exchange_time()
            seat = self._seat_login(connection, login)
            if seat.state.absence is not None and not (seat.moved or seat.state.finished):
                seat.return_to_room()
            return seat

    def check_login(self, typed: str) -> None:
        """Whether it is the login of who works here: known without the server. Raises LoginWrong."""
        kept = self._journal.get_attempt(self.seat.log.attempt) if self.seat else None
        if kept is None or kept[0] != read_typed_login(typed):
            raise LoginWrong("not the login of this seat")

    def _seat_login(self, connection: Connection, login: str) -> Seat:
        signed_in = self._ask_lease(connection, login)
        if self._knows_less(connection, signed_in):
            # Events that this disk once confirmed are gone: number them anew under another lease.
            self._journal.renew_id()
            signed_in = self._ask_lease(connection, login)
        history = connection.link.fetch_history(signed_in.attempt)
        self._keep(login, signed_in)
        return self._take_seat(*self._open_log(connection, signed_in, history))

    def _keep(self, login: str, signed_in: SignedIn) -> None:
        self._journal.keep_attempt(signed_in.attempt, login, msgspec.json.encode(signed_in).decode())
        self._journal.keep_grant(signed_in.attempt, signed_in.lease, signed_in.grant)

    def _ask_lease(self, connection: Connection, login: str) -> SignedIn:
        return connection.link.sign_in(
            SignIn(login=login, workstation=connection.paired.workstation, journal=self._journal.id))

    def _knows_less(self, connection: Connection, signed_in: SignedIn) -> bool:
        acked = connection.welcome.acked.get(signed_in.attempt, {}) if connection.welcome else {}
        own = self._journal.list_heads().get(signed_in.attempt, {}).get(str(signed_in.lease), 0)
        return int(acked.get(str(signed_in.lease), 0)) > own

    def _open_log(self, connection: Connection, signed_in: SignedIn, history: History) -> tuple[AttemptLog, int | None]:
        """The log with its lease open, and the newest sign of life before it was."""
        self._journal.store_history((line.encode() for line in history.events), history.grants)
        attempt_log = AttemptLog(self._journal, self._time, signed_in)
        attempt_log.keep_directives(history.directives)
        last_sign = attempt_log.last_at_ms
        self._open_lease(connection, attempt_log)
        self._journal.set(CURRENT, signed_in.attempt)
        return attempt_log, last_sign

    def _open_lease(self, connection: Connection, attempt_log: AttemptLog) -> None:
        if self._journal.head(attempt_log.attempt, attempt_log.lease)[0] == 0:
            body = {"workstation": connection.paired.workstation, "generation": attempt_log.signed_in.generation}
            attempt_log.append(Draft(EventKind.LEASE_OPENED, body))
            self._journal.set_lease_state(attempt_log.attempt, attempt_log.lease, OPEN)

    def _take_seat(self, attempt_log: AttemptLog, last_sign_ms: int | None) -> Seat:
        self.materials = None
        seat = Seat(attempt_log, self._recorder, last_sign_ms, self._notify)
        seat.moved = self._find_lease(attempt_log).state == REVOKED
        seat.recover()
        self.seat = seat
        return seat

    def _find_lease(self, attempt_log: AttemptLog) -> Lease:
        leases = self._journal.list_leases(attempt_log.attempt)
        return next(lease for lease in leases if lease.lease == attempt_log.lease)

    def restore(self) -> Seat | None:
        """The attempt that was at this seat when the agent ended, from the journal alone."""
        attempt = self._journal.get(CURRENT)
        kept = self._journal.get_attempt(attempt) if attempt else None
        if kept is None:
            return None
        with self._lock:
            attempt_log = AttemptLog(self._journal, self._time, msgspec.json.decode(kept[1], type=SignedIn))
            if not self._find_lease(attempt_log).own:
                return None
            return self._take_seat(attempt_log, attempt_log.last_at_ms)

    def leave(self) -> None:
        """The next candidate may sign in here; what is not delivered yet goes on being delivered. Raises NotNow."""
        with self._lock:
            if self.seat is not None and self.seat.state.started and not (self.seat.state.finished or self.seat.moved):
                raise NotNow("the work goes on")
            self._journal.set(CURRENT, None)
            self.seat = self.materials = None
        self._notify()

    # Materials.

    def list_bundles(self) -> list[Bundle]:
        """What this attempt needs: what the sign-in listed and what `start` names beside it."""
        if self.seat is None:
            return []
        listed = {bundle.sha256: bundle for bundle in self.seat.log.signed_in.bundles}
        start = self.find_start() or {}
        for plain, sha256 in start.get("media", {}).items():
            listed.setdefault(sha256, Bundle(sha256=sha256, bytes=0, plain=plain))
        if start.get("variant_bundle"):
            listed.setdefault(start["variant_bundle"], Bundle(sha256=start["variant_bundle"], bytes=0))
        return list(listed.values())

    def find_start(self) -> dict[str, Any] | None:
        """The body of the newest `start` directive."""
        told = [] if self.seat is None else self.seat.log.list_directives()
        starts = [directive.body for directive in told if directive.kind == DirectiveKind.START]
        return starts[-1] if starts else None

    def go_forward(self) -> None:
        """Open the materials if `start` came, then apply what the server directed."""
        with self._lock:
            seat, start = self.seat, self.find_start()
            if seat is None:
                return
            if self.materials is None and start is not None and not self.count_missing():
                self._open_materials(seat, start)
            if seat.log.list_unapplied():
                seat.apply_directives()

    def count_missing(self) -> int:
        """Bundles that are not here yet."""
        return self._bundles.count_missing(self.list_bundles())

    def _open_materials(self, seat: Seat, start: dict[str, Any]) -> None:
        try:
            self.materials = self._bundles.open_materials(start, self.list_bundles())
        except BundleWrong as refusal:
            log.error("the materials do not open: %s", refusal)
            return
        seat.take_items(self.materials.items)

    # Another lease.

    def renew_lease(self, connection: Connection, lost: Lease) -> None:
        """The server keeps other events under this lease, or more than this disk does: take a new lease and journal
        there what the server does not have.

        Raises Refused, ServerAway: then it is tried again.
        """
        with self._lock:
            seat, kept = self.seat, self._journal.get_attempt(lost.attempt)
            if seat is None or kept is None or seat.log.lease != lost.lease:
                self._journal.set_lease_state(lost.attempt, lost.lease, CONFLICTED)
                return
            with seat.lock:
                seat.log.append(*seat.speaking.stop("lease"))
                self._journal.renew_id()
                fresh = self._ask_lease(connection, kept[0])
                history = connection.link.fetch_history(fresh.attempt)
                with self._journal.transaction():
                    moved_log, last_sign = self._repeat_under(connection, kept[0], fresh, history, lost)
                self._move_to(seat, moved_log, last_sign)

    def _repeat_under(self, connection: Connection, login: str, fresh: SignedIn, history: History,
                      lost: Lease) -> tuple[AttemptLog, int | None]:
        known = {digest_of(line.encode()) for line in history.events}
        unsent = self._journal.set_aside(lost.attempt, lost.lease, known)
        self._journal.set_lease_state(lost.attempt, lost.lease, CONFLICTED)
        self._keep(login, fresh)
        attempt_log, last_sign = self._open_log(connection, fresh, history)
        repeat_events(attempt_log, [event for event in unsent if event.kind not in _NOT_REPEATED])
        return attempt_log, last_sign

    def follow_generation(self, connection: Connection) -> None:
        """Another server leads: open a lease of its generation, so that what the old one may still grant sorts below.

        What goes on at the seat, speech too, goes on: a recording keeps the name it began with. Raises Refused,
        ServerAway.
        """
        seat = self.seat
        kept = self._journal.get_attempt(seat.log.attempt) if seat else None
        if seat is None or kept is None or not self.needs_lease(connection):
            return
        fresh = self._ask_lease(connection, kept[0])
        history = connection.link.fetch_history(fresh.attempt)
        with self._lock, seat.lock, self._journal.transaction():
            if self.seat is not seat or fresh.attempt != seat.log.attempt:
                return
            self._keep(kept[0], fresh)
            self._journal.store_history((line.encode() for line in history.events), history.grants)
            seat.log.take_lease(fresh)
            seat.log.keep_directives(history.directives)
            self._open_lease(connection, seat.log)
        self._notify()

    def needs_lease(self, connection: Connection) -> bool:
        """Whether the server of the last hello leads this attempt under a newer generation than its lease."""
        seat, welcome = self.seat, connection.welcome
        if seat is None or welcome is None or seat.moved or seat.state.finished:
            return False
        return seat.log.attempt in welcome.acked and seat.log.lease // LEASE_STEP < welcome.generation

    def _move_to(self, seat: Seat, attempt_log: AttemptLog, last_sign: int | None) -> None:
        materials = self.materials
        moved = self._take_seat(attempt_log, last_sign)
        self.materials = materials
        moved.take_items(seat.items)
        if seat.present:
            moved.come_back()


def read_typed_login(typed: str) -> str:
    """The eight digits. Raises LoginWrong."""
    try:
        return read_login(typed)
    except NumberWrong as refusal:
        raise LoginWrong(str(refusal)) from refusal


def repeat_events(attempt_log: AttemptLog, unsent: Sequence[Event]) -> None:
    """Journal events again under the log's lease, each with its own time; recordings keep their sound."""
    renamed: dict[tuple[int, int], tuple[int, int]] = {}
    for event in unsent:
        body = dict(event.body)
        started = body.get("started")
        if started is not None and tuple(started) in renamed:
            body["started"] = list(renamed[started[0], started[1]])
        again = attempt_log.repeat(event, Draft(event.kind, body))
        if event.kind == EventKind.RECORDING_STARTED:
            renamed[event.lease, event.number] = (again.lease, again.number)
            attempt_log.journal.rename_recording(event.identity, again.identity)
