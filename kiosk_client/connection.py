"""The paired server as this agent knows it: says hello, keeps the time, notices when nobody answers.

Takes what pairing pinned; gives a `Link` for every message and the `Welcome` of the last hello.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client import SOFTWARE
from kiosk_client.claims_seen import ClaimsSeen
from kiosk_client.clock import SeatClock, ServerTime
from kiosk_client.identity import Paired, keep_paired, sign_challenge
from kiosk_client.journal import CURRENT, FOREIGN, Journal, Lease
from kiosk_client.link import Link, Wire
from kiosk_client.refusals import SeatRefusal
from testing_server.contracts.exit_code import ExitLock
from testing_server.contracts.leases import LEASE_STEP
from testing_server.contracts.messages import Hello, LeasesShown, LeasesTaken, Welcome
from testing_server.contracts.refusals import ContractRefusal
from testing_server.contracts.statements import read_unverified
from testing_server.contracts.versions import PROTOCOL

AWAY_MS = 5_000
EXCHANGE_MS = 15_000
FIRST_EXCHANGES = 3
ADDRESSES, MOST_ADDRESSES = "addresses", 4

log = logging.getLogger(__name__)


class StaleServer(SeatRefusal):
    """A server that no longer leads this sitting: a newer one was seen."""

    code = "stale_server"


class OtherServer(SeatRefusal):
    """A server of the same school that does not know the attempt of this seat."""

    code = "other_server"


@dataclass
class Contact:
    """When the server was last heard (monotonic ms), whether a request failed since, and what it last refused."""

    heard_ms: int
    is_lost: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class Greeting:
    """A server's welcome and when it was asked for and heard (monotonic ms)."""

    welcome: Welcome
    asked_ms: int
    heard_ms: int


