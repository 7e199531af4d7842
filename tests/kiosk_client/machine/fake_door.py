"""A machine made of dictionaries: what programs print, what files and the registry hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kiosk_client.system_door import NOT_THERE, RUN_SECONDS, Ran


class FakeDoor:
    """`programs`: the beginning of a command line → what it prints, or how it ends; what is not there is not there.

    `ran` keeps every command line; with `folder` files are written for real, below it.
    """

    def __init__(self, platform: str = "linux", programs: dict[str, str | Ran] | None = None) -> None:
        self.platform = platform
        self.programs = programs or {}
        self.files: dict[str, str] = {}
        self.names: dict[str, list[str]] = {}
        self.registry: dict[tuple[str, str], str | int] = {}
        self.environ: Any = {}
        self.home = Path("/home/pupil")
        self.boot, self.size, self.lid = "boot-1", (1366, 768), False
        self.ran: list[str] = []
        self.closed: set[str] = set()

    def run(self, *command: str, seconds: float = RUN_SECONDS) -> Ran:
        line = " ".join(command)
        self.ran.append(line)
        for begin, told in self.programs.items():
            if line.startswith(begin):
                return Ran(0, told) if isinstance(told, str) else told
        return Ran(NOT_THERE, "")

    def read_text(self, path: str | Path) -> str:
        return self.files.get(str(path), "")

    def write_text(self, path: Path, text: str, encoding: str = "utf-8") -> None:
        if any(str(path).startswith(place) for place in self.closed):
            raise PermissionError(13, "Permission denied", str(path))
        self.files[str(path)] = text

    def remove_file(self, path: Path) -> bool:
        return self.files.pop(str(path), None) is not None

    def list_names(self, folder: str | Path) -> list[str]:
        return self.names.get(str(folder), [])

    def read_registry(self, key: str, name: str) -> str | int | None:
        return self.registry.get((key, name))

    def has_registry(self, key: str) -> bool:
        return any(known == key for known, _ in self.registry)

    def write_registry(self, key: str, name: str, value: str) -> None:
        self.registry[key, name] = value

    def remove_registry(self, key: str, name: str) -> bool:
        return self.registry.pop((key, name), None) is not None

    def boot_id(self) -> str:
        return self.boot

    def screen_size(self) -> tuple[int, int] | None:
        return self.size

    def has_lid(self) -> bool:
        return self.lid
