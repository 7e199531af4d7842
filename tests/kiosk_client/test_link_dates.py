"""A workstation whose clock is wrong reaches its server: the authority is looked at, no dates."""
from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk_client.link import make_context

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "school")])


def make_pem(folder: Path, from_days: int, to_days: int) -> tuple[str, ssl.SSLContext]:
    """An authority that is its own leaf, valid between these days from now, and a server that shows it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now + timedelta(days=from_days))
        .not_valid_after(now + timedelta(days=to_days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    file = folder / f"{from_days}.pem"
    file.write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return pem.decode(), server


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """Both sides in memory. Raises SSLError."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    for _ in range(4):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize(("from_days", "to_days"), [(40, 130), (-400, -40), (-1, 90)])
def test_dates_of_the_own_authority_do_not_matter(tmp_path: Path, from_days: int, to_days: int) -> None:
    pem, server = make_pem(tmp_path, from_days, to_days)
    shake_hands(make_context(pem), server)


def test_another_authority_is_refused_all_the_same(tmp_path: Path) -> None:
    _, server = make_pem(tmp_path, -1, 90)
    pem, _ = make_pem(tmp_path, -2, 90)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(make_context(pem), server)
