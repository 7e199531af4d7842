"""Writer of the age format with a passphrase, at a fixed work factor.

Takes bytes and a passphrase, gives an age file any age tool opens (age-encryption.org/v1, scrypt recipient).
Ours because other writers measure the work factor on the sealing machine, and a slow school PC then refuses
the file. 2^16 is enough here: the passphrase is 24 random digits, not a word a person chose.
"""
import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WORK_FACTOR = 16
CHUNK = 64 * 1024
SCRYPT_MEMORY = 128 * 1024 * 1024


def lock_with_passphrase(plain: bytes, passphrase: str, randomness: bytes) -> bytes:
    """Encrypt `plain`. `randomness` is 48 fresh random bytes (file key, salt, nonce)."""
    if len(randomness) != 48:
        raise ValueError("48 random bytes are needed")
    file_key, salt, nonce = randomness[:16], randomness[16:32], randomness[32:]
    header = _write_header(file_key, salt, passphrase)
    payload_key = _derive(file_key, nonce, b"payload")
    return header + nonce + b"".join(_seal_chunks(plain, payload_key))


def _write_header(file_key: bytes, salt: bytes, passphrase: str) -> bytes:
    label = b"age-encryption.org/v1/scrypt" + salt
    wrap_key = hashlib.scrypt(
        passphrase.encode(), salt=label, n=1 << WORK_FACTOR, r=8, p=1, maxmem=SCRYPT_MEMORY, dklen=32
    )
    body = ChaCha20Poly1305(wrap_key).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {_encode(salt)} {WORK_FACTOR}\n{_encode(body)}\n---"
    mac = hmac.new(_derive(file_key, b"", b"header"), head.encode(), hashlib.sha256).digest()
    return f"{head} {_encode(mac)}\n".encode()


def _seal_chunks(plain: bytes, key: bytes) -> list[bytes]:
    cipher = ChaCha20Poly1305(key)
    pieces = [plain[at:at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    sealed = []
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        nonce = number.to_bytes(11, "big") + bytes([last])
        sealed.append(cipher.encrypt(nonce, piece, None))
    return sealed


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
