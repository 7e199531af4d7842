"""Pairing: a short code that this screen shows and an organizer types, so that nobody stands in between.

Takes a server's address and the workstation's key; gives the six digits and, once the console is green, what is
pinned from then on. Protocol.md §1.
"""

from __future__ import annotations

import hashlib
import platform
import secrets
from dataclasses import dataclass

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk_client import SOFTWARE
from kiosk_client.identity import Paired
from kiosk_client.link import Answer, Wire, read_answer
from kiosk_client.refusals import PairingRefused
from testing_server.contracts import messages
from testing_server.contracts.pairing import NONCE_BYTES, commit_nonce, pairing_code
from testing_server.contracts.statements import public_bytes


@dataclass
class Pairing:
    """A pairing that goes on: `code` is what the screen shows."""

    wire: Wire
    pairing: str
    code: str
    authority_pem: str

    def ask_state(self) -> messages.PairState:
        """waiting, green or red. Raises ServerAway, Refused, PairingRefused."""
        answer = self.wire.request("GET", f"/v1/pair/{self.pairing}")
        check_leaf(answer, self.authority_pem)
        return read_answer(messages.PairState, answer.body)

    def finish(self, state: messages.PairState) -> Paired:
        """What to pin, once the server is green and a person confirmed it. Raises PairingRefused."""
        if state.state != "green" or not state.workstation:
            raise PairingRefused(f"the console is {state.state}")
        return Paired(self.wire.server, self.authority_pem, state.workstation, state.seat, state.school,
                      state.certificate)


def begin_pairing(server: str, key: Ed25519PrivateKey) -> Pairing:
    """Steps 1 and 2. Raises ServerAway, Refused, PairingRefused (a leaf of another authority)."""
    wire = Wire(server, None)
    nonce, public = secrets.token_bytes(NONCE_BYTES), public_bytes(key)
    body = messages.PairBegin(public_key=public.hex(), commitment=commit_nonce(nonce), software=SOFTWARE,
                              host_name=platform.node())
    answer = _post(wire, "/v1/pair", body)
    begun: messages.PairBegun = read_answer(messages.PairBegun, answer.body)
    check_leaf(answer, begun.authority_pem)
    code = compute_code(nonce, begun, public)
    check_leaf(_post(wire, f"/v1/pair/{begun.pairing}", messages.PairReveal(nonce=nonce.hex())), begun.authority_pem)
    return Pairing(wire, begun.pairing, code, begun.authority_pem)


def _post(wire: Wire, path: str, body: messages.Message) -> Answer:
    return wire.request("POST", path, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"})


def compute_code(nonce: bytes, begun: messages.PairBegun, public: bytes) -> str:
    """The six digits of what this side saw. Raises PairingRefused."""
    try:
        return pairing_code(nonce, bytes.fromhex(begun.nonce), hash_authority(begun.authority_pem), public)
    except ValueError as error:
        raise PairingRefused(str(error)) from error


def hash_authority(authority_pem: str) -> bytes:
    """SHA-256 of the authority's SubjectPublicKeyInfo. Raises ValueError."""
    authority = x509.load_pem_x509_certificate(authority_pem.encode())
    return hashlib.sha256(authority.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def check_leaf(answer: Answer, authority_pem: str) -> None:
    """Raise PairingRefused unless the connection's leaf was issued by the authority; plain HTTP has no leaf."""
    if not answer.is_secure:
        return
    try:
        authority = x509.load_pem_x509_certificate(authority_pem.encode())
        x509.load_der_x509_certificate(answer.leaf).verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise PairingRefused(f"the server's certificate is not of the authority it names: {error}") from error
