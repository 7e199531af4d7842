"""Room ledgers as they lie on workstations: a signed envelope around bytes that only the school's key opens.

Takes and gives envelope bytes. The header is in clear, so that whoever keeps ledgers knows which is newer; what
happened in the room is not. Protocol.md §3.
"""

from __future__ import annotations

import msgspec

from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import Statement, read_unverified
from testing_server.contracts.versions import PAYLOAD_TYPES

FORMAT = "room-ledger/1"
MAX_LEDGER_BYTES = 1024 * 1024
KEPT_VERSIONS = 3


class LedgerHeader(msgspec.Struct, frozen=True, kw_only=True):
    """`claim`: envelope of the claim under whose `ledger_key` this ledger is signed."""

    format: str
    sitting: str
    generation: int
    version: int
    made_at_ms: int
    protocol: str
    claim: str

    @property
    def place(self) -> tuple[int, int]:
        """(generation, version): the larger is the newer."""
        return self.generation, self.version


def write_ledger_payload(header: LedgerHeader, sealed: bytes) -> bytes:
    """The bytes to sign: the header's line, then the age file."""
    return msgspec.json.encode(header) + b"\n" + sealed


def read_ledger_payload(payload: bytes) -> tuple[LedgerHeader, bytes]:
    """Header and age file. Raises BadStatement."""
    line, found, sealed = payload.partition(b"\n")
    try:
        header = msgspec.json.decode(line, type=LedgerHeader)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadStatement(f"not a ledger: {error}") from error
    if not found or header.format != FORMAT:
        raise BadStatement(f"not a {FORMAT}")
    return header, sealed


def peek_ledger(envelope: bytes) -> LedgerHeader:
    """What a ledger says of itself, before anybody has checked its signature. Raises BadStatement."""
    statement: Statement = read_unverified(envelope)
    if statement.payload_type != PAYLOAD_TYPES["ledger"]:
        raise BadStatement(f"{statement.payload_type} is no ledger")
    return read_ledger_payload(statement.payload)[0]
