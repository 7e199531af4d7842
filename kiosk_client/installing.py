"""`kiosk-client install` and `uninstall`: the workstation starts by itself, and can be made to stop doing so.

Takes the door and how the workstation is to be started; gives steps that are told (dry run) or done. Done twice they
change nothing. The journal is never touched.

Linux: a systemd user service, tied to the desktop, and an autostart entry that hands the desktop to it; without
systemd the entry alone. Windows: a scheduled task at sign-in; where making one is not allowed, the Run key. Where it is
not systemd, a keeper starts the program again if it ends by a fault.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

from kiosk_client.refusals import SeatRefusal
from kiosk_client.system_door import Ran, SystemDoor

NAME = "kiosk-client"
UNIT = f"{NAME}.service"
RUN_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
# Hands the desktop's address to systemd and starts the service there, also where no desktop reaches its target.
HAND_OVER = ("systemctl --user import-environment DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_SESSION_TYPE "
             f"XDG_CURRENT_DESKTOP; systemctl --user start {UNIT}")


class InstallFailed(SeatRefusal):
    """The system refused a step."""

    code = "install_failed"


@dataclass(frozen=True)
class Start:
    """How the workstation starts: the program's Python, the options before the command, with a desktop or without.

    `is_headless`: no browser and no desktop (a robot, a seat looked at from elsewhere).
    """

    python: str
    options: tuple[str, ...] = ()
    is_headless: bool = False

    @property
    def words(self) -> list[str]:
        """The command line of the agent itself."""
        screen = () if self.is_headless else ("--kiosk",)
        return [self.python, "-m", "kiosk_client", *self.options, *screen]


class Step(Protocol):
    """One change of the system."""

    def describe(self) -> str:
        """What would be done, for a person."""

    def do(self, door: SystemDoor) -> None:
        """Do it; nothing where it is done already. Raises InstallFailed."""


@dataclass(frozen=True)
class WriteFile:
    """A file with this text."""

    path: Path
    text: str
    encoding: str = "utf-8"

    def describe(self) -> str:
        return f"записать {self.path}:\n" + "".join(f"    {line}\n" for line in self.text.splitlines())

    def do(self, door: SystemDoor) -> None:
        if self.encoding == "utf-8" and door.read_text(self.path) == self.text:
            return
        try:
            door.write_text(self.path, self.text, self.encoding)
        except OSError as error:
            raise InstallFailed(f"{self.path}: {error}") from error


@dataclass(frozen=True)
class RemoveFile:
    """No such file."""

    path: Path

    def describe(self) -> str:
        return f"удалить {self.path}"

    def do(self, door: SystemDoor) -> None:
        try:
            door.remove_file(self.path)
        except OSError as error:
            raise InstallFailed(f"{self.path}: {error}") from error


@dataclass(frozen=True)
class RunProgram:
    """A program of the system; `may_fail` where it only tidies."""

    words: tuple[str, ...]
    may_fail: bool = False

    def describe(self) -> str:
        return f"выполнить {shlex.join(self.words)}"

    def do(self, door: SystemDoor) -> None:
        ran: Ran = door.run(*self.words, seconds=60.0)
        if not ran.is_good and not self.may_fail:
            raise InstallFailed(f"{shlex.join(self.words)}: {ran.code} {ran.output.strip()[-500:]}")


@dataclass(frozen=True)
class SetRunKey:
    """The Run key starts this; "" = it starts nothing of ours."""

    command: str

    def describe(self) -> str:
        return f"{RUN_KEY}\\{NAME} = {self.command}" if self.command else f"удалить {RUN_KEY}\\{NAME}"

    def do(self, door: SystemDoor) -> None:
        try:
            if self.command:
                door.write_registry(RUN_KEY, NAME, self.command)
            else:
                door.remove_registry(RUN_KEY, NAME)
        except OSError as error:
            raise InstallFailed(f"{RUN_KEY}: {error}") from error


@dataclass(frozen=True)
class EitherOf:
    """The first list that can be done; the others are for machines that forbid it."""

    ways: tuple[tuple[Step, ...], ...]

    def describe(self) -> str:
        return "\nа если система не разрешит:\n".join(
            "\n".join(step.describe() for step in way) for way in self.ways)

    def do(self, door: SystemDoor) -> None:
        for way in self.ways[:-1]:
            try:
                return do_steps(door, way)
            except InstallFailed:
                continue
        do_steps(door, self.ways[-1])


def do_steps(door: SystemDoor, steps: Sequence[Step]) -> None:
    """All of them in order. Raises InstallFailed."""
    for step in steps:
        step.do(door)


# What is done.

def plan_install(door: SystemDoor, start: Start) -> list[Step]:
    """The steps after which the workstation starts by itself."""
    return _plan_windows(door, start) if door.platform == "win32" else _plan_linux(door, start)


def plan_uninstall(door: SystemDoor) -> list[Step]:
    """The steps that undo every way of installing."""
    if door.platform == "win32":
        return [RunProgram(("schtasks", "/End", "/TN", NAME), may_fail=True),
                RunProgram(("schtasks", "/Delete", "/TN", NAME, "/F"), may_fail=True), SetRunKey(""),
                RemoveFile(find_task_file(door))]
    return [RunProgram(("systemctl", "--user", "disable", "--now", UNIT), may_fail=True),
            RemoveFile(find_unit(door)), RemoveFile(find_autostart(door)),
            RunProgram(("systemctl", "--user", "daemon-reload"), may_fail=True)]


def is_installed(door: SystemDoor) -> bool:
    """Whether any way of installing is in force."""
    if door.platform == "win32":
        return door.read_registry(RUN_KEY, NAME) is not None or door.run("schtasks", "/Query", "/TN", NAME).is_good
    return bool(door.read_text(find_unit(door)) or door.read_text(find_autostart(door)))


def switch(door: SystemDoor, is_on: bool) -> None:
    """Start or stop what is installed, for the time of an update; nothing where nothing is."""
    if not is_installed(door):
        return
    if door.platform == "win32":
        door.run("schtasks", "/Run" if is_on else "/End", "/TN", NAME)
    else:
        door.run("systemctl", "--user", "start" if is_on else "stop", UNIT, seconds=60.0)


# Linux.

def find_unit(door: SystemDoor) -> Path:
    """Where the user's services lie."""
    return _config(door) / "systemd" / "user" / UNIT


