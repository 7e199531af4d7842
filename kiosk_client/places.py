"""Whose servers are on the network: school and room of each, asked before anybody pairs or signs in.

Takes addresses; gives names as the servers tell them. They are hints for a person who chooses: what is trusted is
decided by the six digits, or by a pairing file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import httpx

from kiosk_client.link import Wire, read_answer
from kiosk_client.refusals import SeatRefusal
from testing_server.contracts.messages import PlaceTold

LONGEST_NAME = 120
PLACE_TIMEOUT = httpx.Timeout(3.0, connect=2.0)

log = logging.getLogger(__name__)


class Places:
    """Names of servers that have been asked; a server that did not answer is asked again."""

    def __init__(self) -> None:
        self._told: dict[str, PlaceTold] = {}

    def find(self, server: str) -> PlaceTold:
        """Empty names for a server that nobody has asked yet."""
        return self._told.get(server) or PlaceTold()

    def ask_next(self, servers: Sequence[str]) -> bool:
        """Ask one that is not known yet; whether something new was heard."""
        unknown = [server for server in servers if server not in self._told]
        for server in unknown[:1]:
            try:
                told = _ask(server)
            except SeatRefusal as refusal:
                log.debug("%s does not say whose it is: %s", server, refusal.details)
                return False
            self._told[server] = PlaceTold(school=told.school[:LONGEST_NAME], room=told.room[:LONGEST_NAME])
            return True
        return False


def _ask(server: str) -> PlaceTold:
    """Over TLS that nobody has vouched for yet."""
    wire = Wire(server, None)
    try:
        told: PlaceTold = read_answer(PlaceTold, wire.request("GET", "/v1/place", timeout=PLACE_TIMEOUT).body)
        return told
    finally:
        wire.close()
