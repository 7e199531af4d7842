"""Session tokens of workstations that ask by an express lane. Takes a token's text, gives the workstation."""
from __future__ import annotations

from testing_server.foundation.services import Services
from testing_server.foundation.tokens import Token, read_token

TOKENS_KEPT = 4_096


class KnownTokens:
    """The signature of a token is checked once, its end each time."""

    def __init__(self, offered: Services) -> None:
        self._offered = offered
        self._known: dict[str, Token] = {}

    def recognise(self, text: str) -> str:
        """The workstation of a token. Raises BadToken."""
        now_ms = self._offered.clock.now_ms()
        known = self._known.get(text)
        if known is None or known.expires_ms <= now_ms:
            known = read_token(self._offered.mac_key, text, "workstation", now_ms)
            if len(self._known) >= TOKENS_KEPT:
                self._known.clear()
            self._known[text] = known
        return known.subject
