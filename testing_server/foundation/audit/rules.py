"""How a chain is hashed. Takes plain values; gives the content to keep and its digest."""
import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec


def describe_line(chain: str, number: int, at_ms: int, actor: str, verb: str, subject: str,
                  details: dict[str, Any]) -> str:
    """The JSON text that is kept and hashed; keys in a fixed order."""
    line = {"chain": chain, "number": number, "at_ms": at_ms, "actor": actor, "verb": verb,
            "subject": subject, "details": details}
    return msgspec.json.encode(line, order="deterministic").decode()


def digest_line(previous: str, content: str) -> str:
    """SHA-256 over the digest before and this content, lower-case hex."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def find_broken_line(lines: Iterable[tuple[str, str]]) -> int | None:
    """(content, digest) from the first on; the number (from 1) of the first that does not follow, None when all do."""
    previous = ""
    for number, (content, digest) in enumerate(lines, 1):
        if digest != digest_line(previous, content):
            return number
        previous = digest
    return None
