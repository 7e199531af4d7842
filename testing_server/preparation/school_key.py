"""The school's own key: signing, recipient and LAN authority in one file locked by the organizer's passphrase.

Takes the school's name and the time. Gives a `SchoolKey`, and `school.key` bytes (an age file) for disk and stick.
"""
from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyrage
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from flask_babel import lazy_gettext as _

from task_bank.sealing.age_scrypt import lock_with_passphrase
from testing_server.contracts.canonical import encode_canonical
from testing_server.contracts.statements import public_bytes
from testing_server.foundation.refusals import Refusal

FORMAT = "school_key/1"
AUTHORITY_YEARS = 10
# clocks of school machines differ: an authority made "in the future" would be refused by a slow one
AUTHORITY_BACKDATED = timedelta(days=2)


class WrongPassphrase(Refusal):
    code = "wrong_passphrase"
    status = 403
    message = _("Пароль не подходит к ключу школы.")
    safe = _("Ключ школы цел, ответы и записи на месте.")
    remedy = _("Проверьте раскладку и введите пароль ещё раз.")


class SchoolKeyDamaged(Refusal):
    code = "school_key_damaged"
    status = 422
    message = _("Файл ключа школы не читается: он повреждён или это другой файл.")
    safe = _("Ответы и записи на сервере целы.")
    remedy = _("Возьмите копию school.key с флешки организатора.")


@dataclass(frozen=True)
class SchoolKey:
    """`signing`: packages, claims, certificates; `recipient`: room ledgers; authority: issues LAN TLS leaves (PEM)."""

    signing: Ed25519PrivateKey
    recipient: pyrage.x25519.Identity
    authority_key_pem: bytes
    authority_cert_pem: bytes

    def describe_public(self) -> dict[str, str]:
        """The three public parts, as they stand in a school certificate."""
        return {"signing": public_bytes(self.signing).hex(), "recipient": str(self.recipient.to_public()),
                "authority": self.authority_cert_pem.decode()}


def make_school_key(school_name: str, now: datetime) -> SchoolKey:
    """Fresh keys of a school. `now` is an aware datetime; the authority is valid for ten years from it."""
    authority = ec.generate_private_key(ec.SECP256R1())
    certificate = _make_authority(authority, school_name, now.astimezone(UTC))
    key_pem = authority.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())
    return SchoolKey(Ed25519PrivateKey.generate(), pyrage.x25519.Identity.generate(), key_pem,
                     certificate.public_bytes(serialization.Encoding.PEM))


def _make_authority(key: ec.EllipticCurvePrivateKey, school_name: str, now: datetime) -> x509.Certificate:
    # a common name holds 64 bytes, and a Cyrillic letter takes two
    short = school_name.encode()[:64].decode(errors="ignore").strip() or "school"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, short)])
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                          key_encipherment=False, data_encipherment=False, key_agreement=False,
                          encipher_only=False, decipher_only=False)
    return (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - AUTHORITY_BACKDATED)
            .not_valid_after(now + timedelta(days=365 * AUTHORITY_YEARS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256()))


def lock_school_key(key: SchoolKey, passphrase: str) -> bytes:
    """The age file for disk and stick; its work factor is fixed, so that any school PC can open it."""
    return lock_with_passphrase(write_school_key(key), passphrase, secrets.token_bytes(48))


def unlock_school_key(locked: bytes, passphrase: str) -> SchoolKey:
    """The key inside. Raises WrongPassphrase, SchoolKeyDamaged."""
    try:
        plain = pyrage.passphrase.decrypt(locked, passphrase)
    except pyrage.DecryptError as error:
        # pyrage has one class for all: only the failed unwrapping of the file key means the passphrase
        if "decryption failed" in str(error).lower():
            raise WrongPassphrase() from error
        raise SchoolKeyDamaged() from error
    return read_school_key(plain)


def write_school_key(key: SchoolKey) -> bytes:
    """The key in clear: for memory shared with our own child processes, never for a disk."""
    return encode_canonical({
        "format": FORMAT, "signing": key.signing.private_bytes_raw().hex(), "recipient": str(key.recipient),
        "authority_key": key.authority_key_pem.decode(), "authority_cert": key.authority_cert_pem.decode()})


def read_school_key(plain: bytes) -> SchoolKey:
    """The reverse of write_school_key. Raises SchoolKeyDamaged."""
    try:
        parts = json.loads(plain)
        return SchoolKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(parts["signing"])),
                         pyrage.x25519.Identity.from_str(parts["recipient"]),
                         parts["authority_key"].encode(), parts["authority_cert"].encode())
    except (ValueError, KeyError, TypeError, pyrage.IdentityError) as error:
        raise SchoolKeyDamaged() from error
