"""The school's authority signs leaves a client trusts through the authority alone."""
import ssl
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from testing_server.foundation.tls import (
    ensure_tls, fingerprint_certificate, issue_leaf, load_authority, make_authority)

NOW_MS = 1_760_000_000_000
DAY_MS = 86_400_000


def verify(authority: bytes, leaf: bytes, host: str, at_ms: int = NOW_MS) -> None:
    certificate, *_issuers = x509.load_pem_x509_certificates(leaf)
    trusted = Store([x509.load_pem_x509_certificate(authority)])
    moment = datetime.fromtimestamp(at_ms / 1000, timezone.utc)
    builder = PolicyBuilder().store(trusted).time(moment)
    builder.build_server_verifier(x509.DNSName(host)).verify(certificate, [])


def test_leaf_is_trusted_through_its_authority() -> None:
    authority = make_authority("Школа 7", NOW_MS)
    verify(authority.certificate, issue_leaf(authority, ["localhost", "192.168.0.7"], NOW_MS).certificate, "localhost")


@pytest.mark.parametrize(("host", "days"), [("elsewhere.example", 0), ("localhost", 91), ("localhost", -2)])
def test_other_name_or_time_is_not_trusted(host: str, days: int) -> None:
    authority = make_authority("Школа 7", NOW_MS)
    leaf = issue_leaf(authority, ["localhost"], NOW_MS)
    with pytest.raises(VerificationError):
        verify(authority.certificate, leaf.certificate, host, NOW_MS + days * DAY_MS)


def test_another_authority_is_not_trusted() -> None:
    leaf = issue_leaf(make_authority("A", NOW_MS), ["localhost"], NOW_MS)
    with pytest.raises(VerificationError):
        verify(make_authority("A", NOW_MS).certificate, leaf.certificate, "localhost")


def test_keys_are_of_a_kind_browsers_take() -> None:
    key = x509.load_pem_x509_certificate(make_authority("A", NOW_MS).certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"


def test_key_of_another_authority_is_refused() -> None:
    first, second = make_authority("A", NOW_MS), make_authority("A", NOW_MS)
    with pytest.raises(ValueError, match="not of this authority"):
        load_authority(first.certificate, second.key)


def test_fingerprint_is_of_the_key_and_stays(tmp_path: Path) -> None:
    files = ensure_tls(tmp_path, NOW_MS, ["localhost"])
    again = ensure_tls(tmp_path, NOW_MS + 80 * DAY_MS, ["localhost"])
    assert files.fingerprint == again.fingerprint == fingerprint_certificate(files.authority.read_bytes())


@pytest.mark.parametrize(("days", "hosts", "renewed"), [
    (1, ["localhost"], False), (59, ["localhost"], False), (61, ["localhost"], True),
    (1, ["localhost", "10.0.0.5"], True)])
def test_leaf_is_renewed_in_time_and_for_new_addresses(
        tmp_path: Path, days: int, hosts: list[str], renewed: bool) -> None:
    before = ensure_tls(tmp_path, NOW_MS, ["localhost"]).certificate.read_bytes()
    after = ensure_tls(tmp_path, NOW_MS + days * DAY_MS, hosts).certificate.read_bytes()
    assert (before != after) is renewed


def test_leaf_follows_a_new_authority(tmp_path: Path) -> None:
    ensure_tls(tmp_path, NOW_MS, ["localhost"])
    authority = make_authority("Restored", NOW_MS)
    files = ensure_tls(tmp_path, NOW_MS, ["localhost"], authority=authority)
    verify(authority.certificate, files.certificate.read_bytes(), "localhost")
    assert files.fingerprint == fingerprint_certificate(authority.certificate)


def test_files_serve_and_are_private(tmp_path: Path) -> None:
    files = ensure_tls(tmp_path, NOW_MS)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    assert files.key.stat().st_mode & 0o777 == 0o600


def test_openssl_reads_the_chain(tmp_path: Path) -> None:
    files = ensure_tls(tmp_path, NOW_MS, ["localhost"])
    command = ["openssl", "verify", "-attime", str(NOW_MS // 1000), "-purpose", "sslserver",
               "-CAfile", str(files.authority), str(files.certificate)]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip().endswith("OK")
