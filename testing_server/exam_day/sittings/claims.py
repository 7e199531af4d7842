"""Claiming a sitting: which server leads it, under which generation. Takes the school's key; gives the envelope."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.claims import Claim
from testing_server.contracts.statements import public_bytes, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.settings import Settings
from testing_server.foundation.tls.files import list_own_hosts
from testing_server.preparation.school_key import SchoolKey

LEDGER_KEY = "ledger.key"


@dataclass(frozen=True)
class Claimant:
    """The server that claims. `ledger_key`: hex of the public key its room ledgers are signed with."""

    instance: str
    leaf_sha256: str = ""
    ledger_key: str = ""
    addresses: Sequence[str] = ()


def open_ledger_key(settings: Settings) -> Ed25519PrivateKey:
    """This server's own key for room ledgers: they must go on when the school's key is locked after a reboot."""
    return Ed25519PrivateKey.from_private_bytes(obtain_key(settings.keys_folder, LEDGER_KEY))


def describe_claimant(settings: Settings, instance: str) -> Claimant:
    """What this server says of itself in a claim."""
    leaf = settings.keys_folder / "leaf.pem"
    return Claimant(instance, sha256(leaf.read_bytes()).hexdigest() if leaf.exists() else "",
                    public_bytes(open_ledger_key(settings)).hex(), list_addresses(settings))


def list_addresses(settings: Settings) -> list[str]:
    """Where workstations reach this server."""
    scheme = "https" if settings.tls else "http"
    hosts = [settings.host] if settings.host not in ("0.0.0.0", "::") else [
        host for host in list_own_hosts() if host.count(".") == 3 and not host.startswith("127.")]
    return [f"{scheme}://{host}:{settings.port}" for host in hosts]


def write_claim(key: SchoolKey, now_ms: int, sitting: str, generation: int, claimant: Claimant, by: str,
                reason: str, highest_seen: int) -> str:
    """The signed envelope as text."""
    claim = Claim(
        sitting=sitting, generation=generation, instance=claimant.instance, claimed_at_ms=now_ms,
        leaf_sha256=claimant.leaf_sha256, by=by, reason=reason, highest_seen=highest_seen,
        ledger_key=claimant.ledger_key, recipient=str(key.recipient.to_public()), addresses=list(claimant.addresses))
    return sign_statement(msgspec.to_builtins(claim), PAYLOAD_TYPES["claim"], key.signing).decode()
