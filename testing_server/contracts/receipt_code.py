"""The candidate's receipt: a short code that proves at appeal which answers and sound were recorded."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping

_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
CODE_LENGTH = 20


def make_receipt_code(heads: Mapping[int, tuple[int, str]], recordings: Iterable[str]) -> str:
    """20 Crockford characters (100 bits) over heads {lease: (number, digest)} and recordings' SHA-256s."""
    digest = hashlib.sha256()
    for lease in sorted(heads):
        number, head = heads[lease]
        digest.update(f"{lease}:{number}:{head}\n".encode())
    for recording in sorted(recordings):
        digest.update(f"{recording}\n".encode())
    return base64.b32encode(digest.digest()).decode().translate(_CROCKFORD)[:CODE_LENGTH]


def show_receipt_code(code: str) -> str:
    """The code as it is printed: groups of five."""
    return "-".join(code[start:start + 5] for start in range(0, len(code), 5))
