"""A door to a system that is not there: what it answers is given beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk_client.system_door import NOT_THERE, Ran


@dataclass
class FakeDoor:
    """`folders`: what lies in which; `registry`: {key: {name: value}}; `programs`: first word -> what is printed."""

    platform: str = "win32"
    environ: dict[str, str] = field(default_factory=dict)
    home: Path = Path("/nowhere")
    folders: dict[str, list[str]] = field(default_factory=dict)
    registry: dict[str, dict[str, str]] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, *command: str, seconds: float = 1.0) -> Ran:
        self.asked.append(command)
        told = self.programs.get(command[0])
        return Ran(NOT_THERE, "") if told is None else Ran(0, told)

    def read_text(self, path: str | Path) -> str:
        return self.files.get(str(path), "")

    def list_names(self, folder: str | Path) -> list[str]:
        return self.folders.get(str(folder), [])

    def read_registry(self, key: str, name: str) -> str | None:
        return self.registry.get(key, {}).get(name)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nothing here should ask the system for {name}")
