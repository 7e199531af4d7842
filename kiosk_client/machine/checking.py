"""The whole check: every look in the order in which a technician puts things right.

Takes the door, the data folder and what is known of the server; gives findings. Nothing here is a person's voice: the
recording of a phrase belongs to the terminal and to the candidate's own check.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kiosk_client.connection import Connection
from kiosk_client.link import FILES_TIMEOUT, Link, Refused
from kiosk_client.machine.findings import Finding, find
from kiosk_client.machine.network import (
    LinkSpeed, judge_link, look_at_firewall, look_at_leaf, look_at_proxy, measure_link)
from kiosk_client.machine.places import look_at_browser, look_at_clock, look_at_disk, look_at_screen
from kiosk_client.machine.power import look_at_lid, look_at_restart, look_at_sleep
from kiosk_client.machine.resetting import Mark, look_at_layer, look_at_mark
from kiosk_client.machine.sound_setup import look_at_devices, look_at_privacy
from kiosk_client.refusals import SeatRefusal, ServerAway
from kiosk_client.system_door import SystemDoor

PROBE = "/v1/handout/probe"
LEAF_SECONDS = 4.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerLook:
    """What was found of the server, with the numbers a report carries."""

    findings: tuple[Finding, ...]
    speed: LinkSpeed | None = None


def look_at_machine(door: SystemDoor, folder: Path, mark: Mark, says_reset: bool,
                    screen: tuple[int, int] | None) -> list[Finding]:
    """Everything of this machine but its server."""
    looks: list[Callable[[], Finding | None]] = [
        lambda: look_at_disk(folder), lambda: look_at_browser(door),
        lambda: look_at_screen(screen or door.screen_size()), lambda: look_at_privacy(door),
        lambda: look_at_sleep(door), lambda: look_at_lid(door), lambda: look_at_restart(door),
        lambda: look_at_mark(mark, says_reset), lambda: look_at_layer(door, folder),
        lambda: look_at_proxy(door), lambda: look_at_firewall(door),
    ]
    return [*look_at_devices(), *collect(looks)]


def collect(looks: Iterable[Callable[[], Finding | None]]) -> list[Finding]:
    """What the looks found; one that stumbles says so in the log and leaves the others alone."""
    findings = []
    for look in looks:
        try:
            finding = look()
        except Exception:
            # A machine whose system answers strangely is exactly the one that has to be checked to the end.
            log.exception("a look at the machine failed")
            continue
        if finding is not None:
            findings.append(finding)
    return findings


def look_at_server(connection: Connection) -> ServerLook:
    """Link, clock and certificate of the paired server."""
    server = connection.paired.server
    tls = look_at_leaf(fetch_leaf(server), connection.paired.authority_pem, server)
    try:
        speed = measure_link(connection.exchange_time, lambda size: download_probe(connection.link, size))
    except Refused as refusal:
        return ServerLook((explain_refusal(refusal), tls))
    except ServerAway:
        return ServerLook((find("server_away", server=server), tls, look_at_clock(None)))
    return ServerLook((find("server_good", server=server), judge_link(speed), tls,
                       look_at_clock(connection.time.wall_offset_ms())), speed)


def explain_refusal(refusal: Refused) -> Finding:
    """What the server has against this seat."""
    if refusal.status == 426:
        return find("version_differs", address=refusal.facts.get("kiosk") or "/install")
    return find("server_refuses", why=refusal.code)


def look_at_address(server: str, ask: Callable[[], object]) -> list[Finding]:
    """A server that this seat is not paired with; `ask()` is any request to it."""
    try:
        ask()
    except SeatRefusal as refusal:
        if not isinstance(refusal, Refused):
            return [find("server_away", server=server)]
    return [find("server_good", server=server), look_at_leaf(fetch_leaf(server), "", server)]


def fetch_leaf(server: str) -> bytes:
    """The certificate seen at a server's address (DER), trusted or not; b"" without TLS or without an answer.

    A socket of its own: no proxy stands between, and an inspecting antivirus shows itself.
    """
    parts = urlsplit(server)
    if parts.scheme != "https" or not parts.hostname:
        return b""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((parts.hostname, parts.port or 443), LEAF_SECONDS) as plain:
            with context.wrap_socket(plain, server_hostname=parts.hostname) as secure:
                return secure.getpeercert(binary_form=True) or b""
    except OSError:
        return b""


def download_probe(link: Link, size: int) -> int:
    """How many bytes came; 0 from a server that has nothing to measure by. Raises ServerAway."""
    try:
        answer = link.wire.request("GET", PROBE, token=link.token, params={"bytes": size}, timeout=FILES_TIMEOUT)
    except Refused:
        return 0
    return len(answer.body)
