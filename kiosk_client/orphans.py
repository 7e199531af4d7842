"""Works that the paired server does not know: shown to it until it does.

Takes the connection and the journal. A server is in a dead one's place and could read no ledger; once an organizer has
taken the works into a sitting, another hello begins their delivery from the first event.
"""

from __future__ import annotations

import logging

import msgspec

from kiosk_client.connection import Connection
from kiosk_client.journal import Journal
from testing_server.contracts.messages import SignedIn
from testing_server.contracts.orphans import WorkShown, WorksShown, WorksTaken

SHOW_EVERY = 8

log = logging.getLogger(__name__)


class Orphans:
    """`look` is a round of `following`: every few of them the works are shown, while there are any."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._round = 0

    def look(self, connection: Connection) -> None:
        """Raises Refused, ServerAway."""
        self._round += 1
        welcome = connection.welcome
        if welcome is None or welcome.recovering or self._round % SHOW_EVERY != 1:
            return
        works = {attempt: work for attempt in self._journal.list_attempts() if attempt not in welcome.acked
                 for work in [self._describe(attempt)] if work.own}
        if not works:
            return
        taken: WorksTaken = connection.link.ask("POST", "/v1/works", WorksTaken, WorksShown(works=works))
        if taken.known:
            log.warning("the server knows %d works by now that it did not", len(taken.known))
            connection.link.renew_token(connection.link.token)

    def _describe(self, attempt: str) -> WorkShown:
        kept = self._journal.get_attempt(attempt)
        signed_in: SignedIn = msgspec.json.decode(kept[1] if kept else "{}", type=SignedIn)
        leases = [lease for lease in self._journal.list_leases(attempt) if lease.grant]
        return WorkShown(code=signed_in.code, variant=signed_in.variant,
                         assessment=str(signed_in.assessment.get("id", "")),
                         grants={str(lease.lease): lease.grant for lease in leases},
                         own=[lease.lease for lease in leases if lease.own])
