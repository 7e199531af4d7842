"""Who this workstation is: its signing key (a file only its owner reads) and what pairing gave it.

The key is made once per data folder and never leaves it; the school's LAN authority is pinned at pairing.
"""

from __future__ import annotations

import os
import platform
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client.journal import Journal

HELLO_PREFIX = b"hello1"
_PAIRED = "paired"


@dataclass(frozen=True)
class Paired:
    """What pairing gave: the server, the authority that is trusted from now on, the certificate."""

    server: str
    authority_pem: str
    workstation: str
    seat: str
    school: str
    certificate: str


def read_paired(journal: Journal) -> Paired | None:
    """What an earlier pairing gave, None before the first."""
    kept = journal.get(_PAIRED)
    return Paired(**kept) if kept else None


def keep_paired(journal: Journal, paired: Paired | None) -> None:
    """Pin a server, or forget it."""
    journal.set(_PAIRED, asdict(paired) if paired else None)


def open_key(path: Path) -> Ed25519PrivateKey:
    """The workstation's key, made at the first call."""
    if not path.exists():
        _write_key(path)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _write_key(path: Path) -> None:
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, Ed25519PrivateKey.generate().private_bytes_raw())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)


def sign_challenge(key: Ed25519PrivateKey, challenge: bytes) -> str:
    """The answer to a hello's challenge, as hex."""
    return key.sign(HELLO_PREFIX + challenge).hex()


def name_machine() -> str:
    """A name that differs between computers: a journal copied to another one is recognised by it."""
    machine_id = Path("/etc/machine-id")
    return machine_id.read_text().strip() if machine_id.exists() else f"{platform.node()}-{uuid.getnode():x}"
