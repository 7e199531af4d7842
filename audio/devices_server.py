"""The devices of a PulseAudio server, or of PipeWire's: read, chosen and opened up with its own tool, `pactl`.

Takes a direction; gives devices with their human names and states, or None where there is no such server.
"""

import json
import shutil
import subprocess
from typing import Any

from audio.devices import Direction
from audio.devices_state import DeviceState, ShownDevice, judge_state
from audio.faults import DeviceMissing

ASK_SECONDS = 3.0
USEFUL_PERCENT = 80
_KINDS = {Direction.input: "source", Direction.output: "sink"}
NOT_THERE = "not available"


def list_server_devices(direction: Direction) -> list[ShownDevice] | None:
    """Every device a person may choose (no monitors of outputs); None = no such server answers."""
    kind = _KINDS[direction]
    info, found = _ask("info"), _ask("list", f"{kind}s")
    if not isinstance(info, dict) or not isinstance(found, list):
        return None
    return [read_device(one, direction, str(info.get(f"default_{kind}_name"))) for one in found if is_for_people(one)]


def is_for_people(described: dict[str, Any]) -> bool:
    """Whether it is a device of its own, not what an output plays heard as an input."""
    return described.get("properties", {}).get("device.class") != "monitor"


def read_device(described: dict[str, Any], direction: Direction, default: str) -> ShownDevice:
    """One source or sink as `pactl -f json list` describes it."""
    volumes = [str(channel.get("value_percent", "")).rstrip("%") for channel in described.get("volume", {}).values()]
    percents = [int(volume) for volume in volumes if volume.isdigit()]
    state = judge_state(is_plugged(described), bool(described.get("mute")), max(percents, default=None))
    name = str(described["name"])
    return ShownDevice(name, str(described.get("description") or name), direction, name == default, state)


def is_plugged(described: dict[str, Any]) -> bool:
    """Whether anything is in its socket; a device without sockets (USB) is plugged in, or it would not be listed."""
    ports = {port.get("name"): port for port in described.get("ports", [])}
    active = ports.get(described.get("active_port"))
    return active is None or active.get("availability") != NOT_THERE


def choose_server_device(key: str, direction: Direction) -> None:
    """Sound comes from there (goes there) from now on.

    :raises DeviceMissing: the server knows no such device.
    """
    if not _tell(f"set-default-{_KINDS[direction]}", key):
        raise DeviceMissing(key)


def open_up(device: ShownDevice) -> None:
    """Unmute it and turn it up, where that is what is wrong.

    :raises DeviceMissing: the server knows no such device.
    """
    kind = _KINDS[device.direction]
    is_done = _tell(f"set-{kind}-mute", device.key, "0")
    if device.state is DeviceState.turned_down:
        is_done = _tell(f"set-{kind}-volume", device.key, f"{USEFUL_PERCENT}%") and is_done
    if not is_done:
        raise DeviceMissing(device.key)


def _ask(*words: str) -> Any:
    done = _run("-f", "json", *words)
    try:
        return json.loads(done.stdout) if done is not None else None
    except ValueError:
        return None


def _tell(*words: str) -> bool:
    return _run(*words) is not None


def _run(*words: str) -> subprocess.CompletedProcess[bytes] | None:
    program = shutil.which("pactl")
    if program is None:
        return None
    try:
        return subprocess.run([program, *words], capture_output=True, timeout=ASK_SECONDS, check=True)
    except (subprocess.SubprocessError, OSError):
        return None
