"""Values that must be read again but must not stand open in a database or its copies.

Takes a key kept as a file beside the database, bytes, and what they belong to. Gives locked bytes, and opens them.
"""
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from testing_server.foundation.keys import obtain_key
from testing_server.foundation.settings import Settings

NONCE_BYTES = 12


class NotUnlocked(Exception):
    """Locked by another key, for something else, or changed since."""


def obtain_locking_key(settings: Settings) -> bytes:
    """The key of this role; made at the first need, never part of the database or its dumps."""
    return obtain_key(settings.keys_folder, "locking.key")


def lock_value(key: bytes, value: bytes, belongs_to: str) -> bytes:
    """AES-256-GCM; moved to another row, it does not open."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, belongs_to.encode())


def unlock_value(key: bytes, locked: bytes, belongs_to: str) -> bytes:
    """The value. Raises NotUnlocked."""
    try:
        return AESGCM(key).decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], belongs_to.encode())
    except (InvalidTag, ValueError) as error:
        raise NotUnlocked(belongs_to) from error
