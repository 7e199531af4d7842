"""A hub that signs receipts for what a fake classroom holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client.fakes import FakeAttempt
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import digest_of
from testing_server.contracts.statements import key_id_of, public_bytes, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES


@dataclass
class FakeHub:
    """Its root and its signing key."""

    root: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def fingerprint(self) -> str:
        return sha256_hex(public_bytes(self.root))

    @property
    def statement(self) -> str:
        """The signed keys of this hub."""
        public = public_bytes(self.signing)
        payload = {"version": 1, "root": public_bytes(self.root).hex(), "revoked": [], "recipients": [],
                   "signing": [{"id": key_id_of(public), "public": public.hex()}]}
        return sign_statement(payload, PAYLOAD_TYPES["hub_keys"], self.root).decode()

    def receive(self, known: FakeAttempt, purge_not_before_ms: int = 1, **changes: Any) -> dict[str, str]:
        """The body of a `purge` directive: a receipt of all that the classroom has of an attempt."""
        heads: dict[int, dict[str, Any]] = {}
        for lease, number in sorted(known.lines):
            digest = digest_of(known.lines[lease, number].encode())
            heads[lease] = {"lease": lease, "number": number, "digest": digest}
        received = {"attempt": known.id, "receipt": "R" * 20, "heads": list(heads.values()),
                    "recordings": [hashlib.sha256(sound).hexdigest() for sound in known.sound.values()],
                    "files": list(known.files), **changes}
        payload = {"format": "receipt/1", "package_id": "p" * 64, "school": "s1", "sitting": "t1", "sequence": 1,
                   "received_at_ms": 1, "purge_not_before_ms": purge_not_before_ms, "verdict": "accepted", "copies": 1,
                   "attempts": [received]}
        receipt = sign_statement(payload, PAYLOAD_TYPES["receipt"], self.signing)
        return {"receipt": receipt.decode(), "hub_keys": self.statement}
