"""The paired server as this agent knows it: says hello, keeps the time, notices when nobody answers.

Takes what pairing pinned; gives a `Link` for every message and the `Welcome` of the last hello.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client import SOFTWARE
from kiosk_client.clock import SeatClock, ServerTime
from kiosk_client.identity import Paired, sign_challenge
from kiosk_client.journal import FOREIGN, Journal, Lease
from kiosk_client.link import Link, Wire
from kiosk_client.refusals import SeatRefusal
from testing_server.contracts.exit_code import ExitLock
from testing_server.contracts.messages import Hello, Welcome
from testing_server.contracts.refusals import ContractRefusal
from testing_server.contracts.statements import read_unverified
from testing_server.contracts.versions import PROTOCOL

AWAY_MS = 5_000
EXCHANGE_MS = 15_000
FIRST_EXCHANGES = 3

log = logging.getLogger(__name__)


class StaleServer(SeatRefusal):
    """A server that no longer leads this sitting: a newer one was seen."""

    code = "stale_server"


@dataclass
class Contact:
    """When the server was last heard (monotonic ms) and what it last refused."""

    heard_ms: int
    refusal: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Connection:
    """One paired server. `on_welcome(welcome)` after each hello, before anything else is sent."""

    def __init__(self, paired: Paired, key: Ed25519PrivateKey, journal: Journal, clock: SeatClock, time: ServerTime,
                 on_welcome: Callable[[Welcome], None]) -> None:
        self.paired, self.time = paired, time
        self.welcome: Welcome | None = None
        self.behind: Lease | None = None
        self.on_exit_lock: Callable[[ExitLock | None], None] = lambda told: None
        self.link = Link(Wire(paired.server, paired.authority_pem if paired.server.startswith("https") else None),
                         self._say_hello)
        self._key, self._journal, self._clock = key, journal, clock
        self._on_welcome = on_welcome
        # Not "away" before it was asked.
        self._contact = Contact(clock.mono_ms())
        self._exchanged_ms: int | None = None

    # Whether somebody answers.

    def note_contact(self, reached: bool) -> None:
        """A request was answered, or not."""
        if reached:
            self._contact.heard_ms = self._clock.mono_ms()

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
        body = self._make_hello()
        challenge = link.hello(body).challenge
        signature = sign_challenge(self._key, bytes.fromhex(challenge))
        signed = msgspec.structs.replace(body, challenge=challenge, signature=signature)
        before = self._clock.mono_ms()
        welcome: Welcome = link.hello(signed)
        self._check_claim(welcome)
        self.time.add_exchange(before, welcome.server_at_ms, welcome.server_at_ms, self._clock.mono_ms())
        link.files_url = welcome.files_url.rstrip("/")
        self._reconcile(welcome)
        self.note_contact(True)
        self.welcome = welcome
        self._on_welcome(welcome)
        return welcome.token

    def _make_hello(self) -> Hello:
        generation = self.welcome.generation if self.welcome else 0
        return Hello(workstation=self.paired.workstation, protocol=[PROTOCOL, PROTOCOL], software=SOFTWARE,
                     boot_id=self._clock.boot_id, generation=generation, attempts=self._journal.list_heads())

    def _check_claim(self, welcome: Welcome) -> None:
        """Obey only the newest server of a sitting that was ever seen. Raises StaleServer."""
        sitting = read_sitting(welcome.claim)
        known = self._journal.get("claims") or {}
        if welcome.generation < known.get(sitting, 0):
            raise StaleServer(f"generation {welcome.generation} after {known[sitting]}")
        if sitting and welcome.generation > known.get(sitting, 0):
            self._journal.set("claims", {**known, sitting: welcome.generation})

    def _reconcile(self, welcome: Welcome) -> None:
        """What the server has, also where it is less than it once said: the outbox sends from there."""
        for lease in self._journal.list_leases():
            told = welcome.acked.get(lease.attempt)
            if told is None or lease.state == FOREIGN:
                continue
            acked, head = int(told.get(str(lease.lease), 0)), self._journal.head(lease.attempt, lease.lease)[0]
            if acked > head and lease.own:
                # This disk lost events it once confirmed: their numbers must not be given again.
                self.behind = lease
            self._journal.set_acked(lease.attempt, lease.lease, min(acked, head))
        self._journal.ask_files_again()
        for recording in self._journal.list_recordings():
            name = f"{recording.attempt}/{recording.lease}/{recording.number}"
            durable = welcome.durable.get(name)
            if durable is not None and durable < recording.durable:
                self._journal.set_durable(recording.attempt, recording.lease, recording.number, durable)
                self._journal.resend_parts(recording.attempt, recording.lease, recording.number, durable)

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
