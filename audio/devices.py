"""The machine's sound devices: lists them, chooses one by name, knows the rate to open it at.

The one door to PortAudio: importing this package never fails without it, using it gives plain refusals.
A fresh list while something records needs another process: see `audio.rescan`.
"""

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any

from audio.faults import DeviceBusy, DeviceMissing, NoSoundCard, StreamsOpen
from audio.patience import run_within
from audio.sources import PREFERRED_RATE

LIST_SECONDS = 10.0


class Direction(StrEnum):
    input = "input"
    output = "output"


@dataclass(frozen=True)
class Device:
    """A sound device, seen in one direction.

    `number` is PortAudio's and lives only as long as its device list; `name` is for people, `system` is the
    host interface (ALSA, WASAPI…), `channels` and `rate` (Hz) are of this direction.
    """

    number: int
    name: str
    system: str
    direction: Direction
    channels: int
    rate: int
    is_default: bool

    @property
    def label(self) -> str:
        return f"{self.name} ({self.system})"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def open_portaudio() -> ModuleType:
    """The sounddevice module.

    :raises NoSoundCard: PortAudio is not on this machine, or it could not begin.
    """
    try:
        return importlib.import_module("sounddevice")
    except OSError as error:
        raise NoSoundCard(f"PortAudio: {error}") from None
    except Exception as error:  # sounddevice begins PortAudio while it is imported
        if type(error).__name__ != "PortAudioError":
            raise
        raise NoSoundCard(f"PortAudio: {error}") from None


def refresh_devices() -> None:
    """Make PortAudio's device list anew, so that a headset plugged in since the start is found.

    :raises StreamsOpen: something records or plays (`audio.rescan` only looks, and may always).
    :raises NoSoundCard: no PortAudio. :raises DeviceStuck: the sound system hangs.
    """
    portaudio = open_portaudio()
    with _streams.refuse_new():
        run_within(LIST_SECONDS, lambda: _restart(portaudio), "new list of sound devices")


@contextmanager
def count_stream() -> Iterator[None]:
    """For the time a stream is open: the device list stays as it is."""
    _streams.add(1)
    try:
        yield
    finally:
        _streams.add(-1)


class _Streams:
    """How many streams of this process are open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0

    def add(self, change: int) -> None:
        with self._lock:
            self._open += change

    @contextmanager
    def refuse_new(self) -> Iterator[None]:
        """Holds off new streams; refuses if there are any.

        :raises StreamsOpen: there are.
        """
        with self._lock:
            if self._open:
                raise StreamsOpen(f"{self._open} open")
            yield


_streams = _Streams()


def _restart(portaudio: ModuleType) -> None:
    # PortAudio has no other way to see a device that came after its start.
    portaudio._terminate()
    portaudio._initialize()


def list_devices(direction: Direction, portaudio: ModuleType | None = None) -> list[Device]:
    """All devices of a direction, the default one first; an empty list if there are none.

    :raises NoSoundCard: no PortAudio. :raises DeviceStuck: the sound system hangs.
    """
    found = portaudio or open_portaudio()
    return run_within(LIST_SECONDS, lambda: _read_devices(found, direction), "list of sound devices")


def choose_device(
    direction: Direction, name: str | None = None, portaudio: ModuleType | None = None
) -> Device:
    """The device of this name (exact, else the only one that contains it), or the default one for `None`.

    :raises NoSoundCard: there is no device at all. :raises DeviceMissing: none of that name, or several.
    """
    devices = list_devices(direction, portaudio)
    if not devices:
        raise NoSoundCard(f"no {direction} device")
    return find_device(devices, name)


def find_device(devices: list[Device], name: str | None) -> Device:
    """Choose among `devices` (not empty) as `choose_device` does."""
    if name is None:
        return next((device for device in devices if device.is_default), devices[0])
    exact = [device for device in devices if name in (device.name, device.label)]
    if exact:
        return exact[0]
    similar = [device for device in devices if name.casefold() in device.label.casefold()]
    if len(similar) == 1:
        return similar[0]
    known = ", ".join(device.label for device in devices)
    raise DeviceMissing(f"{name}: {len(similar)} such devices among: {known}")


def choose_present_device(direction: Direction, name: str | None = None) -> Device:
    """As `choose_device`, but a device that is not in the list is looked for once more in a new list.

    :raises NoSoundCard, DeviceMissing, DeviceStuck: as there.
    """
    try:
        return choose_device(direction, name)
    except (NoSoundCard, DeviceMissing) as refusal:
        try:
            refresh_devices()
        except StreamsOpen:
            raise refusal from None
        return choose_device(direction, name)


def choose_rate(device: Device, portaudio: ModuleType | None = None) -> int:
    """24,000 Hz where the device accepts it, else its own rate.

    :raises DeviceBusy: it accepts neither. :raises DeviceStuck: the sound system hangs.
    """
    found = portaudio or open_portaudio()
    for rate in dict.fromkeys((PREFERRED_RATE, device.rate)):
        if _accepts_rate(found, device, rate):
            return rate
    raise DeviceBusy(f"{device.label}: neither {PREFERRED_RATE} nor {device.rate} Hz")


def _accepts_rate(portaudio: ModuleType, device: Device, rate: int) -> bool:
    check: Callable[..., None] = (
        portaudio.check_input_settings if device.direction is Direction.input
        else portaudio.check_output_settings
    )
    try:
        run_within(
            LIST_SECONDS,
            lambda: check(device=device.number, channels=1, dtype="int16", samplerate=rate),
            f"rates of {device.label}",
        )
    except (portaudio.PortAudioError, ValueError):
        return False
    return True


def _read_devices(portaudio: ModuleType, direction: Direction) -> list[Device]:
    systems = [str(system["name"]) for system in portaudio.query_hostapis()]
    default = portaudio.default.device[0 if direction is Direction.input else 1]
    devices = [
        _describe(number, found, systems, direction, number == default)
        for number, found in enumerate(portaudio.query_devices())
        if found[f"max_{direction}_channels"] > 0
    ]
    return sorted(devices, key=lambda device: not device.is_default)


def _describe(
    number: int, found: dict[str, Any], systems: list[str], direction: Direction, is_default: bool
) -> Device:
    return Device(
        number=number,
        name=str(found["name"]),
        system=systems[found["hostapi"]],
        direction=direction,
        channels=int(found[f"max_{direction}_channels"]),
        rate=int(found["default_samplerate"]),
        is_default=is_default,
    )
