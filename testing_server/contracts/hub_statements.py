"""What a hub signs, believed from the fingerprint of its root: its present keys, and with them its other statements."""

from __future__ import annotations

from dataclasses import dataclass

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.refusals import BadStatement, UnknownKey
from testing_server.contracts.statements import Statement, key_id_of, read_unverified, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES


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
