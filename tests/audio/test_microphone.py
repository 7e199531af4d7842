"""The real path: a voice, a sound server, PortAudio, the recorder in a process of its own, the disk."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.compare import aligned_correlation
from audio.faults import DeviceStuck, SoundUnreadable, ToolMissing, VoiceMissing
from audio.pcm_file import read_part, recover_parts
from audio.rescan import rescan_devices
from audio.virtual import VirtualMicrophone, speak_text, start_virtual_microphone
from tests.audio.builders import wait_until
from tests.audio.recording_process import RecordingProcess

pytestmark = pytest.mark.microphone


def start_recording(microphone: VirtualMicrophone, path: Path) -> RecordingProcess:
    recording = RecordingProcess(path, "microphone", microphone.environment)
    recording.wait_for("started")
    return recording


def compare(spoken: Path, stored: Path, rate: int) -> float:
    voice, voice_rate = soundfile.read(str(spoken), dtype="int16")
    return aligned_correlation(voice, np.fromfile(stored, dtype="<i2"), voice_rate, rate)


@pytest.mark.parametrize("language", ["ru", "fr"])
def test_stored_sound_is_the_spoken_sound(
    virtual_microphone: VirtualMicrophone, spoken: dict[str, Path], tmp_path: Path, language: str
) -> None:
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    virtual_microphone.speak(spoken[language])
    time.sleep(0.3)
    recorded = recording.stop()
    assert recording.wait_for("started")["rate"] == 24000
    assert compare(spoken[language], tmp_path / "x.pcm", 24000) >= 0.99
    assert recorded["verdict"] == "heard" and recorded["gaps"] == []


def test_nobody_speaks(virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    time.sleep(1.5)
    assert recording.stop()["verdict"] == "silent"


def test_killed_while_the_microphone_speaks(
    virtual_microphone: VirtualMicrophone, spoken: dict[str, Path], tmp_path: Path
) -> None:
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    speaking = virtual_microphone.start_speaking(spoken["en"])
    time.sleep(2.3)
    spoken_s = recording.kill() - recording.wait_for("started")["at"]
    speaking.kill()
    speaking.wait()
    parts = recording.list_parts()
    assert parts and all(read_part(recording.path, part) for part in parts)
    recovered = recover_parts(recording.path, parts, 24000)
    assert recovered.gaps == () and spoken_s - recovered.samples / 24000 < 1.0


def test_suspended_microphone_is_noticed_and_its_gap_measured(
    virtual_microphone: VirtualMicrophone, spoken: dict[str, Path], tmp_path: Path
) -> None:
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    time.sleep(1.2)
    suspended_at = time.monotonic()
    virtual_microphone.control("suspend-source", "vmic", "1")
    fault = recording.wait_for("fault", 5)
    assert fault["fault"] == "no_callbacks" and fault["at"] - suspended_at < 1.5
    virtual_microphone.control("suspend-source", "vmic", "0")
    time.sleep(1.5)
    suspended_ms = round((time.monotonic() - suspended_at - 1.5) * 1000)
    gaps = recording.stop()["gaps"]
    assert len(gaps) == 1 and abs(gaps[0]["lost_ms"] - suspended_ms) < 500


def test_dead_sound_server_is_noticed(virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    time.sleep(1)
    virtual_microphone.kill()
    killed_at = time.monotonic()
    fault = recording.wait_for("fault", 5)
    assert fault["fault"] in ("device_lost", "no_callbacks") and fault["at"] - killed_at < 1.2
    time.sleep(0.5)
    recorded = recording.stop()
    assert recorded["gaps"] and recorded["bytes"] > 0


def test_stream_moved_to_another_source_is_noticed(
    virtual_microphone: VirtualMicrophone, spoken: dict[str, Path], tmp_path: Path
) -> None:
    virtual_microphone.control("load-module", "module-null-sink", "sink_name=other")
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    time.sleep(1)
    # The newest stream is the recorder's; the first one is how the virtual microphone itself listens.
    stream = virtual_microphone.control("list", "short", "source-outputs").splitlines()[-1].split()[0]
    virtual_microphone.control("move-source-output", stream, "other.monitor")
    wait_until(lambda: "wrong_device" in [told["fault"] for told in recording.list_told("fault")])
    assert recording.stop()["verdict"] == "wrong_device"


def test_played_sound_is_heard(
    virtual_microphone: VirtualMicrophone, spoken: dict[str, Path], tmp_path: Path
) -> None:
    recording = start_recording(virtual_microphone, tmp_path / "x.pcm")
    played = subprocess.run(
        [sys.executable, "-c", "import sys, pathlib, audio.player as player\n"
         "print(player.play_file(pathlib.Path(sys.argv[1])))", str(spoken["fr"])],
        env=virtual_microphone.environment, capture_output=True, text=True, timeout=30,
    )
    time.sleep(0.4)
    recording.stop()
    length = soundfile.info(str(spoken["fr"])).duration
    assert length - 0.1 < float(played.stdout.splitlines()[-1]) < length + 3
    assert compare(spoken["fr"], tmp_path / "x.pcm", 24000) >= 0.9


def test_rescan_sees_the_microphone(virtual_microphone: VirtualMicrophone) -> None:
    found = rescan_devices(virtual_microphone.environment)
    assert "pulse" in [device.name for device in found.inputs]


def test_microphone_ends_clean(tmp_path: Path) -> None:
    with start_virtual_microphone(tmp_path / "v") as microphone:
        assert microphone.is_running()
    assert not microphone.is_running()
    microphone.stop()


def test_missing_sound_server_is_a_plain_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="pulseaudio"), start_virtual_microphone(tmp_path / "v"):
        pass
    with pytest.raises(ToolMissing, match="espeak-ng"):
        speak_text("hello", "en", tmp_path / "a.wav")


def test_only_sound_can_be_spoken(virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(SoundUnreadable):
        virtual_microphone.speak(tmp_path / "a.wav")
    with pytest.raises(VoiceMissing):
        speak_text("hello", "no-such-voice", tmp_path / "b.wav")


def test_speaking_into_a_dead_server_is_a_refusal(
    virtual_microphone: VirtualMicrophone, spoken: dict[str, Path]
) -> None:
    virtual_microphone.kill()
    with pytest.raises(DeviceStuck):
        virtual_microphone.speak(spoken["en"])
