"""The hub's own keys: root, signing key, package recipient, escrow, and the statement that makes them known.

Takes a folder. Gives `HubKeys` to the hub and `TrustedHub` (public parts, verified from the root's fingerprint
in the credential file) to everybody else. On one machine the root and the private half of escrow lie beside the others;
elsewhere they are offline, and brought for the ceremonies that need them.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.hub_statements import TrustedHub, read_hub_keys
from testing_server.contracts.statements import key_id_of, public_bytes, read_unverified, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.preparation.private_files import write_private_file

FORMAT = "hub_keys/1"
ROOT, SIGNING, RECIPIENT, STATEMENT = "hub-root.key", "hub-signing.key", "hub-recipient.key", "hub_keys.json"
ESCROW, ESCROW_RECIPIENT = "hub-escrow.key", "hub-escrow.recipient"
NEEDED = (SIGNING, RECIPIENT, STATEMENT)
YEAR_MS = 365 * 24 * 3_600_000
# an old signing key stays known this long beside the new one
OVERLAP_MS = 91 * 24 * 3_600_000
# What everybody else believes of a hub is a contract: workstations read it too.
__all__ = ["ESCROW", "ROOT", "HubKeys", "HubKeysMissing", "TrustedHub", "describe_hub_keys", "has_no_hub_keys",
           "load_hub_keys", "make_hub_keys", "obtain_escrow", "read_escrow_key", "read_hub_keys", "rotate_signing_key"]


class HubKeysMissing(Exception):
    """The hub must not start: without its keys it can sign nothing and read no package."""


@dataclass(frozen=True)
class HubKeys:
    """`statement`: the signed `hub_keys` envelope; `recipient` opens response packages (the worker's alone).

    `escrow`: age1… address under which archives' identities are kept for a new cipher.
    """

    signing: Ed25519PrivateKey
    recipient: pyrage.x25519.Identity
    statement: bytes
    escrow: str

    @property
    def trusted(self) -> dict[str, bytes]:
        """key id -> raw public bytes, as verify_statement takes it."""
        raw = public_bytes(self.signing)
        return {key_id_of(raw): raw}

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 (hex) of the root's public key: what a credential file carries."""
        return sha256_hex(bytes.fromhex(read_unverified(self.statement).read()["root"]))


def make_hub_keys(folder: Path, now_ms: int) -> HubKeys:
    """Make all keys of a hub and write them into `folder`, the statement last."""
    root, signing = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    recipient = pyrage.x25519.Identity.generate()
    payload = describe_hub_keys(root, signing, recipient, now_ms)
    statement = sign_statement(payload, PAYLOAD_TYPES["hub_keys"], root)
    write_private_file(folder / ROOT, root.private_bytes_raw().hex().encode())
    write_private_file(folder / SIGNING, signing.private_bytes_raw().hex().encode())
    write_private_file(folder / RECIPIENT, str(recipient).encode())
    write_private_file(folder / STATEMENT, statement)
    return HubKeys(signing, recipient, statement, obtain_escrow(folder))


def describe_hub_keys(root: Ed25519PrivateKey, signing: Ed25519PrivateKey, recipient: pyrage.x25519.Identity,
                      now_ms: int, version: int = 1) -> dict[str, Any]:
    """The payload of the `hub_keys` statement."""
    public = public_bytes(signing)
    return {
        "format": FORMAT, "version": version, "root": public_bytes(root).hex(), "made_at_ms": now_ms,
        "signing": [{"id": key_id_of(public), "public": public.hex(), "not_before_ms": now_ms,
                     "not_after_ms": now_ms + YEAR_MS}],
        "recipients": [str(recipient.to_public())], "revoked": [],
    }


def load_hub_keys(folder: Path) -> HubKeys:
    """The keys of a hub. Raises HubKeysMissing naming the first file that is absent or damaged."""
    for name in NEEDED:
        if not (folder / name).exists():
            raise HubKeysMissing(f"{folder / name} is missing: restore the hub's keys from their backup")
    try:
        signing = Ed25519PrivateKey.from_private_bytes(bytes.fromhex((folder / SIGNING).read_text()))
        recipient = pyrage.x25519.Identity.from_str((folder / RECIPIENT).read_text().strip())
    except (ValueError, pyrage.IdentityError) as error:
        raise HubKeysMissing(f"a key in {folder} is damaged: {error}") from error
    return HubKeys(signing, recipient, (folder / STATEMENT).read_bytes(), obtain_escrow(folder))


def obtain_escrow(folder: Path) -> str:
    """The escrow address. A hub that never had one gets a pair; its private half may be carried away afterwards."""
    known = folder / ESCROW_RECIPIENT
    if not known.exists():
        identity = pyrage.x25519.Identity.generate()
        write_private_file(folder / ESCROW, str(identity).encode())
        write_private_file(known, str(identity.to_public()).encode())
    return known.read_text().strip()


def read_escrow_key(folder: Path) -> str | None:
    """The private half of escrow, None while it is kept elsewhere."""
    path = folder / ESCROW
    return path.read_text().strip() if path.exists() else None


def rotate_signing_key(folder: Path, now_ms: int) -> HubKeys:
    """A new signing key, made known by the next version of the statement; the old one stays known for the overlap.

    What the old key signed stays valid: archives need no new statement. Raises HubKeysMissing without the root.
    """
    before = load_hub_keys(folder)
    if not (folder / ROOT).exists():
        raise HubKeysMissing(f"{folder / ROOT} is missing: bring the root key, it signs the new one")
    root = Ed25519PrivateKey.from_private_bytes(bytes.fromhex((folder / ROOT).read_text()))
    signing = Ed25519PrivateKey.generate()
    known = read_unverified(before.statement).read()
    payload = describe_hub_keys(root, signing, before.recipient, now_ms, known["version"] + 1)
    old = [{**one, "not_after_ms": min(one["not_after_ms"], now_ms + OVERLAP_MS)} for one in known["signing"]]
    payload |= {"signing": [*payload["signing"], *old], "recipients": known["recipients"], "revoked": known["revoked"]}
    # the statement first: a key that is known and not used yet does no harm, the reverse does
    write_private_file(folder / STATEMENT, sign_statement(payload, PAYLOAD_TYPES["hub_keys"], root))
    write_private_file(folder / SIGNING, signing.private_bytes_raw().hex().encode())
    return load_hub_keys(folder)


def has_no_hub_keys(folder: Path) -> bool:
    """Whether this is a first start: none of the key files is there."""
    return not any((folder / name).exists() for name in (ROOT, *NEEDED))
