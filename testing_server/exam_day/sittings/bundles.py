"""Bundles: what a seat fetches early and opens at the start.

Takes plain bytes; gives an age file under its own SHA-256, encrypted once to a fresh identity of its own.
"""
from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyrage

from testing_server.foundation.files.store import make_durable


@dataclass(frozen=True)
class MadeBundle:
    """`variant` is set for a variant's JSON, `plain` (SHA-256 of the content) for a medium; `media`: its plains."""

    sha256: str
    bytes: int
    identity: str
    variant: str = ""
    plain: str = ""
    type: str = ""
    media: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def make_bundle(content: bytes, folder: Path, **details: Any) -> MadeBundle:
    """Encrypt, write under the digest, make durable."""
    identity = pyrage.x25519.Identity.generate()
    sealed = pyrage.encrypt(content, [identity.to_public()])
    sha256 = hashlib.sha256(sealed).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{sha256}"
    with open(draft, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / sha256)
    make_durable(folder)
    return MadeBundle(sha256, len(sealed), str(identity), **details)
