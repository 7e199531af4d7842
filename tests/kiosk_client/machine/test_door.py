"""The door itself: the real Linux one, and the Windows one with winreg and windll replaced."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk_client.system_door import NOT_THERE, TOO_SLOW, LinuxDoor, SystemDoor, WindowsDoor, open_door


class FakeRegistry:
    """What the door uses of winreg; a key is its root and its path."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = "machine", "user"
    KEY_READ, KEY_WOW64_64KEY, KEY_SET_VALUE, REG_SZ = 1, 256, 2, 1

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], dict[str, Any]] = {}
        self.rights: list[int] = []

    @contextmanager
    def OpenKey(self, root: str, path: str, reserved: int, rights: int) -> Iterator[tuple[str, str]]:
        self.rights.append(rights)
        if (root, path) not in self.keys:
            raise FileNotFoundError(path)
        yield root, path

    @contextmanager
    def CreateKeyEx(self, root: str, path: str, reserved: int, rights: int) -> Iterator[tuple[str, str]]:
        self.keys.setdefault((root, path), {})
        yield root, path

    def QueryValueEx(self, key: tuple[str, str], name: str) -> tuple[Any, int]:
        if name not in self.keys[key]:
            raise FileNotFoundError(name)
        return self.keys[key][name], 1

    def SetValueEx(self, key: tuple[str, str], name: str, reserved: int, kind: int, value: str) -> None:
        self.keys[key][name] = value

    def DeleteValue(self, key: tuple[str, str], name: str) -> None:
        if name not in self.keys[key]:
            raise FileNotFoundError(name)
        del self.keys[key][name]


class FakeDlls:
    """What the door uses of ctypes.windll."""

    def __init__(self, ticks_ms: int = 3_600_000, size: tuple[int, int] = (1366, 768), lid: bool = True) -> None:
        def tell_capabilities(told: Any) -> int:
            told[2] = int(lid)
            return 1

        def count_ticks() -> int:
            return ticks_ms
        self.kernel32 = SimpleNamespace(GetTickCount64=count_ticks)
        self.user32 = SimpleNamespace(GetSystemMetrics=lambda number: size[number])
        self.powrprof = SimpleNamespace(GetPwrCapabilities=tell_capabilities)


@pytest.fixture
def windows() -> WindowsDoor:
    return WindowsDoor(FakeRegistry(), FakeDlls())


def test_values_of_the_registry_are_read_written_and_removed(windows: WindowsDoor) -> None:
    key = r"HKCU\Software\Seat"
    assert windows.read_registry(key, "name") is None and not windows.has_registry(key)
    assert not windows.remove_registry(key, "name")
    windows.write_registry(key, "name", "value")
    assert windows.read_registry(key, "name") == "value" and windows.has_registry(key)
    assert windows.remove_registry(key, "name") and windows.read_registry(key, "name") is None


def test_the_registry_is_read_as_the_system_itself_sees_it() -> None:
    registry = FakeRegistry()
    registry.keys["machine", r"SOFTWARE\X"] = {"number": 2, "bytes": b"\0"}
    door = WindowsDoor(registry, FakeDlls())
    assert door.read_registry(r"HKLM\SOFTWARE\X", "number") == 2
    assert door.read_registry(r"HKLM\SOFTWARE\X", "bytes") is None, "only text and numbers leave the door"
    assert all(rights & FakeRegistry.KEY_WOW64_64KEY for rights in registry.rights)


@pytest.mark.parametrize("lid", [True, False])
def test_what_windows_knows_of_the_machine(lid: bool) -> None:
    door = WindowsDoor(FakeRegistry(), FakeDlls(size=(1024, 600), lid=lid))
    assert door.screen_size() == (1024, 600) and door.has_lid() is lid
    assert WindowsDoor(FakeRegistry(), FakeDlls(size=(0, 0))).screen_size() is None


def test_another_start_of_windows_is_another_boot() -> None:
    registry = FakeRegistry()
    first = WindowsDoor(registry, FakeDlls(ticks_ms=10 * 3_600_000)).boot_id()
    assert first != WindowsDoor(registry, FakeDlls(ticks_ms=60_000)).boot_id()
    path = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
    registry.keys["machine", path] = {"BootId": 77}
    assert WindowsDoor(registry, FakeDlls()).boot_id().startswith("77-")


@pytest.fixture(params=["linux", "windows"])
def door(request: pytest.FixtureRequest) -> SystemDoor:
    return LinuxDoor() if request.param == "linux" else WindowsDoor(FakeRegistry(), FakeDlls())


def test_programs_are_run_and_never_raise(door: SystemDoor) -> None:
    said = door.run(sys.executable, "-c", "import sys; print('да'); print('нет', file=sys.stderr); sys.exit(3)")
    assert said.code == 3 and "да" in said.output and "нет" in said.output and not said.is_good
    assert door.run("a program nobody has").code == NOT_THERE
    assert door.run(sys.executable, "-c", "import time; time.sleep(9)", seconds=0.2).code == TOO_SLOW


def test_a_program_that_prints_bytes_of_another_code_page_is_read(door: SystemDoor) -> None:
    assert "?" not in door.run(sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'\\xff ok')").output[-3:]


def test_files_are_read_written_and_removed(door: SystemDoor, tmp_path: Path) -> None:
    path = tmp_path / "below" / "file"
    assert door.read_text(path) == "" and not door.remove_file(path) and door.list_names(path.parent) == []
    door.write_text(path, "текст")
    assert door.read_text(path) == "текст" and door.list_names(path.parent) == ["file"]
    assert door.remove_file(path) and not path.exists()


def test_linux_has_no_registry_and_knows_its_boot() -> None:
    door = open_door()
    assert door.platform == "linux" and len(door.boot_id()) == 36
    assert door.read_registry("HKCU\\x", "y") is None and not door.has_registry("HKCU\\x")
    assert not door.remove_registry("HKCU\\x", "y")
    with pytest.raises(OSError):
        door.write_registry("HKCU\\x", "y", "z")


def test_programs_answer_linux_in_the_c_locale() -> None:
    assert "No such file" in LinuxDoor().run("ls", "/nowhere at all").output
