"""One-time codes, the enrolment request and the certificate: pure rules. Takes bytes and time; gives texts."""
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyrage
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from flask_babel import lazy_gettext as _

from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.contracts.statements import key_id_of
from testing_server.foundation.refusals import Refusal

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
DAY_MS = 24 * 3_600_000
CODE_LIFE_MS = 14 * DAY_MS
CERTIFICATE_LIFE_MS = 365 * DAY_MS
# a certificate is also good for what a school machine with a slow clock signed just before it
CERTIFICATE_BACKDATED_MS = 2 * DAY_MS
CERTIFICATE_FORMAT = "school_certificate/1"
_LOOKALIKES = str.maketrans("OIL", "011")


class CodeWrong(Refusal):
    code = "code_wrong"
    status = 403
    message = _("Одноразовый код не подходит к этому логину школы.")
    remedy = _("Проверьте код по файлу, который выдал координатор.")


class CodeUsed(Refusal):
    code = "code_used"
    status = 409
    message = _("Одноразовый код уже использован для другого ключа.")
    remedy = _("Попросите у координатора новый код. Если школу подключили не вы, сообщите ему об этом сразу.")


class CodeExpired(Refusal):
    code = "code_expired"
    status = 410
    message = _("Срок одноразового кода истёк: он действует 14 дней.")
    remedy = _("Попросите у координатора новый код.")


class BadEnrolment(Refusal):
    code = "bad_request"
    status = 400
    message = _("Запрос на подключение школы не читается или не подписан её ключом.")


class UnknownSchoolKey(Refusal):
    code = "unknown_school_key"
    status = 403
    message = _("Ключ этой школы здесь не известен, отозван или его срок истёк.")
    remedy = _("Подключите школу заново с новым кодом координатора.")


@dataclass(frozen=True)
class SchoolKeys:
    """Public parts: Ed25519 as hex, age1… address, certificate of the LAN authority (PEM)."""

    signing: str
    recipient: str
    authority: str

    @property
    def key_id(self) -> str:
        """Name of the signing key."""
        return key_id_of(bytes.fromhex(self.signing))


def make_code(random_below: Callable[[int], int]) -> str:
    """Twenty Crockford characters (100 bits)."""
    return "".join(CROCKFORD[random_below(32)] for _ in range(CODE_LENGTH))


def show_code(code: str) -> str:
    """As it is printed: four groups of five."""
    return "-".join(code[at:at + 5] for at in range(0, CODE_LENGTH, 5))


def read_code(typed: str) -> str:
    """The twenty characters of a typed code, lookalikes forgiven. Raises CodeWrong."""
    code = re.sub(r"[\s\-–]", "", typed).upper().translate(_LOOKALIKES)
    if len(code) != CODE_LENGTH or any(letter not in CROCKFORD for letter in code):
        raise CodeWrong()
    return code


def digest_code(school: str, code: str) -> str:
    """What is kept of a code. 100 random bits need no slow hash."""
    return sha256_hex(f"enrolment-code/1/{school}/{code}".encode())


def proof_bytes(login: str, code: str, keys: dict[str, Any]) -> bytes:
    """What the school signs to show that it has the private key."""
    return b"enrol1" + encode_canonical({"login": login, "code": code, "keys": keys})


def prove_possession(key: Ed25519PrivateKey, login: str, code: str, keys: dict[str, Any]) -> str:
    """The proof (hex) of an enrolment request."""
    return key.sign(proof_bytes(login, code, keys)).hex()


def read_request(body: Any) -> tuple[str, str, SchoolKeys]:
    """(login, code, keys) of a request {login, code, keys, proof}. Raises BadEnrolment, CodeWrong."""
    try:
        login, code, parts = str(body["login"]), str(body["code"]), dict(body["keys"])
        keys = SchoolKeys(parts["signing"], parts["recipient"], parts["authority"])
        proof = bytes.fromhex(body["proof"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys.signing)).verify(proof, proof_bytes(login, code, parts))
        pyrage.x25519.Recipient.from_str(keys.recipient)
        check_authority(keys.authority)
    except (KeyError, TypeError, ValueError, InvalidSignature, pyrage.RecipientError) as error:
        raise BadEnrolment() from error
    return login.strip().lower(), read_code(code), keys


def check_authority(pem: str) -> None:
    """Raises ValueError unless this is a self-signed authority on P-256."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("the LAN authority must be on P-256")
    certificate.verify_directly_issued_by(certificate)


def describe_certificate(serial: int, school: dict[str, str], keys: SchoolKeys, now_ms: int) -> dict[str, Any]:
    """Payload of a school certificate; `school` = {id, login, name, region, zone}."""
    return {
        "format": CERTIFICATE_FORMAT, "serial": serial, "school": school["id"], "login": school["login"],
        "name": school["name"], "region": school["region"], "zone": school["zone"],
        "keys": {"signing": keys.signing, "recipient": keys.recipient, "authority": keys.authority},
        "not_before_ms": now_ms - CERTIFICATE_BACKDATED_MS, "not_after_ms": now_ms + CERTIFICATE_LIFE_MS,
    }


def session_bytes(challenge: str) -> bytes:
    """What a school signs to open a session."""
    return b"session1" + challenge.encode()


def is_signed_by(public_key: str, signature: str, signed: bytes) -> bool:
    """Whether the holder of an Ed25519 key (hex) signed these bytes (signature hex)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True
