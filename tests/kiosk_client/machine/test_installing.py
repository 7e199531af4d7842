"""Starting by itself: told, done, done twice, undone; on Linux for real in a home of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as tree
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk_client import commands, keeper
from kiosk_client.cli import main
from kiosk_client.installing import (
    NAME, RUN_KEY, UNIT, InstallFailed, Start, WriteFile, do_steps, find_autostart, find_task_file, find_unit,
    is_installed, make_autostart, make_task, make_unit, plan_install, plan_uninstall, quote_for_unit, switch)
from kiosk_client.system_door import LinuxDoor, Ran
from tests.kiosk_client.machine.fake_door import FakeDoor

START = Start("/opt/seat/bin/python", ("--server", "https://10.0.0.5:8443"))
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")


def linux() -> FakeDoor:
    return FakeDoor(programs={"systemctl": ""})


def windows(task_code: int = 0) -> FakeDoor:
    door = FakeDoor("win32", {"schtasks /Create": Ran(task_code, "Отказано в доступе."), "schtasks": ""})
    door.environ = {"LOCALAPPDATA": r"C:\Users\Pupil\AppData\Local", "USERDOMAIN": "SCHOOL", "USERNAME": "pupil & co"}
    return door


# Linux.

def test_a_service_and_a_desktop_entry_and_nothing_else() -> None:
    door = linux()
    do_steps(door, plan_install(door, START))
    assert sorted(door.files) == sorted([str(find_unit(door)), str(find_autostart(door))]) and is_installed(door)
    unit = door.files[str(find_unit(door))]
    assert "ExecStart=/opt/seat/bin/python -m kiosk_client --server https://10.0.0.5:8443 --kiosk\n" in unit
    assert "Restart=on-failure" in unit and "WantedBy=graphical-session.target" in unit
    assert f"systemctl --user enable {UNIT}" in door.ran


def test_installed_twice_is_installed_once_and_undone_leaves_nothing() -> None:
    door = linux()
    do_steps(door, plan_install(door, START))
    before = dict(door.files)
    do_steps(door, plan_install(door, START))
    assert door.files == before
    for _ in range(2):
        do_steps(door, plan_uninstall(door))
        assert door.files == {} and not is_installed(door)


def test_a_seat_without_a_desktop_starts_without_one() -> None:
    door = linux()
    do_steps(door, plan_install(door, START))
    do_steps(door, plan_install(door, Start("/opt/python", is_headless=True)))
    unit = door.files[str(find_unit(door))]
    assert "--kiosk" not in unit and "WantedBy=default.target" in unit and "graphical" not in unit
    assert str(find_autostart(door)) not in door.files


def test_a_desktop_without_systemd_gets_a_keeper() -> None:
    door = FakeDoor()
    do_steps(door, plan_install(door, START))
    assert list(door.files) == [str(find_autostart(door))] and is_installed(door)
    assert "/opt/seat/bin/python -m kiosk_client.keeper --server" in door.files[str(find_autostart(door))]
    with pytest.raises(InstallFailed):
        do_steps(door, plan_install(door, Start("/opt/python", is_headless=True)))


def test_a_home_that_is_closed_is_said_so() -> None:
    door = linux()
    door.closed = {"/home/pupil"}
    with pytest.raises(InstallFailed, match="Permission denied"):
        do_steps(door, plan_install(door, START))


@pytest.mark.parametrize(("word", "quoted"), [
    ("plain", "plain"), ("two words", '"two words"'), ("100%", '"100%%"'), ("$HOME", '"$$HOME"'),
    ('say "a"', '"say \\"a\\""'), ("it's", '"it\'s"')])
def test_words_of_a_unit_mean_themselves(word: str, quoted: str) -> None:
    assert quote_for_unit(word) == quoted


def test_a_desktop_entry_carries_any_command() -> None:
    """Read back by the rules of the format: a text, then quotes, then the shell."""
    command = "printf '%s' \"$HOME\" `x` \\ 100%"
    line = next(one for one in make_autostart(command).splitlines() if one.startswith("Exec="))
    text = line.removeprefix("Exec=").replace("\\\\", "\\")
    inside = text.removeprefix('sh -c "').removesuffix('"')
    read = "".join(inside[place] for place in range(len(inside))
                   if not (inside[place] == "\\" and (len(inside[:place]) - len(inside[:place].rstrip("\\"))) % 2 == 0))
    assert read.replace("%%", "%") == command


@needs_systemd
def test_the_unit_passes_systemds_own_judgement(tmp_path: Path) -> None:
    door = LinuxDoor()
    door.home, door.environ = tmp_path, {}
    start = Start(sys.executable, ("--data", str(tmp_path / "a folder 100%"), "--microphone", 'Headset "A" $1'))
    for one in (start, Start(sys.executable, is_headless=True)):
        WriteFile(find_unit(door), make_unit(one)).do(door)
        assert judge_unit(find_unit(door)) == ""
    find_unit(door).write_text(find_unit(door).read_text().replace("ExecStart=", "ExecStart=nowhere"))
    assert "nowhere" in judge_unit(find_unit(door)), "a judgement that cannot fail is none"


def judge_unit(unit: Path) -> str:
    """What systemd has against it, "" when nothing; it also speaks of other units of this machine."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(unit.parent), "HOME": str(unit.parent)}
    told = subprocess.run(["systemd-analyze", "verify", "--user", str(unit)], capture_output=True, text=True,
                          env=environment)
    return "\n".join(line for line in told.stderr.splitlines() if NAME in line) or str(told.returncode or "")


