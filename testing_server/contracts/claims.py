"""Claims: signed statements of which server leads a sitting (protocol.md §3). The highest generation leads.

Takes an envelope and the school's public key; gives the claim inside, or the refusal.
"""

from __future__ import annotations

import msgspec

from testing_server.contracts.leases import GENERATION_STEP, make_generation
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import key_id_of, read_unverified, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """`ledger_key`: hex Ed25519 that signs this generation's room ledgers; `recipient`: age recipient of the school,
    who alone opens them; `addresses`: where the claiming server listens; `highest_seen`: the generation before."""

    sitting: str
    generation: int
    instance: str
    claimed_at_ms: int
    leaf_sha256: str = ""
    by: str = ""
    reason: str = ""
    highest_seen: int = 0
    ledger_key: str = ""
    recipient: str = ""
    addresses: list[str] = []


def read_claim(envelope: bytes, school_key: bytes) -> Claim:
    """The claim, if the school's key (32 raw bytes) signed it. Raises BadStatement and its kinds."""
    statement = verify_statement(envelope, {key_id_of(school_key): school_key}, PAYLOAD_TYPES["claim"])
    return _convert(statement.payload)


def peek_claim(envelope: bytes) -> Claim:
    """What a claim says, before anybody has checked who signed it. Raises BadStatement."""
    statement = read_unverified(envelope)
    if statement.payload_type != PAYLOAD_TYPES["claim"]:
        raise BadStatement(f"{statement.payload_type} is no claim")
    return _convert(statement.payload)


def _convert(payload: bytes) -> Claim:
    try:
        return msgspec.json.decode(payload, type=Claim)
    except msgspec.ValidationError as error:
        raise BadStatement(f"not a claim: {error}") from error


def next_generation(highest_seen: int, random_bits: int) -> int:
    """The generation of who takes over after `highest_seen`: its counter plus one."""
    return make_generation(highest_seen // GENERATION_STEP + 1, random_bits)