def find_autostart(door: SystemDoor) -> Path:
    """Where desktops look for what to start."""
    return _config(door) / "autostart" / f"{NAME}.desktop"


def _config(door: SystemDoor) -> Path:
    return Path(door.environ.get("XDG_CONFIG_HOME") or door.home / ".config")


def _plan_linux(door: SystemDoor, start: Start) -> list[Step]:
    # A manager that does not run yet (installed for somebody who is not signed in) reads the unit when it starts.
    service: tuple[Step, ...] = (WriteFile(find_unit(door), make_unit(start)),
                                 RunProgram(("systemctl", "--user", "daemon-reload"), may_fail=True),
                                 RunProgram(("systemctl", "--user", "enable", UNIT)))
    if start.is_headless:
        return [*service, RemoveFile(find_autostart(door))]
    keeper = shlex.join(make_keeper_words(start))
    return [EitherOf(((*service, WriteFile(find_autostart(door), make_autostart(HAND_OVER))),
                      (RemoveFile(find_unit(door)), WriteFile(find_autostart(door), make_autostart(keeper)))))]


def make_unit(start: Start) -> str:
    """The service: started again for ever after any fault. An end with 0 is an organizer's, by the exit code."""
    target = "default.target" if start.is_headless else "graphical-session.target"
    tied = "" if start.is_headless else "PartOf=graphical-session.target\nAfter=graphical-session.target\n"
    return f"""[Unit]
Description=Workstation of the testing server (kiosk-client)
{tied}StartLimitIntervalSec=0

[Service]
ExecStart={' '.join(quote_for_unit(word) for word in start.words)}
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=15

[Install]
WantedBy={target}
"""


def quote_for_unit(word: str) -> str:
    """A word of ExecStart: quotes, percent signs and dollars mean something to systemd."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != word or any(sign.isspace() for sign in word) or "'" in word else word


def make_autostart(command: str) -> str:
    """A desktop's entry that runs a command of the shell once a person has signed in."""
    quoted = re.sub(r'(["`$\\])', r"\\\1", command)
    # A backslash is written twice once more, for it stands in a text of a desktop file; % would be a field.
    escaped = quoted.replace("\\", "\\\\").replace("%", "%%")
    return f"""[Desktop Entry]
Type=Application
Name=kiosk-client
Name[ru]=Рабочее место
Exec=sh -c "{escaped}"
X-GNOME-Autostart-enabled=true
"""


def make_keeper_words(start: Start) -> list[str]:
    """The command line where nothing of the system starts an ended program again."""
    return [start.python, "-m", "kiosk_client.keeper", *start.words[3:]]


# Windows.

def find_task_file(door: SystemDoor) -> Path:
    """The task as it is given to schtasks."""
    return Path(door.environ.get("LOCALAPPDATA") or door.home) / NAME / "task.xml"


def _plan_windows(door: SystemDoor, start: Start) -> list[Step]:
    words = make_keeper_words(start)
    task = find_task_file(door)
    user = "\\".join(part for part in (door.environ.get("USERDOMAIN"), door.environ.get("USERNAME")) if part)
    return [EitherOf((
        (WriteFile(task, make_task(words, user), "utf-16"),
         RunProgram(("schtasks", "/Create", "/TN", NAME, "/XML", str(task), "/F")), SetRunKey("")),
        (SetRunKey(subprocess.list2cmdline(words)),)))]


def make_task(words: Sequence[str], user: str) -> str:
    """A task at this user's sign-in: one at a time, for as long as it takes, on batteries too."""
    arguments = subprocess.list2cmdline(words[1:])
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>{escape(user)}</UserId></LogonTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>{escape(user)}</UserId><LogonType>InteractiveToken</LogonType>
    <RunLevel>LeastPrivilege</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
  </Settings>
  <Actions Context="Author"><Exec><Command>{escape(words[0])}</Command>
    <Arguments>{escape(arguments)}</Arguments></Exec></Actions>
</Task>
"""
