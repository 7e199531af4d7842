"""The highest claim of each sitting that this workstation has seen, and the school's key that proves them.

Kept in the journal's settings: a restart must not follow a server that was left behind.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from kiosk_client.journal import Journal
from testing_server.contracts.claims import Claim, peek_claim, read_claim
from testing_server.contracts.refusals import ContractRefusal

ENVELOPES, SCHOOL_KEY = "claim_envelopes", "school_key"

log = logging.getLogger(__name__)


class ClaimsSeen:
    """Reads and keeps claims; what the school's key did not sign is as if nobody had said it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def pin_school_key(self, key: str) -> None:
        """The first one told by the paired server, over the authority that was pinned at pairing."""
        if key and not self._journal.get(SCHOOL_KEY):
            self._journal.set(SCHOOL_KEY, key)

    def forget(self) -> None:
        """Another pairing: another school's key, other claims."""
        self._journal.set(SCHOOL_KEY, "")
        self._journal.set(ENVELOPES, {})

    @property
    def envelopes(self) -> list[str]:
        """To show to any server."""
        return list((self._journal.get(ENVELOPES) or {}).values())

    def list_claims(self) -> list[Claim]:
        """Kept ones: they were verified when they came."""
        return [peek_claim(envelope.encode()) for envelope in self.envelopes]

    def find_generation(self, sitting: str) -> int:
        """The highest seen of a sitting, 0 for none."""
        return max((claim.generation for claim in self.list_claims() if claim.sitting == sitting), default=0)

    def read(self, envelopes: Iterable[str]) -> dict[str, tuple[Claim, str]]:
        """sitting -> the verified claim and its envelope; {} before a school's key is known."""
        key, found = self._journal.get(SCHOOL_KEY), {}
        for envelope in envelopes if key else ():
            try:
                claim = read_claim(envelope.encode(), bytes.fromhex(key))
            except (ContractRefusal, ValueError) as refusal:
                log.warning("a claim is not believed: %s", refusal)
                continue
            found[claim.sitting] = (claim, envelope)
        return found

    def take(self, envelopes: Iterable[str]) -> list[Claim]:
        """Keep those above what was seen; returns all that were believed."""
        told = self.read(envelopes)
        kept = dict(self._journal.get(ENVELOPES) or {})
        higher = {sitting: envelope for sitting, (claim, envelope) in told.items()
                  if claim.generation > self.find_generation(sitting)}
        if higher:
            self._journal.set(ENVELOPES, kept | higher)
        return [claim for claim, _ in told.values()]
