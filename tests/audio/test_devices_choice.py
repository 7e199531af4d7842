"""A microphone is chosen by its human name, and its silence is explained: muted, turned down, unplugged, own switch."""

from pathlib import Path
from typing import Any

import pytest

from audio import devices_choice
from audio.devices import Device, Direction
from audio.devices_alsa import find_card_state, judge_controls, open_up_card, read_controls
from audio.devices_choice import choose_shown_device, list_shown_devices, show_devices
from audio.devices_server import choose_server_device, list_server_devices, open_up, read_device
from audio.devices_state import DeviceState, ShownDevice, Silence, explain_silence, find_chosen, judge_state
from audio.faults import DeviceMissing
from audio.microphone import MicrophoneSource
from audio.recorder import Recorder
from audio.verdicts import Verdict
from audio.virtual import VirtualMicrophone

IN, OUT = Direction.input, Direction.output
SECOND = ("module-null-sink", "sink_name=other", "rate=48000", "channels=1", "format=s16le"), (
    "module-remap-source", "source_name=usb", "master=other.monitor", "source_properties=device.description=UsbHeadset")


def show(state: DeviceState = DeviceState.ready) -> ShownDevice:
    return ShownDevice("k", "Headset", IN, True, state)


# What silence means.

@pytest.mark.parametrize(("plugged", "muted", "percent", "state"), [
    (True, False, 80, "ready"), (True, False, None, "ready"), (True, False, 10, "ready"),
    (True, False, 9, "turned_down"), (True, True, 80, "muted"), (False, True, 0, "unplugged")])
def test_what_the_system_says_becomes_one_state(plugged: bool, muted: bool, percent: int | None, state: str) -> None:
    assert judge_state(plugged, muted, percent) == state


@pytest.mark.parametrize(("microphone", "peak_db10", "why"), [
    (None, -960, "unplugged"), (show(DeviceState.unplugged), -960, "unplugged"),
    (show(DeviceState.muted), -960, "muted"), (show(DeviceState.turned_down), -500, "turned_down"),
    (show(), -960, "own_switch"), (show(), -700, "own_switch"), (show(), -690, "unknown")])
def test_the_silence_of_a_switch_differs_from_that_of_a_missing_plug(
        microphone: ShownDevice | None, peak_db10: int, why: str) -> None:
    assert explain_silence(microphone, peak_db10) == Silence(why)


# A sound server's words.

def describe(**changes: Any) -> dict[str, Any]:
    """A source of a laptop as pactl 16 describes it."""
    return {"name": "alsa_input.pci", "description": "Built-in Audio Analog Stereo", "mute": False,
            "volume": {"front-left": {"value_percent": "74%"}, "front-right": {"value_percent": "70%"}},
            "monitor_source": "", "ports": [
                {"name": "mic", "description": "Microphone", "availability": "not available"},
                {"name": "internal", "description": "Internal Microphone", "availability": "availability unknown"}],
            "active_port": "internal", **changes}


@pytest.mark.parametrize(("changes", "state"), [
    ({}, "ready"), ({"mute": True}, "muted"), ({"active_port": "mic"}, "unplugged"),
    ({"active_port": None, "ports": []}, "ready"), ({"volume": {}}, "ready"),
    ({"volume": {"mono": {"value_percent": "3%"}}}, "turned_down")])
def test_a_source_is_read_as_the_server_describes_it(changes: dict[str, Any], state: str) -> None:
    device = read_device(describe(**changes), IN, "alsa_input.pci")
    assert (device.name, device.is_chosen, device.state) == ("Built-in Audio Analog Stereo", True, state)


def test_a_device_without_a_human_name_keeps_its_own() -> None:
    nameless = read_device(describe(description=None), IN, "x")
    assert nameless == ShownDevice("alsa_input.pci", "alsa_input.pci", IN, False)


# A bare card's controls.

CONTENTS = """numid=5,iface=CARD,name='Mic Jack'
  ; type=BOOLEAN,access=r-------,values=1
  : values={jack}
numid=13,iface=CARD,name='Headphone Jack'
  ; type=BOOLEAN,access=r-------,values=1
  : values=off
numid=4,iface=MIXER,name='Capture Switch'
  ; type=BOOLEAN,access=rw------,values=2
  : values={switch},{switch}
numid=3,iface=MIXER,name='Capture Volume'
  ; type=INTEGER,access=rw---R--,values=2,min=0,max=63,step=0
  : values={level},{level}
  | dBscale-min=-17.25dB,step=0.75dB,mute=0
numid=9,iface=MIXER,name='Master Playback Volume'
  ; type=INTEGER,access=rw---R--,values=1,min=0,max=87,step=0
  : values=50
"""


@pytest.mark.parametrize(("jack", "switch", "level", "state"), [
    ("on", "on", 39, "ready"), ("off", "on", 39, "unplugged"), ("on", "off", 39, "muted"),
    ("on", "on", 2, "turned_down")])
def test_a_card_tells_its_socket_switch_and_level(jack: str, switch: str, level: int, state: str) -> None:
    controls = list(read_controls(CONTENTS.format(jack=jack, switch=switch, level=level)))
    assert judge_controls(controls, IN) == state
    assert judge_controls(controls, OUT) is DeviceState.unplugged


