"""The server is found on its network by DNS-SD; here the network is loopback."""
import threading
from collections.abc import Callable
from pathlib import Path

from zeroconf import ServiceBrowser, Zeroconf

from testing_server.exam_day.workstations.announcement import SERVICE, announce, find_addresses
from tests.builders import make_settings


class Listener:
    """Remembers the first service and wakes whoever waits."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self.found = threading.Event()
        self.port = 0
        self._wanted = wanted

    def add_service(self, zeroconf: Zeroconf, kind: str, name: str) -> None:
        info = zeroconf.get_service_info(kind, name) if self._wanted(name) else None
        if info is not None:
            self.port = info.port or 0
            self.found.set()

    def update_service(self, zeroconf: Zeroconf, kind: str, name: str) -> None:
        """Nothing changes while the test looks."""

    def remove_service(self, zeroconf: Zeroconf, kind: str, name: str) -> None:
        """Nobody leaves while the test looks."""


def test_a_kiosk_finds_the_server(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, "classroom", host="127.0.0.1", port=45_671, files_port=45_672)
    announcer, seeker = announce(settings), Zeroconf(interfaces=["127.0.0.1"])
    assert announcer is not None
    listener = Listener(lambda name: "45671" in name)
    ServiceBrowser(seeker, SERVICE, listener)  # type: ignore[arg-type]
    assert listener.found.wait(10)
    assert listener.port == 45_671
    seeker.close()
    announcer.close()


def test_every_address_of_the_machine_is_named() -> None:
    assert find_addresses("127.0.0.1") == ["127.0.0.1"]
    assert "127.0.0.1" in find_addresses("0.0.0.0")
