"""What classroom servers announce on the network by zeroconf: takes a listener, tells it addresses by server.

A server that names several addresses is offered under each: which of its networks this seat is on only a try can tell.
TXT property `tls` = "no" means plain HTTP, which is believed of this computer only.
"""

from __future__ import annotations

from collections.abc import Callable

from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

from kiosk_client.link import is_loopback

SERVICE = "_testing-server._tcp.local."
ASK_MS = 2_000


class Announcements(ServiceListener):
    """Heard until `close`. `tell(name, addresses)`: a server is there under these; none = it is gone.

    Raises OSError where there is no network.
    """

    def __init__(self, tell: Callable[[str, list[str]], None]) -> None:
        self._tell = tell
        self._zeroconf = Zeroconf()
        ServiceBrowser(self._zeroconf, SERVICE, self)

    def close(self) -> None:
        """Hear no more."""
        self._zeroconf.close()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        info = zc.get_service_info(type_, name, ASK_MS)
        addresses = read_addresses(info) if info is not None else []
        if addresses:
            self._tell(name, addresses)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self._tell(name, [])


def read_addresses(info: ServiceInfo) -> list[str]:
    """https://address:port for each address of an announcement that may be used."""
    scheme = "http" if info.properties.get(b"tls") == b"no" else "https"
    hosts = [host for host in info.parsed_addresses() if scheme == "https" or is_loopback(host)]
    return [f"{scheme}://{f'[{host}]' if ':' in host else host}:{info.port}" for host in hosts]
