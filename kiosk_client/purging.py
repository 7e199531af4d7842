"""An attempt goes from this workstation by the server's order, once the hub's receipt covers all that is kept of it.

Takes directives `purge` with the hub's receipt and keys; gives the answer for each: done, or the reason why nothing was
deleted. The hub is believed by the root that was told first: a server that is not the hub cannot have work deleted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kiosk_client.attempt_log import read_directive
from kiosk_client.link import Link, Refused
from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.fold import fold
from testing_server.contracts.hub_statements import read_hub_keys
from testing_server.contracts.messages import PurgeAnswer, SignedIn
from testing_server.contracts.receipts import (
    KeptAttempt, KeptLease, PurgeResult, Receipt, judge_purge, read_receipt)
from testing_server.contracts.refusals import BadStatement

if TYPE_CHECKING:
    from kiosk_client.agent import Agent

HUB_ROOT, ANSWERS, PURGED, SCRUB_DUE = "hub_root", "purge_answers", "purged", "scrub_due"
LOOK_SECONDS = 30.0

log = logging.getLogger(__name__)


class Purging:
    """Called by the agent's poll; looks for orders every half minute while nobody works here, at once after a hint.

    `on_deleted()`: an attempt has gone; whatever else remembers pages of it should forget them.
    """

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._due = 0.0
        self._told: dict[tuple[str, int, int], str] = {}
        self.on_deleted: Callable[[], None] = lambda: None

    def pin_root(self, fingerprint: str) -> None:
        """The first hub this workstation hears of, as its paired server names it."""
        if fingerprint and not self._agent.journal.get(HUB_ROOT):
            self._agent.journal.set(HUB_ROOT, fingerprint)

    def hurry(self) -> None:
        """Look at the next poll."""
        self._due = 0.0

    def recover(self) -> None:
        """After a crash in the middle: what was deleted is overwritten before anything else happens."""
        if self._agent.journal.get(SCRUB_DUE):
            self._scrub()

    def look(self, link: Link) -> None:
        """Answer every order there is. Raises Refused, ServerAway."""
        seat = self._agent.seating.seat
        if time.monotonic() < self._due or (seat is not None and seat.is_running):
            return
        self._due = time.monotonic() + LOOK_SECONDS
        self._send_answers(link)
        for attempt in self._agent.journal.list_attempts():
            order = self._find_order(link, attempt)
            if order is not None:
                self._carry_out(link, order)

    def _find_order(self, link: Link, attempt: str) -> Directive | None:
        """The newest order for an attempt; a server that does not know it has none."""
        keys = [read_directive(text).key for text in self._agent.journal.list_directives(attempt)]
        try:
            told = link.fetch_directives(attempt, max(keys, default=(0, 0)))
        except Refused as refusal:
            if is_passing(refusal):
                raise
            return None
        orders = [one for one in map(read_directive, told.directives) if one.kind == DirectiveKind.PURGE]
        return max(orders, key=lambda order: order.key, default=None)

    def _carry_out(self, link: Link, order: Directive) -> None:
        result = self._judge(order)
        if result == PurgeResult.DONE:
            self._delete(order)
            self._send_answers(link)
        elif self._told.get((order.attempt, *order.key)) != result:
            log.info("attempt %s stays: %s", order.attempt, result)
            tell(link, order.attempt, order.generation, order.number, result)
            self._told[(order.attempt, *order.key)] = result

    # Whether.

    def _judge(self, order: Directive) -> PurgeResult:
        agent, attempt = self._agent, order.attempt
        seat = agent.seating.seat
        if seat is not None and seat.log.attempt == attempt and seat.state.started and not (
                seat.state.finished or seat.moved):
            return PurgeResult.STILL_AT_WORK
        if agent.journal.count_unacked(attempt) or agent.journal.count_waiting(attempt):
            return PurgeResult.NOT_DELIVERED
        root = agent.journal.get(HUB_ROOT)
        if not root:
            return PurgeResult.HUB_UNKNOWN
        try:
            receipt = read_order(order, str(root))
        except BadStatement as refusal:
            log.error("the receipt of attempt %s is not believed: %s", attempt, refusal)
            return PurgeResult.BAD_RECEIPT
        return judge_purge(receipt, attempt, self._list_kept(attempt), agent.time.now_ms())

    def _list_kept(self, attempt: str) -> KeptAttempt:
        journal = self._agent.journal
        leases = {lease.lease: KeptLease(*journal.head(attempt, lease.lease), lease.acked)
                  for lease in journal.list_leases(attempt) if journal.head(attempt, lease.lease)[0]}
        known = {(one.lease, one.number): one for one in fold(journal.list_events(attempt)).recordings if one.committed}
        sound = [known.get((one.lease, one.number)) for one in journal.list_recordings(attempt)
                 if self._has_sound(self._agent.recorder.find_file(one))]
        files = frozenset(row.sha256 for row in journal.list_files(attempt))
        return KeptAttempt(leases, frozenset(one.sha256 if one else "" for one in sound), files)

    def _has_sound(self, path: Path) -> bool:
        return path.exists() and path.stat().st_size > 0

    # How.

    def _delete(self, order: Directive) -> None:
        """Files first: should the program end in the middle, the order is carried out again."""
        agent, attempt = self._agent, order.attempt
        seat = agent.seating.seat
        if seat is not None and seat.log.attempt == attempt:
            agent.seating.leave()
        journal = agent.journal
        bundles = self._list_own_bundles(attempt)
        agent.recorder.forget(journal.list_recordings(attempt), with_checks=agent.seating.seat is None)
        agent.files.forget(attempt)
        agent.bundles.forget(bundles)
        done = {"attempt": attempt, "generation": order.generation, "number": order.number}
        with journal.transaction():
            journal.forget_attempt(attempt, ANSWERS, [*(journal.get(ANSWERS) or []), done])
            journal.set(PURGED, {"count": (journal.get(PURGED) or {}).get("count", 0) + 1,
                                 "at_ms": agent.time.now_ms()})
            journal.set(SCRUB_DUE, True)
        self._scrub()
        log.info("attempt %s is deleted: the hub has it", attempt)
        self.on_deleted()
        agent.notify()

    def _scrub(self) -> None:
        self._agent.journal.scrub()
        self._agent.journal.set(SCRUB_DUE, False)

    def _list_own_bundles(self, attempt: str) -> set[str]:
        """Bundles that no other attempt kept here needs."""
        others = [one for one in self._agent.journal.list_attempts() if one != attempt]
        return self._list_bundles(attempt) - {one for other in others for one in self._list_bundles(other)}

    def _list_bundles(self, attempt: str) -> set[str]:
        kept = self._agent.journal.get_attempt(attempt)
        listed = {one.sha256 for one in msgspec.json.decode(kept[1], type=SignedIn).bundles} if kept else set()
        for text in self._agent.journal.list_directives(attempt):
            body: dict[str, Any] = read_directive(text).body
            listed |= {str(body["variant_bundle"])} if body.get("variant_bundle") else set()
            listed |= {str(one) for one in body.get("media", {}).values()}
        return listed

    def _send_answers(self, link: Link) -> None:
        """What was deleted is told until the server has heard it. Raises Refused, ServerAway."""
        journal = self._agent.journal
        while waiting := journal.get(ANSWERS):
            first = waiting[0]
            tell(link, first["attempt"], first["generation"], first["number"], PurgeResult.DONE)
            journal.set(ANSWERS, waiting[1:])
            # Not even the attempt's name stays.
            journal.scrub()


def tell(link: Link, attempt: str, generation: int, number: int, result: PurgeResult) -> None:
    """A server that does not know of the order has no use for the answer. Raises Refused, ServerAway."""
    try:
        link.answer_purge(attempt, PurgeAnswer(generation=generation, number=number, result=str(result)))
    except Refused as refusal:
        if is_passing(refusal):
            raise


def is_passing(refusal: Refused) -> bool:
    """Whether the same request may be answered later."""
    return refusal.status >= 500 or refusal.status in (401, 429)


def read_order(order: Directive, root: str) -> Receipt:
    """The receipt that an order brings, signed by the hub of this root. Raises BadStatement and its kinds."""
    receipt, keys = order.body.get("receipt"), order.body.get("hub_keys")
    if not isinstance(receipt, str) or not isinstance(keys, str):
        raise BadStatement("the order brings no receipt")
    return read_receipt(receipt.encode(), read_hub_keys(keys.encode(), root))
