"""Ports of one role. Takes settings in which 0 means "any"; gives settings with real numbers, the first of each row.

The numbers are kept in data/run/ports.json and used again after a restart, so that kiosks find the server where
they left it.
"""
import json
import os
import secrets
import socket
from pathlib import Path

from testing_server.foundation.settings import Settings, change_settings

NAMES = ("port", "console_port", "files_port")
# below those that systems give to outgoing connections: from 32768 on Linux, from 49152 on Windows
WITHIN = range(20_000, 32_000)


def choose_ports(settings: Settings) -> Settings:
    """Fills in every port that is 0: the one used before if it is free, else a free one."""
    before = read_ports(settings.data)
    chosen: dict[str, int] = {}
    taken: set[int] = set()
    for name in NAMES:
        count = 1 if name == "files_port" else settings.servers
        wanted = getattr(settings, name)
        chosen[name] = wanted or _reuse_or_find(settings.host, before.get(name, 0), taken, count)
        taken |= set(range(chosen[name], chosen[name] + count))
    write_ports(settings.data, chosen)
    return change_settings(settings, **chosen)


def read_ports(data: Path) -> dict[str, int]:
    """{"port": …, "console_port": …, "files_port": …}; empty before the first start."""
    try:
        found = json.loads((data / "run" / "ports.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {name: int(found[name]) for name in NAMES if name in found}


def write_ports(data: Path, ports: dict[str, int]) -> None:
    """In one step, so that a reader never meets half a file."""
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"ports.json.{os.getpid()}"
    draft.write_text(json.dumps(ports))
    os.replace(draft, folder / "ports.json")


def _reuse_or_find(host: str, before: int, taken: set[int], count: int) -> int:
    """The first of `count` ports in a row."""
    first = before or find_free_port(host)
    while not all(port not in taken and _is_free(host, port) for port in range(first, first + count)):
        first = find_free_port(host)
    return first


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError):
            return False
    return True


def find_free_port(host: str = "127.0.0.1") -> int:
    """One that nobody listens on and no outgoing connection is given: a server that was killed finds it free again."""
    while True:
        port = secrets.choice(WITHIN)
        if _is_free(host, port):
            return port
