"""The hub's own keys: root, signing key, package recipient, and the statement that makes them known.

Takes a folder. Gives `HubKeys` to the hub and `TrustedHub` (public parts, verified from the root's fingerprint
in the credential file) to everybody else. On one machine the root lies beside the others; elsewhere it is offline.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.refusals import BadStatement, UnknownKey
from testing_server.contracts.statements import (
    Statement, key_id_of, public_bytes, read_unverified, sign_statement, verify_statement)
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.preparation.private_files import write_private_file

FORMAT = "hub_keys/1"
ROOT, SIGNING, RECIPIENT, STATEMENT = "hub-root.key", "hub-signing.key", "hub-recipient.key", "hub_keys.json"
NEEDED = (SIGNING, RECIPIENT, STATEMENT)
YEAR_MS = 365 * 24 * 3_600_000


class HubKeysMissing(Exception):
    """The hub must not start: without its keys it can sign nothing and read no package."""


@dataclass(frozen=True)
class HubKeys:
    """`statement`: the signed `hub_keys` envelope; `recipient` opens response packages (the worker's alone)."""

    signing: Ed25519PrivateKey
    recipient: pyrage.x25519.Identity
    statement: bytes

    @property
    def trusted(self) -> dict[str, bytes]:
        """key id -> raw public bytes, as verify_statement takes it."""
        raw = public_bytes(self.signing)
        return {key_id_of(raw): raw}

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 (hex) of the root's public key: what a credential file carries."""
        return sha256_hex(bytes.fromhex(read_unverified(self.statement).read()["root"]))


@dataclass(frozen=True)
class TrustedHub:
    """The public parts of a hub, believed because its root signed them.

    `signing`: key id -> raw public bytes; `recipients`: age1… addresses every response package is encrypted to.
    """

    root_fingerprint: str
    version: int
    signing: dict[str, bytes]
    recipients: tuple[str, ...]

    def verify(self, envelope: bytes, kind: str) -> Statement:
        """A statement of the hub; `kind` names one of PAYLOAD_TYPES. Raises BadStatement and its kinds."""
        return verify_statement(envelope, self.signing, PAYLOAD_TYPES[kind])


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
    return HubKeys(signing, recipient, statement)


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
    return HubKeys(signing, recipient, (folder / STATEMENT).read_bytes())


def has_no_hub_keys(folder: Path) -> bool:
    """Whether this is a first start: none of the key files is there."""
    return not any((folder / name).exists() for name in (ROOT, *NEEDED))


def read_hub_keys(envelope: bytes, root_fingerprint: str, lowest_version: int = 0) -> TrustedHub:
    """Verify a `hub_keys` statement from the root's fingerprint. Raises BadStatement, UnknownKey, BadSignature."""
    try:
        root = bytes.fromhex(read_unverified(envelope).read()["root"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadStatement(f"hub_keys names no root: {error}") from error
    if sha256_hex(root) != root_fingerprint:
        raise UnknownKey("these keys are signed by another root than the one in the credential file")
    payload = verify_statement(envelope, {key_id_of(root): root}, PAYLOAD_TYPES["hub_keys"]).read()
    if payload["version"] < lowest_version:
        raise BadStatement(f"hub_keys version {payload['version']} is older than {lowest_version}")
    revoked = set(payload["revoked"])
    signing = {one["id"]: bytes.fromhex(one["public"]) for one in payload["signing"] if one["id"] not in revoked}
    return TrustedHub(root_fingerprint, payload["version"], signing, tuple(payload["recipients"]))
