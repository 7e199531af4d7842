"""The machines a distribution is for. Takes nothing; gives their tags and what environment markers see there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from packaging.tags import Tag, compatible_tags, cpython_tags

PYTHONS = ("3.11", "3.12", "3.13")
# What pip of those years calls the same: the newest first.
LINUX_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_26_x86_64",
                   "manylinux_2_24_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64",
                   "manylinux2010_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")
WINDOWS_PLATFORMS = ("win_amd64",)


@dataclass(frozen=True)
class Target:
    """`system`: "linux" or "win_amd64"; `python`: "3.11"."""

    system: str
    python: str

    @property
    def name(self) -> str:
        """As it stands in the manifest."""
        return f"{self.system}-cp{self.python.replace('.', '')}"

    @property
    def platforms(self) -> tuple[str, ...]:
        return WINDOWS_PLATFORMS if self.system == "win_amd64" else LINUX_PLATFORMS

    @property
    def full_python(self) -> str:
        """An early release of it: what asks for more than Debian 12 has would not install there."""
        return f"{self.python}.2"

    @property
    def environment(self) -> dict[str, str]:
        """What a marker sees there; pip itself would ask the machine it runs on."""
        is_windows = self.system == "win_amd64"
        return {
            "implementation_name": "cpython", "implementation_version": self.full_python,
            "os_name": "nt" if is_windows else "posix", "platform_machine": "AMD64" if is_windows else "x86_64",
            "platform_python_implementation": "CPython", "platform_release": "", "platform_version": "",
            "platform_system": "Windows" if is_windows else "Linux", "python_full_version": self.full_python,
            "python_version": self.python, "sys_platform": "win32" if is_windows else "linux",
        }

    @cached_property
    def ranks(self) -> dict[Tag, int]:
        """Wheel tag → how well it fits, 0 the best."""
        version = tuple(int(part) for part in self.python.split("."))
        tags: Iterable[Tag] = [
            *cpython_tags(version, platforms=self.platforms),
            *compatible_tags(version, f"cp{version[0]}{version[1]}", platforms=self.platforms)]
        return {tag: number for number, tag in reversed(list(enumerate(tags)))}

    def pip_options(self) -> list[str]:
        """How pip is told to choose for another machine."""
        platforms = [option for platform in self.platforms for option in ("--platform", platform)]
        return ["--only-binary=:all:", "--implementation", "cp", "--python-version", self.python, *platforms]


TARGETS = tuple(Target(system, python) for system in ("linux", "win_amd64") for python in PYTHONS)
