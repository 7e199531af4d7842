"""The one door to the operating system: programs that are run, files of the system, the registry, the screen.

Takes names; gives text, numbers or None where the system does not know. Nothing here decides anything: what an answer
means is for the callers, who are tested with a fake door. The Windows half has not been tried on a real Windows.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

RUN_SECONDS = 10.0
NOT_THERE, TOO_SLOW = 127, 124
_NO_WINDOW = 0x08000000
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_BOOT_COUNT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"


@dataclass(frozen=True)
class Ran:
    """How a program ended: its code (127 not there, 124 too slow) and what it printed on both streams."""

    code: int
    output: str

    @property
    def is_good(self) -> bool:
        return self.code == 0


class SystemDoor(Protocol):
    """What is asked of the system. Registry keys begin with HKLM or HKCU; elsewhere than on Windows they are None."""

    platform: str
    environ: Mapping[str, str]
    home: Path

    def run(self, *command: str, seconds: float = RUN_SECONDS) -> Ran:
        """Run a program to its end; never raises for what it does."""

    def read_text(self, path: str | Path) -> str:
        """A file's text, "" where it cannot be read."""

    def write_text(self, path: Path, text: str, encoding: str = "utf-8") -> None:
        """Write a file and the folders above it. Raises OSError."""

    def remove_file(self, path: Path) -> bool:
        """Whether there was such a file. Raises OSError."""

    def list_names(self, folder: str | Path) -> list[str]:
        """What lies in a folder, [] where there is none."""

    def read_registry(self, key: str, name: str) -> str | int | None:
        """A value, None where there is none."""

    def has_registry(self, key: str) -> bool:
        """Whether a key is there."""

    def write_registry(self, key: str, name: str, value: str) -> None:
        """Set a text value. Raises OSError."""

    def remove_registry(self, key: str, name: str) -> bool:
        """Whether there was such a value. Raises OSError."""

    def boot_id(self) -> str:
        """What differs between two starts of the machine."""

    def screen_size(self) -> tuple[int, int] | None:
        """Width and height in pixels."""

    def has_lid(self) -> bool:
        """Whether the machine can be shut like a book."""


class _Door:
    """What both systems do alike."""

    platform = ""
    _options: dict[str, Any] = {}

    def __init__(self) -> None:
        self.environ: Mapping[str, str] = os.environ
        self.home = Path.home()

    def run(self, *command: str, seconds: float = RUN_SECONDS) -> Ran:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=seconds, errors="replace", check=False, **self._options)
        except subprocess.TimeoutExpired:
            return Ran(TOO_SLOW, "")
        except OSError as error:
            return Ran(NOT_THERE, str(error))
        return Ran(done.returncode, done.stdout)

    def read_text(self, path: str | Path) -> str:
        try:
            return Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def write_text(self, path: Path, text: str, encoding: str = "utf-8") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)

    def remove_file(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        return True

    def list_names(self, folder: str | Path) -> list[str]:
        try:
            return sorted(os.listdir(folder))
        except OSError:
            return []


class LinuxDoor(_Door):
    """Linux: programs answer in the C locale, so that their words can be read."""

    platform = "linux"

    def __init__(self) -> None:
        super().__init__()
        self._options = {"env": {**os.environ, "LC_ALL": "C"}}

    def read_registry(self, key: str, name: str) -> str | int | None:
        return None

    def has_registry(self, key: str) -> bool:
        return False

    def write_registry(self, key: str, name: str, value: str) -> None:
        raise OSError("this system has no registry")

    def remove_registry(self, key: str, name: str) -> bool:
        return False

    def boot_id(self) -> str:
        return self.read_text(_BOOT_ID).strip()

    def screen_size(self) -> tuple[int, int] | None:
        """By xrandr, else the mode a connected screen prefers."""
        current = re.search(r"current (\d+) x (\d+)", self.run("xrandr", "--current").output)
        modes = [self.read_text(f"/sys/class/drm/{name}/modes") for name in self.list_names("/sys/class/drm")]
        preferred = re.search(r"^(\d+)x(\d+)", next((mode for mode in modes if mode), ""))
        found = current or preferred
        return (int(found[1]), int(found[2])) if found else None

    def has_lid(self) -> bool:
        return bool(self.list_names("/proc/acpi/button/lid"))


class WindowsDoor(_Door):
    """Windows. `winreg` and `windll` are the system's own; tests give others."""

    platform = "win32"

    def __init__(self, winreg: Any = None, windll: Any = None) -> None:
        super().__init__()
        self._winreg = winreg or importlib.import_module("winreg")
        self._windll = windll or getattr(importlib.import_module("ctypes"), "windll")
        # Programs of the console speak its own code page, and none may flash a window before a candidate.
        self._options = {"encoding": "oem" if sys.platform == "win32" else "utf-8",
                         **({"creationflags": _NO_WINDOW} if sys.platform == "win32" else {})}

    def _open(self, key: str, may_write: bool = False) -> Any:
        root, _, path = key.partition("\\")
        roots = {"HKLM": self._winreg.HKEY_LOCAL_MACHINE, "HKCU": self._winreg.HKEY_CURRENT_USER}
        if may_write:
            return self._winreg.CreateKeyEx(roots[root], path, 0, self._winreg.KEY_SET_VALUE)
        return self._winreg.OpenKey(roots[root], path, 0, self._winreg.KEY_READ | self._winreg.KEY_WOW64_64KEY)

    def read_registry(self, key: str, name: str) -> str | int | None:
        try:
            with self._open(key) as opened:
                value = self._winreg.QueryValueEx(opened, name)[0]
        except OSError:
            return None
        return value if isinstance(value, (str, int)) else None

    def has_registry(self, key: str) -> bool:
        try:
            with self._open(key):
                return True
        except OSError:
            return False

    def write_registry(self, key: str, name: str, value: str) -> None:
        with self._open(key, may_write=True) as opened:
            self._winreg.SetValueEx(opened, name, 0, self._winreg.REG_SZ, value)

    def remove_registry(self, key: str, name: str) -> bool:
        try:
            with self._open(key, may_write=True) as opened:
                self._winreg.DeleteValue(opened, name)
        except FileNotFoundError:
            return False
        return True

    def boot_id(self) -> str:
        """The count of starts that the prefetcher keeps, and the minute of the start: a frozen disk repeats the
        first."""
        self._windll.kernel32.GetTickCount64.restype = importlib.import_module("ctypes").c_uint64
        started = time.time() - self._windll.kernel32.GetTickCount64() / 1000
        return f"{self.read_registry(_BOOT_COUNT, 'BootId')}-{int(started // 60)}"

    def screen_size(self) -> tuple[int, int] | None:
        metrics = self._windll.user32.GetSystemMetrics
        width, height = metrics(0), metrics(1)
        return (width, height) if width and height else None

    def has_lid(self) -> bool:
        """LidPresent, the third byte of SYSTEM_POWER_CAPABILITIES."""
        told = importlib.import_module("ctypes").create_string_buffer(128)
        return bool(self._windll.powrprof.GetPwrCapabilities(told)) and told.raw[2] != 0


def open_door() -> SystemDoor:
    """The door of this machine."""
    return WindowsDoor() if sys.platform == "win32" else LinuxDoor()