class Connection:
    """One paired server. `on_welcome(welcome)` after each hello, before anything else is sent; `on_return()` at the
    first answer after a silence."""

    def __init__(self, paired: Paired, key: Ed25519PrivateKey, journal: Journal, clock: SeatClock, time: ServerTime,
                 on_welcome: Callable[[Welcome], None]) -> None:
        self.paired, self.time = paired, time
        self.welcome: Welcome | None = None
        self.behind: Lease | None = None
        self.on_exit_lock: Callable[[ExitLock | None], None] = lambda told: None
        self.on_ledgers: Callable[[dict[str, list[int]]], None] = lambda offered: None
        self.on_return: Callable[[], None] = lambda: None
        self.list_ledgers: Callable[[], dict[str, tuple[int, int]]] = dict
        self.link = Link(Wire(paired.server, paired.authority_pem if paired.server.startswith("https") else None),
                         self._say_hello)
        self._key, self._journal, self._clock = key, journal, clock
        self._claims = ClaimsSeen(journal)
        self._shown_to: Welcome | None = None
        self._on_welcome = on_welcome
        # Not "away" before it was asked.
        self._contact = Contact(clock.mono_ms())
        self._exchanged_ms: int | None = None

    # Whether somebody answers.

    def note_contact(self, reached: bool) -> None:
        """A request was answered, or not."""
        was_lost, self._contact.is_lost = self._contact.is_lost, not reached
        if reached:
            self._contact.heard_ms = self._clock.mono_ms()
            if was_lost:
                self.on_return()

    def note_refusal(self, code: str) -> None:
        """The server answered and refused; "" when all is well again."""
        self._contact.refusal = code

    @property
    def refusal(self) -> str:
        """The code of what the server refuses this workstation, "" if nothing."""
        return self._contact.refusal

    @property
    def is_away(self) -> bool:
        """Nothing heard for 5 s."""
        return self._clock.mono_ms() - self._contact.heard_ms > AWAY_MS

    # Hello.

    def _say_hello(self, link: Link) -> str:
        told = self._greet(link)
        link.files_url = told.welcome.files_url.rstrip("/")
        self._obey(told)
        return told.welcome.token

    def _greet(self, link: Link) -> Greeting:
        asked_ms = self._clock.mono_ms()
        told = Greeting(self.exchange_hello(link), asked_ms, self._clock.mono_ms())
        self._claims.pin_school_key(told.welcome.school_key)
        self._claims.take(told.welcome.claims)
        self._check_claim(told.welcome)
        return told

    def _obey(self, told: Greeting) -> None:
        welcome = told.welcome
        self.time.add_exchange(told.asked_ms, welcome.server_at_ms, welcome.server_at_ms, told.heard_ms)
        self._reconcile(welcome)
        self.note_contact(True)
        self.welcome = welcome
        self._on_welcome(welcome)

    # Another address.

    def list_addresses(self) -> list[str]:
        """Where this server was found before, the newest first; only one that proves itself by TLS is ever sought."""
        kept: list[str] = self._journal.get(ADDRESSES) or []
        return list(dict.fromkeys([self.paired.server, *kept]))

    def move_to(self, server: str) -> None:
        """Go on with the paired server at another address, or with one in its place: of the same authority, not
        behind what was seen, and knowing the attempt that is at this seat.

        Raises Refused, ServerAway, StaleServer, OtherServer.
        """
        wire = Wire(server, self.paired.authority_pem)
        try:
            told = self._greet(Link(wire, self._say_hello))
            self._check_knows(told.welcome)
        except SeatRefusal:
            wire.close()
            raise
        known = dict.fromkeys([wire.server, *self.list_addresses()])
        self._journal.set(ADDRESSES, list(known)[:MOST_ADDRESSES])
        self.paired = replace(self.paired, server=wire.server)
        keep_paired(self._journal, self.paired)
        self.link.move(wire, told.welcome.files_url.rstrip("/"), told.welcome.token)
        self._obey(told)
        log.warning("the server was found at %s", server)

    def _check_knows(self, welcome: Welcome) -> None:
        current = self._journal.get(CURRENT)
        if current and current not in welcome.acked:
            raise OtherServer(f"it does not know the attempt {current}")

    def exchange_hello(self, link: Link) -> Welcome:
        """Both halves of a hello, to any server of the school; nothing follows from it. Raises Refused, ServerAway."""
        body = self._make_hello()
        challenge = link.hello(body).challenge
        signature = sign_challenge(self._key, bytes.fromhex(challenge))
        welcome: Welcome = link.hello(msgspec.structs.replace(body, challenge=challenge, signature=signature))
        return welcome

    def _make_hello(self) -> Hello:
        generation = self.welcome.generation if self.welcome else 0
        return Hello(workstation=self.paired.workstation, protocol=[PROTOCOL, PROTOCOL], software=SOFTWARE,
                     boot_id=self._clock.boot_id, generation=generation, attempts=self._journal.list_heads(),
                     certificate=self.paired.certificate, claims=self._claims.envelopes,
                     ledgers=self.list_ledgers())

    def _check_claim(self, welcome: Welcome) -> None:
        """Obey only the newest server of a sitting that was ever seen. Raises StaleServer."""
        sitting = read_sitting(welcome.claim)
        known = self._journal.get("claims") or {}
        highest = max(known.get(sitting, 0), self._claims.find_generation(sitting))
        if welcome.generation < highest:
            raise StaleServer(f"generation {welcome.generation} after {highest}")
        if sitting and welcome.generation > known.get(sitting, 0):
            self._journal.set("claims", {**known, sitting: welcome.generation})

    def _reconcile(self, welcome: Welcome) -> None:
        """What the server has, also where it is less than it once said: the outbox sends from there."""
        for lease in self._journal.list_leases():
            told = welcome.acked.get(lease.attempt)
            if told is None or (lease.state == FOREIGN and not self._lacks_foreign(welcome, lease, told)):
                continue
            acked, head = int(told.get(str(lease.lease), 0)), self._journal.head(lease.attempt, lease.lease)[0]
            if acked > head and lease.own:
                # This disk lost events it once confirmed: their numbers must not be given again.
                self.behind = lease
            self._journal.set_acked(lease.attempt, lease.lease, min(acked, head))
        self._journal.ask_files_again()
        for recording in self._journal.list_recordings():
            name = f"{recording.attempt}/{recording.lease}/{recording.number}"
            # A server that knows the attempt and tells nothing of a recording has nothing of it.
            durable = welcome.durable.get(name, 0 if recording.attempt in welcome.acked else None)
            if durable is not None and durable < recording.durable:
                self._journal.set_durable(recording.attempt, recording.lease, recording.number, durable)
                self._journal.resend_parts(recording.attempt, recording.lease, recording.number, durable)

    def _lacks_foreign(self, welcome: Welcome, lease: Lease, told: dict[str, int]) -> bool:
        """A server that took over has less of a former seat's lease than this seat was given as history."""
        known = told.get(str(lease.lease))
        return known is not None and lease.lease // LEASE_STEP < welcome.generation and known < lease.acked

    def show_leases(self) -> None:
        """Leases that the server of the last hello does not know, once for each hello. Raises Refused, ServerAway."""
        welcome = self.welcome
        if welcome is None or welcome is self._shown_to or welcome.recovering:
            return
        missing: dict[str, dict[str, str]] = {}
        for lease in self._journal.list_leases():
            is_known = str(lease.lease) in welcome.acked.get(lease.attempt, {})
            if not is_known and lease.grant and lease.lease // LEASE_STEP < welcome.generation:
                missing.setdefault(lease.attempt, {})[str(lease.lease)] = lease.grant
        if missing:
            self._note_taken(self.link.show_leases(LeasesShown(grants=missing)), missing)
        self._shown_to = welcome

    def _note_taken(self, taken: LeasesTaken, shown: dict[str, dict[str, str]]) -> None:
        for lease in self._journal.list_leases():
            told = taken.acked.get(lease.attempt, {}).get(str(lease.lease))
            if told is not None and str(lease.lease) in shown.get(lease.attempt, {}):
                self._journal.set_acked(lease.attempt, lease.lease, min(told, lease.acked))

    # Time.

    def keep_time(self) -> None:
        """A four-stamp exchange every 15 s. Raises Refused, ServerAway."""
        now = self._clock.mono_ms()
        if self._exchanged_ms is not None and now - self._exchanged_ms < EXCHANGE_MS:
            return
        for _ in range(1 if self._exchanged_ms is not None else FIRST_EXCHANGES):
            self.exchange_time()
        self._exchanged_ms = now

    def exchange_time(self) -> None:
        """One exchange. Raises Refused, ServerAway."""
        sent = self._clock.mono_ms()
        told = self.link.tell_time(sent)
        self.time.add_exchange(sent, told.t1_ms, told.t2_ms, self._clock.mono_ms())
        self.on_exit_lock(told.exit_lock)
        self.on_ledgers(told.ledgers)
        self.note_contact(True)

    def close(self) -> None:
        """Let go of the connections."""
        self.link.wire.close()


def read_sitting(claim: str) -> str:
    """The sitting a claim is about, "" when there is none. The connection is of the pinned authority."""
    if not claim:
        return ""
    try:
        return str(read_unverified(claim.encode()).read().get("sitting", ""))
    except ContractRefusal as error:
        log.warning("the server's claim cannot be read: %s", error)
        return ""
