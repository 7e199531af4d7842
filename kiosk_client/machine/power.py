"""Sleep, lid, updates that wait for a restart: what makes a computer go away in the middle of an exam.

Takes the door; gives a finding each. Linux: systemd-logind, the desktop's settings, the packagers' marks. Windows:
powercfg and the update service's registry keys.
"""

from __future__ import annotations

import re

from kiosk_client.machine.findings import Finding, find
from kiosk_client.system_door import SystemDoor

_LOGIND = ("busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1",
           "org.freedesktop.login1.Manager")
# (schema, key of the time in seconds, key that switches it off with 'nothing')
DESKTOPS = (
    ("org.gnome.settings-daemon.plugins.power", "sleep-inactive-ac-timeout", "sleep-inactive-ac-type"),
    ("org.cinnamon.settings-daemon.plugins.power", "sleep-inactive-ac-timeout", ""),
    ("org.mate.power-manager", "sleep-computer-ac", ""),
)
_SERVICING = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
RESTART_KEYS = (_SERVICING + r"\WindowsUpdate\Auto Update\RebootRequired",
                _SERVICING + r"\Component Based Servicing\RebootPending")
RESTART_MARKS = (("/run", "reboot-required"), ("/var/run", "reboot-required"))


def look_at_sleep(door: SystemDoor) -> Finding:
    """Whether the computer falls asleep when nobody touches it (a listening candidate touches nothing)."""
    seconds = read_powercfg(door, "SUB_SLEEP", "STANDBYIDLE") if door.platform == "win32" else read_linux_sleep(door)
    if seconds is None:
        return find("sleep_unknown")
    return find("sleep_after", minutes=max(1, seconds // 60)) if seconds else find("sleep_never")


def read_linux_sleep(door: SystemDoor) -> int | None:
    """Seconds until sleep on mains power, 0 = never, None = no one who decides it could be asked."""
    if door.run("systemctl", "is-enabled", "sleep.target").output.strip() == "masked":
        return 0
    times = [told for desktop in DESKTOPS if (told := _read_desktop(door, *desktop)) is not None]
    action = _read_quoted(door.run(*_LOGIND, "IdleAction").output)
    if action in ("suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate"):
        times.append(_read_number(door.run(*_LOGIND, "IdleActionUSec").output) // 1_000_000)
    if not times and not action:
        return None
    return min((seconds for seconds in times if seconds), default=0)


def _read_desktop(door: SystemDoor, schema: str, time_key: str, type_key: str) -> int | None:
    told = door.run("gsettings", "get", schema, time_key)
    if not told.is_good:
        return None
    is_off = bool(type_key) and _read_quoted(door.run("gsettings", "get", schema, type_key).output) == "nothing"
    return 0 if is_off else _read_number(told.output)


def _read_quoted(text: str) -> str:
    found = re.search(r"""["']([^"']*)["']""", text)
    return found[1] if found else ""


def _read_number(text: str) -> int:
    found = re.search(r"(\d+)\s*$", text)
    return int(found[1]) if found else 0


def read_powercfg(door: SystemDoor, group: str, setting: str) -> int | None:
    """A power setting on mains: the last but one hexadecimal number of the answer, in any language of Windows."""
    numbers = re.findall(r"0x[0-9a-f]{8}\b", door.run("powercfg", "/qh", "SCHEME_CURRENT", group, setting).output)
    return int(numbers[-2], 16) if len(numbers) >= 2 else None


def look_at_lid(door: SystemDoor) -> Finding:
    """What closing a notebook does."""
    if not door.has_lid():
        return find("lid_none")
    if door.platform == "win32":
        return find("lid_ignored" if read_powercfg(door, "SUB_BUTTONS", "LIDACTION") == 0 else "lid_sleeps")
    actions = [_read_quoted(door.run(*_LOGIND, name).output)
               for name in ("HandleLidSwitchExternalPower", "HandleLidSwitch")]
    decides = next((action for action in actions if action), "")
    return find("lid_ignored" if decides in ("ignore", "lock") else "lid_sleeps")


def look_at_restart(door: SystemDoor) -> Finding:
    """Updates that wait for a restart, and may take it at the wrong moment."""
    return find("restart_waits" if waits_for_restart(door) else "restart_none")


def waits_for_restart(door: SystemDoor) -> bool:
    """Whether the system says that it has to be restarted."""
    if door.platform == "win32":
        return any(door.has_registry(key) for key in RESTART_KEYS)
    if any(mark in door.list_names(folder) for folder, mark in RESTART_MARKS):
        return True
    # RED OS, ALT and other relatives of Fedora have a program instead of a mark: it ends with 1.
    return door.run("needs-restarting", "-r").code == 1
