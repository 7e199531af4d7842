"""Where this server is found, and which authority vouches for it. Takes settings; gives addresses and PEM text."""
from __future__ import annotations

from dataclasses import dataclass

from flask import Request

from testing_server.exam_day.workstations.announcement import find_addresses
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.settings import Settings
from testing_server.foundation.tls import ensure_tls, fingerprint_certificate


@dataclass(frozen=True)
class LanAuthority:
    """`fingerprint`: SHA-256 of its public key, hex, as it goes into `pairing_code`."""

    pem: str
    fingerprint: str


def find_authority(settings: Settings) -> LanAuthority:
    """The authority that TLS of this server stands on; made now when the server never spoke TLS."""
    path = settings.keys_folder / "authority.pem"
    if not path.exists():
        ensure_tls(settings.keys_folder, SystemClock().now_ms(), name=settings.title or settings.role)
    pem = path.read_bytes()
    return LanAuthority(pem.decode(), fingerprint_certificate(pem))


def list_own_addresses(settings: Settings) -> list[str]:
    """Where workstations reach this server, one for each network of this computer; loopback only without another."""
    hosts = find_addresses(settings.host)
    others = [host for host in hosts if not host.startswith("127.")]
    return [f"{'https' if settings.tls else 'http'}://{host}:{settings.port}" for host in others or hosts]


def find_files_url(settings: Settings, request: Request) -> str:
    """Address of the files process as the caller reaches it: the same host, the next port unless told."""
    host = request.host.rpartition(":")[0] or request.host
    scheme = "https" if settings.tls else "http"
    return f"{scheme}://{host}:{settings.files_port or settings.port + 1}"
