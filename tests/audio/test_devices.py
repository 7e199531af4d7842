"""Devices are chosen by name; a machine without sound gets a plain refusal, never a traceback."""

import subprocess
import sys
import threading
from typing import Any

import pytest

from audio import devices, rescan
from audio.devices import (
    Device, Direction, choose_device, choose_present_device, choose_rate, count_stream, list_devices,
    open_portaudio, refresh_devices,
)
from audio.faults import DeviceBusy, DeviceMissing, DeviceStuck, NoSoundCard, SoundRefusal, StreamsOpen
from audio.patience import run_within
from audio.rescan import Devices, find_changes, rescan_devices


class FakePortAudio:
    """What PortAudio tells of a PC with a headset and a built-in microphone."""

    class PortAudioError(Exception):
        pass

    class default:
        device = (1, 2)

    accepted = {24000, 48000}

    def __init__(self, names: tuple[str, ...] = ("Built-in", "USB Headset", "Speakers")) -> None:
        self._names = names

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "WASAPI"}]

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "hostapi": 0, "default_samplerate": 48000.0,
             "max_input_channels": 0 if name == "Speakers" else 1,
             "max_output_channels": 2 if name == "Speakers" else 0}
            for name in self._names
        ]

    def check_input_settings(self, samplerate: int, **others: Any) -> None:
        if samplerate not in self.accepted:
            raise self.PortAudioError("Invalid sample rate")


def choose(name: str | None, *names: str) -> Device:
    return choose_device(Direction.input, name, FakePortAudio(names) if names else FakePortAudio())  # type: ignore


def test_default_device_comes_first() -> None:
    found = list_devices(Direction.input, FakePortAudio())  # type: ignore[arg-type]
    assert [device.name for device in found] == ["USB Headset", "Built-in"]
    assert found[0].is_default and found[0].rate == 48000 and found[0].label == "USB Headset (WASAPI)"
    assert [device.name for device in list_devices(Direction.output, FakePortAudio())] == ["Speakers"]  # type: ignore


@pytest.mark.parametrize("name, chosen", [
    (None, "USB Headset"), ("Built-in", "Built-in"), ("usb", "USB Headset"),
    ("USB Headset (WASAPI)", "USB Headset"),
])
def test_device_is_chosen_by_name(name: str | None, chosen: str) -> None:
    assert choose(name).name == chosen


@pytest.mark.parametrize("name", ["Gone Headset", "wasapi", ""])
def test_unknown_or_ambiguous_name_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(DeviceMissing, match="USB Headset"):
        choose(name)


def test_machine_without_a_microphone_is_refused() -> None:
    with pytest.raises(NoSoundCard):
        choose(None, "Speakers")


@pytest.mark.parametrize("accepted, rate", [({24000, 48000}, 24000), ({48000}, 48000)])
def test_our_rate_is_preferred_to_the_devices(accepted: set[int], rate: int) -> None:
    portaudio = FakePortAudio()
    portaudio.accepted = accepted
    assert choose_rate(choose(None), portaudio) == rate  # type: ignore[arg-type]


def test_device_that_accepts_no_rate_is_busy() -> None:
    portaudio = FakePortAudio()
    portaudio.accepted = set()
    with pytest.raises(DeviceBusy):
        choose_rate(choose(None), portaudio)  # type: ignore[arg-type]


class PluggedLater(FakePortAudio):
    """The headset is seen only after PortAudio began anew."""

    def __init__(self) -> None:
        super().__init__(("Built-in",))

    def _terminate(self) -> None:
        self._names = ()

    def _initialize(self) -> None:
        self._names = ("Built-in", "USB Headset")


def test_headset_plugged_in_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = PluggedLater()
    monkeypatch.setattr(devices, "open_portaudio", lambda: portaudio)
    assert choose_present_device(Direction.input, "USB Headset").name == "USB Headset"
    with pytest.raises(DeviceMissing):
        choose_present_device(Direction.input, "Gone Headset")


def test_new_device_list_never_ends_an_open_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = PluggedLater()
    monkeypatch.setattr(devices, "open_portaudio", lambda: portaudio)
    with count_stream():
        with pytest.raises(StreamsOpen):
            refresh_devices()
        with pytest.raises(DeviceMissing):
            choose_present_device(Direction.input, "USB Headset")
    refresh_devices()
    assert len(list_devices(Direction.input)) == 2


def test_package_is_imported_without_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(devices.importlib, "import_module", fail)
    with pytest.raises(NoSoundCard, match="PortAudio library not found"):
        open_portaudio()


def test_nothing_of_the_package_imports_portaudio_early() -> None:
    script = (
        "import sys; sys.modules['sounddevice'] = None\n"
        "import audio.recorder, audio.player, audio.rescan, audio.sound_check, audio.virtual, audio.encode"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_sound_system_that_hangs_is_a_refusal() -> None:
    never = threading.Event()
    with pytest.raises(DeviceStuck, match="opening"):
        run_within(0.05, never.wait, "opening")
    never.set()


def test_patience_hands_over_results_and_exceptions() -> None:
    assert run_within(1, lambda: 42, "answer") == 42
    with pytest.raises(DeviceBusy):
        run_within(1, lambda: (_ for _ in ()).throw(DeviceBusy("taken")), "opening")


def test_refusals_have_distinct_codes() -> None:
    codes = [refusal.code for refusal in SoundRefusal.__subclasses__()]
    assert len(codes) == len(set(codes)) and "sound_refused" not in codes


def make_devices(*names: str) -> Devices:
    found = list_devices(Direction.input, FakePortAudio(names))  # type: ignore[arg-type]
    return Devices(tuple(found), ())


def test_pulled_and_plugged_devices_are_named() -> None:
    changes = find_changes(make_devices("Built-in", "USB Headset"), make_devices("Built-in", "Camera"))
    assert changes.came == ("input: Camera (WASAPI)",) and changes.went == ("input: USB Headset (WASAPI)",)


def test_rescan_asks_another_process() -> None:
    found = rescan_devices()
    assert all(device.channels > 0 for device in (*found.inputs, *found.outputs))


@pytest.mark.parametrize("printed, refusal", [
    ('{"refused": "no_sound_card", "details": "PortAudio"}', NoSoundCard),
    ('{"refused": "device_stuck", "details": "10 s"}', DeviceStuck),
    ("", NoSoundCard),
])
def test_rescan_hands_over_refusals(printed: str, refusal: type[SoundRefusal]) -> None:
    with pytest.raises(refusal):
        rescan._read_answer(printed, "complaint")
