"""The organizer's exit code: how a workstation knows it without being told it.

The classroom server shows the code to people and gives workstations only its lock: salt and scrypt digest. A few digits
are no secret to somebody who has the lock and hours; to somebody in front of the page, who may try five times a minute,
they are.
"""

from __future__ import annotations

import hashlib
import hmac

import msgspec

DIGITS = 6
# 16 MiB and about 50 ms on a school PC.
COST, BLOCK, PARALLEL = 2 ** 14, 8, 1
MOST_MEMORY = 64 * 1024 * 1024


class ExitLock(msgspec.Struct, frozen=True, kw_only=True):
    """`salt`, `digest`: lower-case hex."""

    salt: str
    digest: str


def lock_exit_code(code: str, salt: bytes) -> ExitLock:
    """The lock of a code; `salt`: 16 random bytes."""
    return ExitLock(salt=salt.hex(), digest=_derive(code, salt).hex())


def opens(lock: ExitLock, typed: str) -> bool:
    """Whether what was typed is the code; spaces and dashes do not matter."""
    return hmac.compare_digest(_derive(typed, bytes.fromhex(lock.salt)).hex(), lock.digest)


def _derive(code: str, salt: bytes) -> bytes:
    digits = "".join(sign for sign in code if sign.isdigit())
    return hashlib.scrypt(digits.encode(), salt=salt, n=COST, r=BLOCK, p=PARALLEL, maxmem=MOST_MEMORY)
