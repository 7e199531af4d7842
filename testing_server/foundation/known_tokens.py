"""Session tokens of those who ask by an express lane. Takes a token's text, gives who was let in."""
from __future__ import annotations

from testing_server.foundation.services import Services
from testing_server.foundation.tokens import Token, read_token

TOKENS_KEPT = 4_096


class KnownTokens:
    """The signature of a token is checked once, its end each time. `kind`: as of foundation.tokens.Token."""

    def __init__(self, offered: Services, kind: str) -> None:
        self._offered = offered
        self._kind = kind
        self._known: dict[str, Token] = {}

    def recognise(self, text: str) -> str:
        """The subject of a token. Raises BadToken."""
        now_ms = self._offered.clock.now_ms()
        known = self._known.get(text)
        if known is None or known.expires_ms <= now_ms:
            known = read_token(self._offered.mac_key, text, self._kind, now_ms)
            if len(self._known) >= TOKENS_KEPT:
                self._known.clear()
            self._known[text] = known
        return known.subject
