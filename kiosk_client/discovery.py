"""Finds classroom servers on the network by zeroconf; a server named by a person always wins.

Gives addresses as they come and go. TXT property `scheme` (https by default) says how to speak to a server.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

SERVICE = "_testing-server._tcp.local."
ASK_MS = 2_000

log = logging.getLogger(__name__)


class Discovery(ServiceListener):
    """`on_change()` whenever the list of servers changed."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._servers: dict[str, str] = {}
        self._lock = threading.Lock()
        self._zeroconf: Zeroconf | None = None

    @property
    def servers(self) -> list[str]:
        """Addresses of what is on the network now."""
        with self._lock:
            return sorted(set(self._servers.values()))

    def start(self) -> None:
        """Begin to look; a machine without a network simply finds nothing."""
        try:
            self._zeroconf = Zeroconf()
            ServiceBrowser(self._zeroconf, SERVICE, self)
        except OSError as error:
            log.info("no discovery: %s", error)

    def stop(self) -> None:
        """Look no more."""
        if self._zeroconf is not None:
            self._zeroconf.close()
            self._zeroconf = None

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        info = zc.get_service_info(type_, name, ASK_MS)
        address = read_address(info) if info is not None else ""
        if address:
            with self._lock:
                self._servers[name] = address
            self._on_change()

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        with self._lock:
            self._servers.pop(name, None)
        self._on_change()


def read_address(info: ServiceInfo) -> str:
    """https://address:port of an announcement, "" when it names no address."""
    addresses = info.parsed_addresses()
    if not addresses or info.port is None:
        return ""
    scheme = (info.properties.get(b"scheme") or b"https").decode("ascii", "replace")
    host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    return f"{scheme}://{host}:{info.port}"
