"""Certificate files of one server. Takes its keys folder and addresses; gives paths that are ready to serve.

The leaf is made anew when it has less than thirty days left or an address of the machine is missing in it.
"""
import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509

import ifaddr

from testing_server.foundation.tls.authority import (
    Authority, fingerprint_certificate, issue_leaf, load_authority, make_authority)

RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class TlsFiles:
    """`certificate` and `key` are the leaf's; `authority` is what clients trust, `fingerprint` what they pin."""

    certificate: Path
    key: Path
    authority: Path
    fingerprint: str


def ensure_tls(folder: Path, now_ms: int, hosts: Sequence[str] | None = None, name: str = "testing-server",
               authority: Authority | None = None) -> TlsFiles:
    """Files of a server for `hosts` (default: all addresses of this machine).

    `authority`: the school's own, where it is unlocked; else the one kept in the folder, made now if there is none.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = authority or _keep_authority(folder, now_ms, name)
    files = TlsFiles(folder / "leaf.pem", folder / "leaf.key", folder / "authority.pem",
                     fingerprint_certificate(kept.certificate))
    if not files.authority.exists() or files.authority.read_bytes() != kept.certificate:
        write_private(files.authority, kept.certificate)
    wanted = list(hosts if hosts is not None else list_own_hosts())
    if not _is_fresh(files, kept, wanted, now_ms):
        leaf = issue_leaf(kept, wanted, now_ms)
        write_private(files.key, leaf.key)
        write_private(files.certificate, leaf.certificate)
    return files


def list_own_hosts() -> list[str]:
    """localhost, this machine's name and every address it has now."""
    addresses = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return list(dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), *addresses]))


def write_private(path: Path, content: bytes) -> None:
    """Replaces a file in one step; readable by its owner alone from its first byte."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def _keep_authority(folder: Path, now_ms: int, name: str) -> Authority:
    certificate, key = folder / "authority.pem", folder / "authority.key"
    if not key.exists():
        made = make_authority(name, now_ms)
        write_private(key, made.key)
        write_private(certificate, made.certificate)
    return load_authority(certificate.read_bytes(), key.read_bytes())


def _is_fresh(files: TlsFiles, authority: Authority, hosts: Sequence[str], now_ms: int) -> bool:
    if not files.certificate.exists() or not files.key.exists():
        return False
    leaf, *issuers = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    if issuers != x509.load_pem_x509_certificates(authority.certificate):
        return False
    ends = leaf.not_valid_after_utc
    if ends - datetime.fromtimestamp(now_ms / 1000, timezone.utc) < RENEW_BEFORE:
        return False
    named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {str(one.value) for one in named}
    return set(hosts) <= covered
