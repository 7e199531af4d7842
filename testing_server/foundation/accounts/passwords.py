"""Passwords as argon2 keeps them. Takes plain text; gives a hash, and whether a text fits it."""
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from testing_server.foundation.accounts.rules import spell_password

_hasher = PasswordHasher()
# compared against when the login is unknown, so that both answers take the same time
_stranger = _hasher.hash(secrets.token_hex(16))


def make_one_time_password() -> str:
    """Twelve easily read signs in three groups."""
    return spell_password(secrets.token_bytes(12))


def hash_password(password: str) -> str:
    """argon2id with the library's present parameters, salt and parameters inside the text."""
    return _hasher.hash(password)


def fits_password(kept: str | None, password: str) -> bool:
    """Takes about as long for an unknown login (`kept` is None) as for a known one."""
    try:
        _hasher.verify(kept or _stranger, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None