AMIXER = """#!/bin/sh
[ "$3" = contents ] && exec cat "$(dirname "$0")/contents"
echo "$*" >> "$(dirname "$0")/told"
"""


@pytest.mark.parametrize(("switch", "level", "told"), [
    ("off", 39, ["-c 0 cset name='Capture Switch' on"]),
    ("on", 2, ["-c 0 cset name='Capture Switch' on", "-c 0 cset name='Capture Volume' 80%"])])
def test_a_muted_card_is_opened_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str, level: int,
                                   told: list[str]) -> None:
    (tmp_path / "amixer").write_text(AMIXER)
    (tmp_path / "amixer").chmod(0o755)
    (tmp_path / "contents").write_text(CONTENTS.format(jack="on", switch=switch, level=level))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    name = "HDA Intel PCH: ALC257 Analog (hw:0,0)"
    open_up_card(ShownDevice(name, name, IN, True, find_card_state(name, IN)))
    assert (tmp_path / "told").read_text().splitlines() == told


def test_what_is_no_card_cannot_be_opened_up() -> None:
    with pytest.raises(DeviceMissing):
        open_up_card(ShownDevice("pulse", "pulse", IN, True, DeviceState.muted))


def test_a_card_that_says_nothing_is_ready() -> None:
    assert judge_controls([], IN) is DeviceState.ready
    assert find_card_state("pulse", IN) is DeviceState.ready
    assert find_card_state("Nothing (hw:97,0)", IN) is DeviceState.ready


# Without a server: PortAudio's own devices.

def name_device(number: int, name: str, is_default: bool) -> Device:
    return Device(number, name, "WASAPI", IN, 1, 48000, is_default)


def test_without_a_server_a_device_is_chosen_by_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = [name_device(0, "Built-in", True), name_device(1, "USB Headset", False)]
    monkeypatch.setattr(devices_choice, "_list_fresh", lambda direction: devices)
    monkeypatch.setattr(devices_choice, "list_server_devices", lambda direction: None)
    assert choose_shown_device("USB Headset (WASAPI)", IN) == "USB Headset (WASAPI)"
    shown = list_shown_devices(IN, "USB Headset (WASAPI)")
    assert [(one.name, one.is_chosen) for one in shown] == [("Built-in", False), ("USB Headset", True)]
    assert find_chosen(show_devices(devices, "gone")) == show_devices(devices)[0], "a chosen one that is gone"
    with pytest.raises(DeviceMissing):
        choose_shown_device("gone", IN)


def test_a_machine_without_sound_has_nothing_to_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices_choice, "_list_fresh", lambda direction: [])
    assert list_shown_devices(IN) == [] and find_chosen([]) is None


def test_without_pactl_there_is_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list_server_devices(IN) is None
    with pytest.raises(DeviceMissing):
        choose_server_device("vmic", IN)


# The real thing.

@pytest.fixture
def two_microphones(virtual_microphone: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch) -> VirtualMicrophone:
    for name, value in virtual_microphone.environment.items():
        monkeypatch.setenv(name, value)
    for module in SECOND:
        assert virtual_microphone.control("load-module", *module).strip()
    return virtual_microphone


@pytest.mark.microphone
def test_a_server_shows_microphones_by_their_human_names_and_no_monitors(two_microphones: VirtualMicrophone) -> None:
    shown = list_shown_devices(IN)
    assert [(one.name, one.is_chosen) for one in shown] == [("VirtualMicrophone", True), ("UsbHeadset", False)]
    assert [one.key for one in list_shown_devices(OUT)] == ["vspk", "other"]
    with pytest.raises(DeviceMissing):
        choose_shown_device("not there", IN)


@pytest.mark.microphone
def test_a_muted_microphone_is_named_and_opened_up(two_microphones: VirtualMicrophone) -> None:
    two_microphones.control("set-source-mute", "vmic", "1")
    muted = find_chosen(list_shown_devices(IN))
    assert muted is not None and muted.state is DeviceState.muted
    open_up(muted)
    two_microphones.control("set-source-volume", "vmic", "2%")
    down = find_chosen(list_shown_devices(IN))
    assert down is not None and down.state is DeviceState.turned_down
    open_up(down)
    assert [one.state for one in list_shown_devices(IN)] == [DeviceState.ready] * 2
    with pytest.raises(DeviceMissing):
        open_up(ShownDevice("gone", "Gone", IN, False, DeviceState.turned_down))


@pytest.mark.microphone
def test_the_chosen_microphone_is_the_one_that_is_heard(
        two_microphones: VirtualMicrophone, spoken: dict[str, Path], tmp_path: Path) -> None:
    """Speech goes into the first one; the second one, once chosen, hears none of it."""
    verdicts = []
    for key in ("usb", "vmic"):
        assert choose_shown_device(key, IN) is None
        player = two_microphones.start_speaking(spoken["en"])
        recorder = Recorder(MicrophoneSource(two_microphones.device), tmp_path / f"{key}.pcm", lambda part: None)
        recorder.start()
        player.wait(timeout=20)
        verdicts.append(Verdict(recorder.stop().verdict))
    assert verdicts[1] is Verdict.heard and not verdicts[0].is_usable