@needs_systemd
def test_the_command_installs_and_uninstalls_in_this_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    unit = tmp_path / ".config/systemd/user" / UNIT
    wanted = tmp_path / ".config/systemd/user/graphical-session.target.wants" / UNIT
    for _ in range(2):
        done = CliRunner().invoke(main, ["install"])
        assert done.exit_code == 0, done.output
        assert unit.exists() and wanted.is_symlink() and sys.executable in unit.read_text()
    for _ in range(2):
        done = CliRunner().invoke(main, ["uninstall"])
        assert done.exit_code == 0 and not unit.exists() and not wanted.is_symlink()
    assert not (tmp_path / ".config/autostart/kiosk-client.desktop").exists()


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_dry_run_tells_and_does_nothing(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    done = CliRunner().invoke(main, ["--server", "https://10.0.0.5:8443", command, "--dry-run"])
    assert done.exit_code == 0 and UNIT in done.output and list(tmp_path.iterdir()) == []


def test_a_server_that_may_not_be_used_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    done = CliRunner().invoke(main, ["--server", "http://10.0.0.5", "install"])
    assert done.exit_code == 1 and "insecure_server" in done.output and list(tmp_path.iterdir()) == []


# Windows.

def test_a_task_at_sign_in() -> None:
    door = windows()
    do_steps(door, plan_install(door, START))
    found = tree.fromstring(door.files[str(find_task_file(door))].encode("utf-16"))
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert found.findtext(f".//{space}LogonTrigger/{space}UserId") == r"SCHOOL\pupil & co"
    assert found.findtext(f".//{space}Command") == "/opt/seat/bin/python"
    assert found.findtext(f".//{space}Arguments") == (
        "-m kiosk_client.keeper --server https://10.0.0.5:8443 --kiosk")
    assert found.findtext(f".//{space}ExecutionTimeLimit") == "PT0S"
    assert any(line.startswith("schtasks /Create /TN kiosk-client /XML") for line in door.ran) and not door.registry


def test_where_no_task_may_be_made_the_run_key_starts_it() -> None:
    door = windows(task_code=1)
    do_steps(door, plan_install(door, Start(r"C:\Program Files\seat\pythonw.exe")))
    assert door.registry[RUN_KEY, NAME] == r'"C:\Program Files\seat\pythonw.exe" -m kiosk_client.keeper --kiosk'
    do_steps(door, plan_uninstall(door))
    assert door.registry == {} and str(find_task_file(door)) not in door.files


def test_a_task_takes_the_run_keys_place() -> None:
    door = windows()
    door.registry[RUN_KEY, NAME] = "an older way"
    do_steps(door, plan_install(door, START))
    assert (RUN_KEY, NAME) not in door.registry


def test_words_of_a_task_are_escaped_for_xml_and_for_windows() -> None:
    task = tree.fromstring(make_task(["python", "a b", "<&>", 'c"d'], "u").encode("utf-16"))
    found = [one.text for one in task.iter() if one.tag.endswith("Arguments")]
    assert found == ['"a b" <&> c\\"d']


def test_python_without_a_console_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    door = windows()
    folder = str(Path(sys.executable).parent)
    assert commands.find_program(door) == sys.executable
    door.names[folder] = ["python.exe", "pythonw.exe"]
    assert commands.find_program(door).endswith("pythonw.exe")


@pytest.mark.parametrize(("make_door", "off", "on"), [
    (linux, f"systemctl --user stop {UNIT}", f"systemctl --user start {UNIT}"),
    (windows, "schtasks /End /TN kiosk-client", "schtasks /Run /TN kiosk-client")])
def test_an_update_stops_and_starts_what_is_installed(make_door: Callable[[], FakeDoor], off: str, on: str) -> None:
    door = make_door()
    do_steps(door, plan_install(door, START))
    switch(door, False)
    assert door.ran[-1] == off
    switch(door, True)
    assert door.ran[-1] == on


def test_nothing_installed_is_neither_stopped_nor_started() -> None:
    door = linux()
    switch(door, False)
    assert door.ran == []


# The keeper.

def test_the_keeper_starts_an_ended_program_again_until_it_ends_by_itself() -> None:
    codes, started, waited = iter([74, -9, 0]), list[object](), list[float]()

    def start(words: object) -> int:
        started.append(words)
        return next(codes)
    assert keeper.keep_running(["--kiosk"], start, waited.append) == 0
    assert len(started) == 3 and waited == [keeper.AGAIN_SECONDS] * 2
    assert started[0] == [sys.executable, "-m", "kiosk_client", "--kiosk"]
