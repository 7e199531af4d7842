"""Where plain HTTP may be spoken: on loopback and nowhere else.

Takes settings; raises PlainNetworkRefused before anything listens.
"""
from ipaddress import ip_address

from testing_server.foundation.settings import Settings

LOOPBACK = "127.0.0.1"


class PlainNetworkRefused(Exception):
    """The settings would send answers and passwords over a network unprotected."""


def check_exposure(settings: Settings) -> None:
    """Raises PlainNetworkRefused when the network port is neither TLS nor loopback."""
    if not settings.tls and not _is_loopback(settings.host):
        raise PlainNetworkRefused(
            f"host {settings.host} is reachable from the network: set TESTING_SERVER_TLS=yes, or listen on "
            f"{LOOPBACK} behind a proxy that speaks TLS")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
