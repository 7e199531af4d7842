"""The authority and its leaves. Takes names, addresses and the present moment; gives PEM bytes.

ECDSA P-256, because browsers do not take Ed25519 server certificates. The authority is pinned, not the leaf:
a replacement server that has the authority's key is trusted without touching the workstations.
"""
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3 * 365
LEAF_DAYS = 90
# a server whose clock is a little ahead of a kiosk's must not look like one from the future
CLOCK_TOLERANCE = timedelta(hours=24)


@dataclass(frozen=True)
class Authority:
    """PEM of the certificate, which is public, and of the private key, which is not."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True)
class Leaf:
    """PEM of a server's certificate and its private key."""

    certificate: bytes
    key: bytes


def make_authority(name: str, now_ms: int) -> Authority:
    """A new authority that may sign leaves and nothing below them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    builder = (_builder(subject, subject, key.public_key(), now_ms, AUTHORITY_DAYS)
               .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
               .add_extension(_usage(signs_certificates=True), critical=True))
    return Authority(_pem(builder.sign(key, hashes.SHA256())), _key_pem(key))


def load_authority(certificate: bytes, key: bytes) -> Authority:
    """Checks that the two belong together; raises ValueError when they do not."""
    public = x509.load_pem_x509_certificate(certificate).public_key()
    private = serialization.load_pem_private_key(key, password=None)
    if public != private.public_key():
        raise ValueError("the key is not of this authority")
    return Authority(certificate, key)


def issue_leaf(authority: Authority, hosts: Iterable[str], now_ms: int, days: int = LEAF_DAYS) -> Leaf:
    """A server certificate for names and addresses; the certificate PEM carries the authority after it."""
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signing = serialization.load_pem_private_key(authority.key, password=None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority's key is not an elliptic curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_general_name(host) for host in hosts]
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    builder = (_builder(_name("testing-server"), issuer.subject, key.public_key(), now_ms, days)
               .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
               .add_extension(_usage(signs_certificates=False), critical=True)
               .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
               .add_extension(x509.SubjectAlternativeName(names), critical=False)
               .add_extension(identifier, critical=False))
    return Leaf(_pem(builder.sign(signing, hashes.SHA256())) + authority.certificate, _key_pem(key))


def fingerprint_certificate(certificate: bytes) -> str:
    """SHA-256 of the public key inside (its SubjectPublicKeyInfo), lower-case hex: what kiosks pin as F."""
    public = x509.load_pem_x509_certificate(certificate).public_key()
    body = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(body).hexdigest()


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now_ms: int,
             days: int) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(now_ms / 1000, timezone.utc)
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - CLOCK_TOLERANCE).not_valid_after(now + timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False))


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())
