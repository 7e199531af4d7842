"""Writer of the age format with a passphrase, at a fixed work factor.

Takes bytes and a passphrase, gives an age file any age tool opens (age-encryption.org/v1, scrypt recipient).
Ours because other writers measure the work factor on the sealing machine, and a slow school PC then refuses
the file. 2^16 is enough here: the passphrase is 24 random digits, not a word a person chose.
"""
import hashlib

from task_bank.sealing.age_format import CHUNK, encode, seal_chunks, wrap_file_key, write_header, write_stanza

WORK_FACTOR = 16
SCRYPT_MEMORY = 128 * 1024 * 1024


def lock_with_passphrase(plain: bytes, passphrase: str, randomness: bytes) -> bytes:
    """Encrypt `plain`. `randomness` is 48 fresh random bytes (file key, salt, nonce)."""
    if len(randomness) != 48:
        raise ValueError("48 random bytes are needed")
    file_key, salt, nonce = randomness[:16], randomness[16:32], randomness[32:]
    stanza = write_stanza(["scrypt", encode(salt), str(WORK_FACTOR)], _wrap(file_key, salt, passphrase))
    pieces = (plain[at:at + CHUNK] for at in range(0, len(plain), CHUNK))
    return b"".join([write_header(file_key, [stanza]), nonce, *seal_chunks(pieces, file_key, nonce)])


def _wrap(file_key: bytes, salt: bytes, passphrase: str) -> bytes:
    label = b"age-encryption.org/v1/scrypt" + salt
    wrap_key = hashlib.scrypt(
        passphrase.encode(), salt=label, n=1 << WORK_FACTOR, r=8, p=1, maxmem=SCRYPT_MEMORY, dklen=32
    )
    return wrap_file_key(file_key, wrap_key)
