"""A fresh list of sound devices while something records: PortAudio's list is made once in a
process, and making it again ends all its streams. So another process lists them.

Run as `python -m audio.rescan` it prints the list as JSON; `rescan_devices` runs it and reads that.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audio.devices import Device, Direction, list_devices
from audio.faults import DeviceStuck, NoSoundCard, SoundRefusal

RESCAN_SECONDS = 15.0


@dataclass(frozen=True)
class Devices:
    """What the machine has now. Numbers are the other process's: choose by name."""

    inputs: tuple[Device, ...]
    outputs: tuple[Device, ...]


@dataclass(frozen=True)
class DeviceChanges:
    """Labels that came and went between two lists."""

    came: tuple[str, ...]
    went: tuple[str, ...]


def rescan_devices(environment: Mapping[str, str] | None = None) -> Devices:
    """The devices of this moment, asked for in another process.

    :raises NoSoundCard: no PortAudio there. :raises DeviceStuck: no answer in 15 s.
    """
    command = [sys.executable, "-m", "audio.rescan"]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=RESCAN_SECONDS, text=True,
            env=None if environment is None else dict(environment),
        )
    except subprocess.TimeoutExpired:
        raise DeviceStuck(f"list of sound devices: no answer in {RESCAN_SECONDS} s") from None
    return _read_answer(done.stdout, done.stderr)


def find_changes(before: Devices, after: Devices) -> DeviceChanges:
    """Which devices were plugged in and which pulled out."""
    earlier, later = _name_all(before), _name_all(after)
    return DeviceChanges(tuple(sorted(later - earlier)), tuple(sorted(earlier - later)))


def _name_all(devices: Devices) -> set[str]:
    return {f"{found.direction}: {found.label}" for found in (*devices.inputs, *devices.outputs)}


def _read_answer(printed: str, complaint: str) -> Devices:
    # ALSA prints its own complaints around ours: the answer is the last line that is an object.
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    if not lines:
        raise NoSoundCard(complaint.strip()[-500:] or "no answer")
    answer = json.loads(lines[-1])
    if "refused" in answer:
        refused = DeviceStuck if answer["refused"] == DeviceStuck.code else NoSoundCard
        raise refused(answer["details"])
    return Devices(_read_devices(answer["inputs"]), _read_devices(answer["outputs"]))


def _read_devices(found: list[dict[str, Any]]) -> tuple[Device, ...]:
    return tuple(Device(**{**device, "direction": Direction(device["direction"])}) for device in found)


def describe_devices() -> dict[str, Any]:
    """The list of this process, or its refusal, as JSON."""
    try:
        inputs, outputs = list_devices(Direction.input), list_devices(Direction.output)
    except SoundRefusal as refusal:
        return {"refused": refusal.code, "details": refusal.details}
    return {
        "inputs": [device.as_json() for device in inputs],
        "outputs": [device.as_json() for device in outputs],
    }


if __name__ == "__main__":
    print(json.dumps(describe_devices()))
