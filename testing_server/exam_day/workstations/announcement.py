"""Being found on the LAN: the classroom server announces itself by zeroconf (DNS-SD).

Takes settings; gives an announcement to close. Runs in the files process: it has threads of the system, which the
library needs. Kiosks look for SERVICE; the properties are hints, pairing proves who it is.
"""
from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

from testing_server.foundation.settings import Settings
from testing_server.foundation.tls.files import list_own_hosts

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, Zeroconf

log = logging.getLogger(__name__)
SERVICE = "_testing-server._tcp.local."
EVERYWHERE = ("0.0.0.0", "::")


def announce(settings: Settings) -> Zeroconf | None:
    """Announce this server on the interfaces it listens on; None when the network does not allow it."""
    from zeroconf import IPVersion, Zeroconf
    addresses = find_addresses(settings.host)
    interfaces = addresses if settings.host not in EVERYWHERE else None
    try:
        announcer = Zeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only) if interfaces else Zeroconf(
            ip_version=IPVersion.V4Only)
        announcer.register_service(describe_service(settings, addresses), allow_name_change=True)
    except OSError as error:
        log.warning("the server cannot announce itself on the network, kiosks need its address: %s", error)
        return None
    return announcer


def describe_service(settings: Settings, addresses: list[str]) -> ServiceInfo:
    """Name, addresses, port; properties `tls`, `files_port`, `title`."""
    from zeroconf import ServiceInfo
    name = f"{socket.gethostname()}-{settings.port}"
    return ServiceInfo(
        SERVICE, f"{name}.{SERVICE}", port=settings.port, server=f"{name}.local.",
        addresses=[socket.inet_aton(address) for address in addresses],
        properties={"tls": "yes" if settings.tls else "no", "files_port": str(settings.files_port),
                    "title": settings.title[:60]})


def find_addresses(host: str) -> list[str]:
    """The IPv4 addresses a kiosk may use."""
    if host not in EVERYWHERE:
        return [socket.gethostbyname(host)]
    return [one for one in list_own_hosts() if one.count(".") == 3 and one.replace(".", "").isdigit()]
