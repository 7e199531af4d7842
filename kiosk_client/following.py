"""Following the server: keeps the room ledger, finds whoever leads the sitting now, hands in what a new one asks for.

Takes the agent; looks every few seconds in a thread of its own. A server is believed by the authority pinned at
pairing and by claims of the school's key; the highest generation leads, whoever says otherwise is shown it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from kiosk_client.claims_seen import ClaimsSeen
from kiosk_client.connection import Connection, read_sitting
from kiosk_client.ledgers import KeptLedger, LedgerFolder
from kiosk_client.link import Link, Wire, read_answer
from kiosk_client.orphans import Orphans
from kiosk_client.refusals import SeatRefusal
from testing_server.contracts.messages import ClaimShown, ClaimsTold, Welcome

if TYPE_CHECKING:
    from kiosk_client.agent import Agent

LOOK_SECONDS = 2.0
# A server that cannot take a late ledger now is asked again so much later.
AGAIN_SECONDS = 30.0
REFUSED_FOR_GOOD = frozenset({"ledger_refused", "ledger_too_new", "not_recovering"})

log = logging.getLogger(__name__)


class Following:
    """One per agent. `look` is a round; `want` notes which ledgers the server offers."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self.claims = ClaimsSeen(agent.journal)
        self.ledgers = LedgerFolder(agent.options.folder / "ledgers")
        self._wanted: dict[str, tuple[int, int]] = {}
        self._handed_to: Welcome | None = None
        self._again_at = 0.0
        self._orphans = Orphans(agent.journal)

    def want(self, offered: dict[str, list[int]]) -> None:
        """The server has newer ledgers than this workstation was known to hold."""
        self._wanted = {sitting: (place[0], place[1]) for sitting, place in offered.items() if len(place) == 2}

    def look(self) -> None:
        """Fetch ledgers; serve a server that recovers; look elsewhere when the own one is away or was left behind."""
        connection = self._agent.connection
        if connection is None:
            return
        if self._is_lost(connection):
            self._look_around(connection)
            return
        self._hand_in_late(connection)
        self._fetch_ledgers(connection.link)
        if connection.welcome is not None and connection.welcome.recovering:
            self._serve_recovering(connection)
        self._orphans.look(connection)

    # Ledgers.

    def _fetch_ledgers(self, link: Link) -> None:
        wanted, self._wanted = self._wanted, {}
        for sitting, place in wanted.items():
            if not self.ledgers.has(sitting, place):
                kept = self.ledgers.keep(link.fetch_ledger(sitting))
                place = kept.place if kept is not None else (0, 0)
            link.confirm_ledger(sitting, place)

    def _hand_in(self, link: Link, ledgers: list[KeptLedger], held: dict[str, list[int]]) -> None:
        for kept in ledgers:
            if kept.place > tuple(held.get(kept.sitting, (0, 0))):
                self._give(link, kept)

    def _give(self, link: Link, kept: KeptLedger) -> bool:
        """Whether this ledger is done with: taken, or refused for good."""
        try:
            link.hand_in_ledger(kept.path.read_bytes())
        except SeatRefusal as refusal:
            log.warning("the ledger of %s is not taken: %s %s", kept.sitting, refusal.code, refusal.details)
            return refusal.code in REFUSED_FOR_GOOD
        return True

    def _hand_in_late(self, connection: Connection) -> None:
        """Once a welcome: what servers before this one wrote last. They may have been replaced before anybody heard
        this workstation, with an older ledger than the one kept here."""
        welcome = connection.welcome
        if welcome is None or welcome.recovering or welcome is self._handed_to or time.monotonic() < self._again_at:
            return
        if all([self._give(connection.link, kept) for kept in self._list_missing(connection)]):
            self._handed_to = welcome
        else:
            # its key is locked, or its disk is full: somebody will see to that
            self._again_at = time.monotonic() + AGAIN_SECONDS

    def _list_missing(self, connection: Connection) -> list[KeptLedger]:
        """Of ledgers of servers before, those that the one which leads now says it lacks."""
        late = [kept for kept in self.ledgers.list_last()
                if kept.generation < self.claims.find_generation(kept.sitting)]
        merged = self._ask_claims(connection, connection.link.wire.server).merged if late else {}
        return [kept for kept in late
                if kept.sitting in merged and kept.version > merged[kept.sitting].get(kept.generation, 0)]

    # Servers.

    def hear_claim(self, envelope: str) -> None:
        """The own server says that another one leads."""
        self.claims.take([envelope] if envelope else [])

    def _is_behind(self, connection: Connection) -> bool:
        """Whether a higher claim is known than the own server stands on."""
        welcome = connection.welcome
        sitting = read_sitting(welcome.claim) if welcome is not None else ""
        return welcome is not None and bool(sitting) and (
            welcome.generation < self.claims.find_generation(sitting))

    def _is_lost(self, connection: Connection) -> bool:
        return connection.is_away or self._is_behind(connection)

    def _look_around(self, connection: Connection) -> None:
        for server in self._list_servers(connection):
            try:
                told = self._ask_claims(connection, server)
                if self._judge(connection, server, told):
                    return
            except SeatRefusal as refusal:
                log.debug("%s: %s %s", server, refusal.code, refusal.details)

    def _list_servers(self, connection: Connection) -> list[str]:
        """Other addresses than the own server's: as the highest claims name them, known ones, those on the network.

        Plain HTTP proves nothing: it is believed of the address a person gave, and nowhere else.
        """
        here = connection.link.wire.server
        named = [address for claim in self.claims.list_claims() for address in claim.addresses]
        known = [*named, *self._agent.discovery.servers, *connection.list_addresses()]
        return [one for one in dict.fromkeys(known) if one.startswith("https://") and one != here]

    def _ask_claims(self, connection: Connection, server: str) -> ClaimsTold:
        with open_wire(connection, server) as wire:
            told: ClaimsTold = read_answer(ClaimsTold, wire.request("GET", "/v1/claims").body)
            return told

    def _judge(self, connection: Connection, server: str, told: ClaimsTold) -> bool:
        """Follow it, hand in ledgers, or show it a higher claim. Whether it is followed from now on."""
        before = {claim.sitting: claim.generation for claim in self.claims.list_claims()}
        found = self.claims.take(told.claims)
        if any(claim.generation >= before.get(claim.sitting, 1) for claim in found) and self._is_lost(connection):
            connection.move_to(server)
            return True
        if told.recovering:
            self._visit_recovering(connection, server, told)
        lower = {claim.sitting for claim in found if claim.generation < before.get(claim.sitting, 0)}
        if lower:
            self._show_claims(connection, server, lower)
        return False

    def _show_claims(self, connection: Connection, server: str, sittings: set[str]) -> None:
        with open_wire(connection, server) as wire:
            for sitting, (_, envelope) in self.claims.read(self.claims.envelopes).items():
                if sitting in sittings:
                    wire.request("POST", "/v1/claims", content=msgspec.json.encode(ClaimShown(claim=envelope)),
                                 headers={"Content-Type": "application/json"})

    # A server that recovers.

    def _visit_recovering(self, connection: Connection, server: str, told: ClaimsTold) -> None:
        """Say hello without leaving the own server: it leads nothing yet."""
        with open_wire(connection, server) as wire:
            link = Link(wire, lambda link: connection.exchange_hello(link).token)
            link.renew_token("")
            self._hand_in(link, self.ledgers.list_newest(), told.held)

    def _serve_recovering(self, connection: Connection) -> None:
        """The own address is a recovering server's: hand in, and greet it anew once it leads."""
        told = self._ask_claims(connection, connection.link.wire.server)
        if told.recovering:
            self._hand_in(connection.link, self.ledgers.list_newest(), told.held)
        else:
            connection.link.renew_token(connection.link.token)


@contextmanager
def open_wire(connection: Connection, server: str) -> Iterator[Wire]:
    """To any server that proves by TLS to be of the paired school."""
    wire = Wire(server, connection.paired.authority_pem if server.startswith("https") else None)
    try:
        yield wire
    finally:
        wire.close()
