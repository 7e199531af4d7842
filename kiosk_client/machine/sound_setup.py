"""Sound devices as the system has them: present, not muted, not forbidden, told apart by name.

Takes the door and device names; gives findings. Whether one is heard only a recording tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from audio.devices import Device
from audio.faults import SoundRefusal
from audio.rescan import Devices, rescan_devices
from kiosk_client.machine.findings import Finding, find
from kiosk_client.system_door import SystemDoor

_CONSENT = r"\SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"
CONSENT_KEYS = ("HKLM" + _CONSENT, "HKCU" + _CONSENT, "HKCU" + _CONSENT + r"\NonPackaged")
POLICY_KEY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\AppPrivacy"
FORCE_DENY = 2
CUT_AT = 31
LEAST_PERCENT = 10
NAMES_SHOWN = 6


def look_at_devices(list_all: Callable[[], Devices] = rescan_devices) -> list[Finding]:
    """Microphones, headphones, their names; asked for in another process, so that nothing that sounds is disturbed."""
    try:
        found = list_all()
    except SoundRefusal as refusal:
        return [find("sound_silent_system", why=f"{refusal.code} {refusal.details}".strip()[:120])]
    return [_name_devices("input", found.inputs), _name_devices("output", found.outputs), look_at_names(found.inputs)]


def _name_devices(direction: str, devices: Sequence[Device]) -> Finding:
    if not devices:
        return find(f"{direction}_missing")
    return find(f"{direction}_good", names=", ".join(device.label for device in devices[:NAMES_SHOWN]))


def look_at_names(devices: Sequence[Device]) -> Finding:
    """Two devices of one sound system whose names are equal: no choice could tell them apart.

    Windows' oldest interface cuts names at 31 characters, so that two different headsets may look like one.
    """
    counted = Counter((device.system, device.name) for device in devices)
    twice = [name for (_, name), count in counted.items() if count > 1 and len(name) >= CUT_AT]
    return find("names_cut", name=twice[0]) if twice else find("names_good")


def look_at_privacy(door: SystemDoor) -> Finding:
    """The switches that silence a microphone without a word."""
    return _look_at_consent(door) if door.platform == "win32" else _look_at_capture(door)


def _look_at_consent(door: SystemDoor) -> Finding:
    if door.read_registry(POLICY_KEY, "LetAppsAccessMicrophone") == FORCE_DENY:
        return find("privacy_policy")
    is_denied = any(door.read_registry(key, "Value") == "Deny" for key in CONSENT_KEYS)
    return find("privacy_denied" if is_denied else "privacy_good")


def _look_at_capture(door: SystemDoor) -> Finding:
    """PulseAudio or PipeWire by pactl; where there is neither, ALSA by amixer."""
    mute = door.run("pactl", "get-source-mute", "@DEFAULT_SOURCE@")
    volume = door.run("pactl", "get-source-volume", "@DEFAULT_SOURCE@")
    if mute.is_good:
        return judge_capture("yes" in mute.output.lower(), _read_percent(volume.output))
    told = door.run("amixer", "get", "Capture").output
    return judge_capture("[off]" in told and "[on]" not in told, _read_percent(told))


def _read_percent(text: str) -> int | None:
    numbers = [int(found) for found in re.findall(r"(\d+)%", text)]
    return max(numbers, default=None)


def judge_capture(is_muted: bool, percent: int | None) -> Finding:
    """Muted, or so low that nothing is heard; None = the level is not known."""
    if is_muted:
        return find("capture_muted")
    if percent is not None and percent < LEAST_PERCENT:
        return find("capture_zero", percent=percent)
    return find("privacy_good")
