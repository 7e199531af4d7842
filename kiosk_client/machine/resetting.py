"""A computer that forgets at every restart: known products, layers that live in memory, and proof by a mark.

A mark counts the starts of the machine that a folder has seen. One lies in the data folder, one outside the profile;
the server remembers a third. A mark that is behind another, or a count that does not grow from one boot to the next,
was erased by a restart.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from kiosk_client.machine.findings import Finding, find
from kiosk_client.system_door import SystemDoor

FLEETING = ("tmpfs", "ramfs", "overlay", "overlayfs", "aufs")
_SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"
# service → the product people know; what was read of these products, not tried
RESETTERS = {"DeepFrz": "Deep Freeze", "DFServ": "Deep Freeze", "ShdServ": "Centurion SmartShield",
             "RebootRestoreRx": "Reboot Restore Rx", "diskpt": "Shadow Defender", "ToolwizTimeFreeze": "Time Freeze"}
_FILTER = ("powershell", "-NoProfile", "-Command", "(Get-CimInstance -Namespace root/standardcimv2/embedded "
           "-ClassName UWF_Filter -ErrorAction SilentlyContinue).CurrentEnabled")
MARK = "starts.json"
BEYOND_PROFILES = Path("/var/tmp")


@dataclass(frozen=True)
class Mark:
    """How many starts of the machine this folder has seen, the present one, and the code of what was found at it."""

    boot_id: str = ""
    starts: int = 0
    found: str = ""


def count_start(door: SystemDoor, folder: Path) -> Mark:
    """Count this boot once, in both places; gives what lies there now. Raises OSError."""
    places = (folder / MARK, find_outside(door, folder))
    own, outside = (read_mark(door.read_text(place)) for place in places)
    now = judge_start(own, outside, door.boot_id())
    text = json.dumps(asdict(now))
    if own != now:
        door.write_text(places[0], text)
    if outside != now:
        with suppress(OSError):
            # Not everybody may write there; one mark and the server's memory are left.
            door.write_text(places[1], text)
    return now


def find_outside(door: SystemDoor, folder: Path) -> Path:
    """Where the second mark lies: beyond the user's profile, one for each data folder."""
    name = "".join(sign if sign.isalnum() else "-" for sign in str(folder.absolute()))[-120:]
    if door.platform == "win32":
        return Path(door.environ.get("PROGRAMDATA", r"C:\ProgramData"), "kiosk-client", f"starts{name}.json")
    return BEYOND_PROFILES / f"kiosk-client-starts{name}.json"


def read_mark(text: str) -> Mark:
    """A mark as it was written; anything else is an empty one."""
    try:
        told = json.loads(text)
        return Mark(str(told["boot_id"]), int(told["starts"]), str(told.get("found", "")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Mark()


def judge_start(own: Mark, outside: Mark, boot_id: str) -> Mark:
    """The mark after this start: the same within one boot, one more after another.

    A folder that is behind what lies outside was reset; one that is empty may have been cleared by a person.
    """
    if own.boot_id == boot_id and own.starts >= outside.starts:
        return own
    if 0 < own.starts < outside.starts:
        found = "reset_seen"
    else:
        found = "folder_emptied" if outside.starts and not own.starts else ""
    return Mark(boot_id, own.starts + 1, found)


def look_at_mark(now: Mark, server_says_reset: bool) -> Finding:
    """What the marks and the server's memory prove."""
    if server_says_reset:
        return find("reset_seen")
    return find(now.found or ("reset_none" if now.starts > 1 else "reset_first"))


def look_at_layer(door: SystemDoor, folder: Path) -> Finding | None:
    """A data folder in memory or in a layer over a frozen disk (Linux); products that freeze disks (Windows)."""
    if door.platform == "win32":
        name = find_resetter(door)
        return find("reset_program", name=name, folder=folder) if name else None
    kind = find_file_system(door.read_text("/proc/mounts"), str(folder.absolute()))
    return find("reset_overlay", folder=folder, kind=kind) if kind in FLEETING else None


def find_file_system(mounts: str, folder: str) -> str:
    """The kind of file system that a folder lies on, by the text of /proc/mounts."""
    found = [(_unescape(fields[1]), fields[2]) for line in mounts.splitlines() if len(fields := line.split()) > 2]
    above = [(place, kind) for place, kind in found
             if place == "/" or folder == place or folder.startswith(place + "/")]
    return max(above, key=lambda one: len(one[0]), default=("", ""))[1]


def _unescape(place: str) -> str:
    return place.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")


def find_resetter(door: SystemDoor) -> str:
    """The name of an installed product that resets disks, "" if none is known."""
    known = [name for service, name in RESETTERS.items() if door.has_registry(rf"{_SERVICES}\{service}")]
    if known:
        return known[0]
    return "Unified Write Filter" if "True" in door.run(*_FILTER, seconds=20.0).output else ""
