"""Proxy, inspected TLS, firewall and the speed of the link.

Takes the door, certificates and measured numbers; gives a finding each.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from kiosk_client.machine.findings import Finding, find
from kiosk_client.system_door import SystemDoor

PROXY_NAMES = ("http_proxy", "https_proxy", "all_proxy")
INTERNET_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"
# Products that put a certificate of their own between a computer and the network.
INSPECTORS = re.compile(r"kaspersky|eset|avast|avg |dr\.?web|bitdefender|adguard|sophos|norton|mcafee|fortinet|"
                        r"usergate|ideco|zscaler|squid|антивирус", re.IGNORECASE)
SLOW_KBYTES_S, SLOW_ROUND_TRIP_MS = 300, 300
ROUND_TRIPS = 5
FIRST_BYTES, WHOLE_BYTES = 64 * 1024, 2 * 1024 * 1024
# A first piece that takes longer than this is all that is asked of a slow link.
ENOUGH_SECONDS = 1.0


@dataclass(frozen=True)
class LinkSpeed:
    """Median of some answers in ms; kB/s of a download, 0 if the server offers nothing to measure by."""

    round_trip_ms: int
    kbytes_s: int


def look_at_proxy(door: SystemDoor) -> Finding:
    """A proxy of the system: named, because it explains what else on this computer goes wrong."""
    proxy = find_proxy(door)
    return find("proxy_unused", proxy=proxy) if proxy else find("proxy_none")


def find_proxy(door: SystemDoor) -> str:
    """Where the system sends requests, "" for nowhere."""
    for name in PROXY_NAMES:
        told = door.environ.get(name) or door.environ.get(name.upper())
        if told:
            # A password in the address is nobody's business.
            return re.sub(r"//[^/@]*@", "//", told)
    script = door.read_registry(INTERNET_KEY, "AutoConfigURL")
    is_on = door.read_registry(INTERNET_KEY, "ProxyEnable") == 1
    return str((door.read_registry(INTERNET_KEY, "ProxyServer") if is_on else "") or script or "")


def look_at_leaf(leaf: bytes, authority_pem: str, server: str) -> Finding:
    """The certificate that this seat sees (DER, b"" without TLS) beside the pinned authority ("" before pairing)."""
    if not leaf:
        return find("tls_unknown")
    seen = x509.load_der_x509_certificate(leaf)
    issuer = name_issuer(seen)
    if INSPECTORS.search(issuer):
        return find("tls_inspected", issuer=issuer, server=server)
    if not authority_pem:
        return find("tls_unknown")
    try:
        seen.verify_directly_issued_by(x509.load_pem_x509_certificate(authority_pem.encode()))
    except (ValueError, TypeError, InvalidSignature):
        return find("tls_foreign", issuer=issuer, server=server)
    return find("tls_good")


def name_issuer(certificate: x509.Certificate) -> str:
    """Who signed it, for people: common name and organisation."""
    names = [str(found.value) for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
             for found in certificate.issuer.get_attributes_for_oid(oid)]
    return ", ".join(dict.fromkeys(names))[:80] or "?"


def look_at_firewall(door: SystemDoor) -> Finding:
    """Whether the firewall hides the server or blocks the way to it."""
    if door.platform == "win32":
        policy = door.run("netsh", "advfirewall", "show", "allprofiles", "firewallpolicy").output
        # The words of a policy are the same in every language of Windows.
        if "BlockOutbound" in policy:
            return find("firewall_blocks")
        category = door.run("powershell", "-NoProfile", "-Command",
                            "(Get-NetConnectionProfile).NetworkCategory", seconds=20.0).output
        return find("network_public" if "Public" in category else "firewall_good")
    zone = door.run("firewall-cmd", "--get-default-zone")
    is_closed = zone.is_good and zone.output.strip() in ("drop", "block")
    return find("firewall_drops", zone=zone.output.strip()) if is_closed else find("firewall_good")


def measure_link(ask_time: Callable[[], object], download: Callable[[int], int],
                 monotonic: Callable[[], float] = time.monotonic) -> LinkSpeed:
    """`ask_time()` is one exchange, `download(bytes)` fetches so many and gives how many came."""
    trips = [_time(ask_time, monotonic) for _ in range(ROUND_TRIPS)]
    speed = 0.0
    for size in (FIRST_BYTES, WHOLE_BYTES):
        began = monotonic()
        came = download(size)
        took = max(monotonic() - began, 1e-6)
        speed = came / took / 1000 if came else speed
        if not came or took > ENOUGH_SECONDS:
            break
    return LinkSpeed(int(median(trips) * 1000), int(speed))


def _time(action: Callable[[], object], monotonic: Callable[[], float]) -> float:
    began = monotonic()
    action()
    return monotonic() - began


def judge_link(speed: LinkSpeed) -> Finding:
    """Slow is a nuisance, not a danger: everything is kept at the seat first."""
    is_slow = 0 < speed.kbytes_s < SLOW_KBYTES_S or speed.round_trip_ms > SLOW_ROUND_TRIP_MS
    return find("link_slow" if is_slow else "link_good", speed=speed.kbytes_s or "?",
                milliseconds=speed.round_trip_ms)
