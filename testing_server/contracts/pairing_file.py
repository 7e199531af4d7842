"""A file on a stick that pairs a whole room: the authority in full, a token for some uses, an hour when it ends.

Takes and gives bytes. Whoever holds the file may place a computer in the room while it is good; what it vouches for is
the server, by its authority, so that no digits need comparing (protocol.md §1).
"""

from __future__ import annotations

import hashlib
import secrets

import msgspec

from testing_server.contracts.messages import Message, read_message
from testing_server.contracts.refusals import ContractRefusal

FORMAT = "pairing-file/1"
TOKEN_BYTES = 16
PROOF = b"pair-file1"
# of a file that people carry: more is not one
LONGEST_FILE = 64 * 1024


class PairingFile(Message):
    """`token`: 16 bytes in hex; `authority_pem`: what is trusted; `servers`: https addresses; `expires_at_ms`: Unix."""

    format: str
    school: str
    room: str
    token: str
    authority_pem: str
    servers: list[str]
    uses: int
    expires_at_ms: int


class PairByFile(Message):
    """POST /v1/pair/by-file -> PairState. `signature`: `prove_possession` by the key; `seat` "" = the next free one."""

    token: str
    public_key: str
    signature: str
    software: str = ""
    host_name: str = ""
    seat: str = ""


def make_token() -> str:
    """A fresh token: 128 bits in hex."""
    return secrets.token_hex(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What the server keeps of a token: a copy of its database pairs nobody."""
    return hashlib.sha256(b"pairing-file-token/1\0" + token.encode(errors="replace")).hexdigest()


def proof_bytes(token: str, public_key: str) -> bytes:
    """What the workstation's key signs, so that nobody places a key that is not theirs."""
    return PROOF + bytes.fromhex(token) + bytes.fromhex(public_key)


def write_pairing_file(told: PairingFile) -> bytes:
    """JSON for the stick, to be read by people too."""
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def read_pairing_file(data: bytes) -> PairingFile:
    """Raises ContractRefusal for anything else than such a file."""
    if len(data) > LONGEST_FILE:
        raise ContractRefusal("too large for a pairing file")
    told: PairingFile = read_message(PairingFile, data)
    if told.format != FORMAT:
        raise ContractRefusal(f"{told.format!r} is not {FORMAT}")
    try:
        if len(bytes.fromhex(told.token)) != TOKEN_BYTES:
            raise ContractRefusal("the token is cut")
    except ValueError as error:
        raise ContractRefusal("the token is not hex") from error
    return told
