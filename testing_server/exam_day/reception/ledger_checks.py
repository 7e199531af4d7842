"""The audit of a sitting as its package tells it. Takes the unpacked folder; raises Quarantine where the chain breaks.

The signature vouches that the school sent these lines; the chain shows a line that was changed before it was signed.
"""
from __future__ import annotations

from pathlib import Path

import msgspec

from testing_server.contracts.packages import LEDGER
from testing_server.exam_day.reception.quarantine import Quarantine
from testing_server.foundation.audit.rules import find_broken_line


class LedgerLine(msgspec.Struct):
    """`line`: the JSON that was hashed; `digest`: SHA-256 over the digest before and the line."""

    line: str
    digest: str


def check_ledger(folder: Path) -> int:
    """How many lines the ledger has. Raises Quarantine; a package of a version without one has none."""
    path = folder / LEDGER
    if not path.exists():
        return 0
    try:
        lines = [msgspec.json.decode(line, type=LedgerLine) for line in path.read_bytes().splitlines()]
    except msgspec.MsgspecError as error:
        raise Quarantine("digest_mismatch", f"{LEDGER}: {error}") from error
    broken = find_broken_line((one.line, one.digest) for one in lines)
    if broken is not None:
        raise Quarantine("digest_mismatch", f"{LEDGER}, line {broken} was changed, or one before it is missing")
    return len(lines)
