"""Playing refuses plainly what cannot be played."""

import threading
from pathlib import Path
from typing import Any

import pytest

from audio import player
from audio.devices import Device, Direction
from audio.faults import DeviceBusy, DeviceStuck, NoSoundCard, SoundUnreadable
from audio.sources import make_tone

SPEAKERS = Device(0, "Speakers", "ALSA", Direction.output, 2, 48000, True)


class FakeStream:
    """An output that keeps what it is given, or fails as told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.written = b""
        self._error = error

    def __enter__(self) -> "FakeStream":
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def write(self, block: bytes) -> None:
        if self._error:
            raise self._error
        self.written += block

    latency = 0.01


class FakePortAudio:
    class PortAudioError(Exception):
        pass


def use_stream(monkeypatch: pytest.MonkeyPatch, stream: FakeStream) -> None:
    monkeypatch.setattr(player, "open_portaudio", lambda: FakePortAudio)
    monkeypatch.setattr(player, "choose_present_device", lambda direction, name: SPEAKERS)
    monkeypatch.setattr(player, "choose_rate", lambda device: 24000)
    monkeypatch.setattr(player, "_open_stream", lambda portaudio, output, rate: stream)


def test_all_samples_reach_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = FakeStream()
    use_stream(monkeypatch, stream)
    assert player.play_samples(make_tone(2.5, 24000), 24000) < 5
    assert stream.written == make_tone(2.5, 24000).tobytes()


def test_device_that_fails_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    use_stream(monkeypatch, FakeStream(FakePortAudio.PortAudioError("Device unavailable")))
    with pytest.raises(DeviceBusy, match="Speakers"):
        player.play_samples(make_tone(0.1, 24000), 24000)


def test_playing_has_a_limit(monkeypatch: pytest.MonkeyPatch, spoken: dict[str, Path]) -> None:
    stream = FakeStream()
    use_stream(monkeypatch, stream)
    released = threading.Event()
    monkeypatch.setattr(stream, "write", lambda block: released.wait(30))
    monkeypatch.setattr(player, "GRACE_SECONDS", 0.1)
    with pytest.raises(DeviceStuck):
        player.play_file(spoken["en"], longest_s=0.1)
    released.set()


def test_file_that_is_not_sound_is_refused_before_any_device(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(SoundUnreadable):
        player.play_file(tmp_path / "a.wav")


def test_machine_without_outputs_is_refused(monkeypatch: pytest.MonkeyPatch, spoken: dict[str, Path]) -> None:
    def refuse(direction: Direction, name: str | None) -> Device:
        raise NoSoundCard("no output device")

    monkeypatch.setattr(player, "choose_present_device", refuse)
    with pytest.raises(NoSoundCard):
        player.play_file(spoken["en"])
