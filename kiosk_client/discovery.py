"""Finds classroom servers on the network by zeroconf; a server named by a person always wins.

Gives addresses as they come and go. A server that names several is offered under each: which of its networks this
seat is on only a try can tell. TXT property `tls` = "no" means plain HTTP, which is believed of this computer only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

from kiosk_client.link import is_loopback

SERVICE = "_testing-server._tcp.local."
ASK_MS = 2_000

log = logging.getLogger(__name__)


class Discovery(ServiceListener):
    """`on_change()` whenever the list of servers changed."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._servers: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._zeroconf: Zeroconf | None = None

    @property
    def servers(self) -> list[str]:
        """Addresses of what is on the network now."""
        with self._lock:
            return sorted({address for addresses in self._servers.values() for address in addresses})

    def start(self) -> None:
        """Begin to look; harmless when repeated. A machine without a network simply finds nothing."""
        if self._zeroconf is not None:
            return
        try:
            self._zeroconf = Zeroconf()
            ServiceBrowser(self._zeroconf, SERVICE, self)
        except OSError as error:
            log.info("no discovery: %s", error)

    def stop(self) -> None:
        """Look no more, and forget what was found: it may be gone the next time."""
        if self._zeroconf is not None:
            self._zeroconf.close()
            self._zeroconf = None
            with self._lock:
                self._servers.clear()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        info = zc.get_service_info(type_, name, ASK_MS)
        addresses = read_addresses(info) if info is not None else []
        if addresses:
            with self._lock:
                self._servers[name] = addresses
            self._on_change()

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        with self._lock:
            self._servers.pop(name, None)
        self._on_change()


def read_addresses(info: ServiceInfo) -> list[str]:
    """https://address:port for each address of an announcement that may be used."""
    scheme = "http" if info.properties.get(b"tls") == b"no" else "https"
    hosts = [host for host in info.parsed_addresses() if scheme == "https" or is_loopback(host)]
    return [f"{scheme}://{f'[{host}]' if ':' in host else host}:{info.port}" for host in hosts]
