"""Digits of a kit. Takes chance or the hub's own key; gives ciphers of 30 digits that people can read out and type."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator

from testing_server.contracts.check_digits import make_cipher
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.services import Services

KEY_NAME = "kits.key"
LONG_ENOUGH = 512


def make_passphrase() -> str:
    """The expert's: made once, shown once, kept nowhere."""
    return make_cipher(secrets.randbelow)


def find_criteria_cipher(offered: Services, kit: str) -> str:
    """The criteria cipher of a kit: always the same, and in no database, backup of it or log."""
    key = obtain_key(offered.settings.keys_folder, KEY_NAME)
    return make_cipher(_draw(hmac.digest(key, kit.encode(), "sha256")))


def _draw(seed: bytes) -> Callable[[int], int]:
    stream: Iterator[int] = iter(hashlib.shake_256(seed).digest(LONG_ENOUGH))

    def below(limit: int) -> int:
        # bytes over the last whole multiple would make small digits likelier
        return next(byte for byte in stream if byte < 256 - 256 % limit) % limit

    return below
