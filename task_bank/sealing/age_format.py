"""The parts of the age format (age-encryption.org/v1) that do not depend on who may read: header, keys, chunks.

Takes a file key and the recipients' stanzas; gives the header, and the payload in chunks of 64 KiB, each sealed with
its number, the last one marked, so that nothing can be cut, moved or joined.
"""
import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INTRO = "age-encryption.org/v1"
CHUNK = 64 * 1024
FILE_KEY_BYTES, NONCE_BYTES = 16, 16


def write_stanza(arguments: Sequence[str], body: bytes) -> str:
    """One recipient's lines; `body`: 32 bytes, the wrapped file key."""
    return f"-> {' '.join(arguments)}\n{encode(body)}\n"


def wrap_file_key(file_key: bytes, wrap_key: bytes) -> bytes:
    """The file key, sealed by a key that is used this once."""
    return ChaCha20Poly1305(wrap_key).encrypt(bytes(12), file_key, None)


def write_header(file_key: bytes, stanzas: Iterable[str]) -> bytes:
    """Everything before the payload's nonce."""
    head = f"{INTRO}\n{''.join(stanzas)}---"
    mac = hmac.new(derive_key(file_key, b"", b"header"), head.encode(), hashlib.sha256).digest()
    return f"{head} {encode(mac)}\n".encode()


def seal_chunks(pieces: Iterable[bytes], file_key: bytes, nonce: bytes) -> Iterator[bytes]:
    """The payload after its nonce. `pieces`: 64 KiB each, the last one shorter or as long; none for nothing."""
    cipher = ChaCha20Poly1305(derive_key(file_key, nonce, b"payload"))
    waiting, number = b"", 0
    for piece in pieces:
        # only the piece after it tells whether a piece is the last
        if waiting:
            yield cipher.encrypt(number.to_bytes(11, "big") + b"\0", waiting, None)
            number += 1
        waiting = piece
    yield cipher.encrypt(number.to_bytes(11, "big") + b"\1", waiting, None)


def derive_key(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256, 32 bytes."""
    return HKDF(SHA256(), 32, salt, info).derive(key)


def encode(data: bytes) -> str:
    """Base64 as the header writes it: without padding."""
    return base64.b64encode(data).decode().rstrip("=")
