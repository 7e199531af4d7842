"""What is signed between a hub, its keepers and coordinators: the question for halves and the postponement.

Takes parts and keys; gives envelopes, and reads them back verified. A question carries the hub's clock and a fresh
address the answer is encrypted to, so that nobody on the way learns a half.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.hub_statements import read_hub_keys
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import read_unverified, sign_statement, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.preparation.holders.roll import SIGNERS, Roll

REQUEST_FORMAT, POSTPONEMENT_FORMAT = "halves-request/1", "postponement/1"


@dataclass(frozen=True)
class Question:
    """`recipient`: age1… address of the answer; `asked_at_ms`: by the hub's clock."""

    slot: str
    recipient: str
    asked_at_ms: int


@dataclass(frozen=True)
class Postponement:
    """`signers`: key ids of the coordinators who signed these very words."""

    slot: str
    opens_at_ms: int
    reason: str
    signers: frozenset[str]


def sign_question(question: Question, signing: Ed25519PrivateKey) -> bytes:
    """The envelope a hub sends to a keeper."""
    told = {"format": REQUEST_FORMAT, "slot": question.slot, "recipient": question.recipient,
            "asked_at_ms": question.asked_at_ms}
    return sign_statement(told, PAYLOAD_TYPES["halves_request"], signing)


def read_question(envelope: bytes, hub_keys: bytes, roll: Roll) -> Question:
    """Believed from the root in the roll. Raises BadStatement and its kinds."""
    told = read_hub_keys(hub_keys, roll.hub_root).verify(envelope, "halves_request").read()
    try:
        return Question(str(told["slot"]), str(told["recipient"]), int(told["asked_at_ms"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadStatement(f"not a question for halves: {error}") from error


def sign_postponement(slot: str, opens_at_ms: int, reason: str, signing: Ed25519PrivateKey) -> bytes:
    """One coordinator's envelope."""
    told = {"format": POSTPONEMENT_FORMAT, "slot": slot, "opens_at_ms": opens_at_ms, "reason": reason}
    return sign_statement(told, PAYLOAD_TYPES["postponement"], signing)


def read_postponement(envelope: bytes, signers: Mapping[str, bytes]) -> Postponement:
    """As one coordinator signed it. Raises BadStatement and its kinds."""
    statement = verify_statement(envelope, signers, PAYLOAD_TYPES["postponement"])
    told: dict[str, Any] = statement.read()
    try:
        return Postponement(str(told["slot"]), int(told["opens_at_ms"]), str(told.get("reason", "")),
                            frozenset({statement.key_id}))
    except (KeyError, TypeError, ValueError) as error:
        raise BadStatement(f"not a postponement: {error}") from error


def join_postponements(envelopes: Iterable[bytes], signers: Mapping[str, bytes]) -> Postponement | None:
    """The latest hour two different coordinators agreed on for one slot; None while there are not two.

    All envelopes must be of one slot. Raises BadStatement and its kinds.
    """
    agreed: dict[tuple[str, int], Postponement] = {}
    for envelope in envelopes:
        one = read_postponement(envelope, signers)
        known = agreed.get((one.slot, one.opens_at_ms))
        agreed[one.slot, one.opens_at_ms] = Postponement(
            one.slot, one.opens_at_ms, one.reason, one.signers | (known.signers if known else frozenset()))
    if len({slot for slot, _hour in agreed}) > 1:
        raise BadStatement("these postponements are of different slots")
    whole = [one for one in agreed.values() if len(one.signers) >= SIGNERS]
    return max(whole, key=lambda one: one.opens_at_ms, default=None)


def peek_slot(envelope: bytes) -> str:
    """The slot an envelope claims to be about, "" where it says none; never for acting on it."""
    try:
        return str(read_unverified(envelope).read().get("slot", ""))
    except BadStatement:
        return ""
