"""Signed statements: DSSE envelopes (https://github.com/secure-systems-lab/dsse) over Ed25519.

The *bytes* of the payload are signed and kept; a reader verifies first and parses after.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.contracts.refusals import BadSignature, BadStatement, UnknownKey


@dataclass(frozen=True)
class Statement:
    """A verified statement: who signed which bytes, and what kind of thing they are."""

    payload: bytes
    payload_type: str
    key_id: str

    def read(self) -> dict[str, Any]:
        """The payload as JSON; raises BadStatement when it is not an object."""
        try:
            value = json.loads(self.payload)
        except ValueError as error:
            raise BadStatement(f"payload is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise BadStatement("payload is not a JSON object")
        return value


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The 32 raw bytes of an Ed25519 public key."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes_raw()


def key_id_of(public_key: bytes) -> str:
    """Name of a key: the first 32 hex digits of the SHA-256 of its raw public bytes."""
    return sha256_hex(public_key)[:32]


def authenticated_bytes(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: the type is signed together with the bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign_bytes(payload: bytes, payload_type: str, key: Ed25519PrivateKey) -> bytes:
    """An envelope (JSON bytes) over these payload bytes."""
    signature = key.sign(authenticated_bytes(payload_type, payload))
    return encode_canonical({
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": key_id_of(public_bytes(key)), "sig": base64.b64encode(signature).decode()}],
    })


def sign_statement(value: Mapping[str, Any], payload_type: str, key: Ed25519PrivateKey) -> bytes:
    """An envelope over the canonical bytes of a JSON object."""
    return sign_bytes(encode_canonical(dict(value)), payload_type, key)


def _read_envelope(envelope: bytes) -> tuple[bytes, str, list[tuple[str, bytes]]]:
    try:
        parsed = json.loads(envelope)
        payload = base64.b64decode(parsed["payload"], validate=True)
        signatures = [(str(s["keyid"]), base64.b64decode(s["sig"], validate=True)) for s in parsed["signatures"]]
        return payload, str(parsed["payloadType"]), signatures
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise BadStatement(f"not a signed envelope: {error}") from error


def read_unverified(envelope: bytes) -> Statement:
    """What an envelope claims, for showing or for choosing the key; never for acting on it."""
    payload, payload_type, signatures = _read_envelope(envelope)
    return Statement(payload, payload_type, signatures[0][0] if signatures else "")


def verify_statement(envelope: bytes, trusted: Mapping[str, bytes], payload_type: str) -> Statement:
    """The statement, if one of the trusted keys (key id -> raw public bytes) signed it.

    Raises BadStatement (unreadable or another type), UnknownKey, BadSignature.
    """
    payload, found_type, signatures = _read_envelope(envelope)
    if found_type != payload_type:
        raise BadStatement(f"expected {payload_type}, found {found_type}")
    known = [(key_id, signature) for key_id, signature in signatures if key_id in trusted]
    if not known:
        raise UnknownKey("no key of this envelope is known here")
    signed = authenticated_bytes(payload_type, payload)
    for key_id, signature in known:
        if _is_signed(trusted[key_id], signature, signed):
            return Statement(payload, found_type, key_id)
    raise BadSignature("the signature does not fit the bytes")


def _is_signed(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
