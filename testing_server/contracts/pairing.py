"""Pairing a workstation: a committed short string that both ends show and a person compares (protocol.md §1)."""

from __future__ import annotations

import hashlib

NONCE_BYTES = 32


def commit_nonce(nonce: bytes) -> str:
    """What the kiosk sends before it reveals its nonce, so that nobody can grind for a matching code."""
    return hashlib.sha256(nonce).hexdigest()


def pairing_code(nonce_kiosk: bytes, nonce_server: bytes, authority_sha256: bytes, public_key: bytes) -> str:
    """Six digits that agree only if both ends saw the same authority key and the same workstation key.

    nonces: 32 bytes each; authority_sha256: SHA-256 (32 bytes) of the authority's SubjectPublicKeyInfo;
    public_key: the workstation's 32 raw Ed25519 bytes.
    """
    for name, value in (("kiosk nonce", nonce_kiosk), ("server nonce", nonce_server), ("authority", authority_sha256),
                        ("workstation key", public_key)):
        if len(value) != NONCE_BYTES:
            raise ValueError(f"{name}: 32 bytes expected, {len(value)} given")
    digest = hashlib.sha256(b"pair1" + nonce_kiosk + nonce_server + authority_sha256 + public_key).digest()
    return f"{int.from_bytes(digest, 'big') % 1_000_000:06d}"
