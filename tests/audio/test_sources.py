"""Sources feed in real time and fail the way devices do."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.faults import SoundUnreadable
from audio.levels import Samples
from audio.recorder import Recorded, Recorder
from audio.sources import AfterEnd, Death, DyingSource, FileSource, make_noise, make_tone, read_mono
from tests.audio.builders import RATE, Heard, wait_until


def start_recorder(source: DyingSource | FileSource, path: Path) -> tuple[Recorder, Heard]:
    heard = Heard()
    recorder = Recorder(
        source, path, heard.parts.append, heard.levels.append, heard.faults.append, heard.gaps.append
    )
    recorder.start()
    return recorder, heard


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory, speech: dict[str, Samples]) -> dict[Death, tuple]:
    """Recordings from sources that all died after one second, made at the same time.

    (ms from its death to the stop, recorded, heard, the faults told within two seconds).
    """
    folder = tmp_path_factory.mktemp("died")
    running = {
        death: (time.monotonic(), *start_recorder(DyingSource(FileSource(speech["en"]), 1, death), folder / death))
        for death in Death
    }
    time.sleep(3.0)
    noticed = {death: list(heard.faults) for death, (_, _, heard) in running.items()}
    wait_until(lambda: running[Death.zeros][2].faults)
    return {death: (*stop_at(recorder, started + 1), heard, noticed[death])
            for death, (started, recorder, heard) in running.items()}


def stop_at(recorder: Recorder, died_at: float) -> tuple[int, Recorded]:
    """How many ms after that moment it was stopped, and what it recorded."""
    dead_ms = round((time.monotonic() - died_at) * 1000)
    return dead_ms, recorder.stop()


@pytest.mark.parametrize("death, fault", [
    (Death.stall, "no_callbacks"), (Death.finish, "device_lost"), (Death.overrun, "overrun"),
    (Death.wrong_device, "wrong_device"),
])
def test_dead_device_is_noticed_within_two_seconds(died: dict[Death, tuple], death: Death, fault: str) -> None:
    assert [str(found.kind) for found in died[death][3] if not found.is_over] == [fault]


def test_exact_zeros_are_noticed_in_three_seconds(died: dict[Death, tuple]) -> None:
    _, recorded, heard, _ = died[Death.zeros]
    assert heard.kinds == ["all_zero"] and recorded.gaps == ()


@pytest.mark.parametrize("death, lost_ms", [(Death.stall, None), (Death.finish, None), (Death.overrun, 300)])
def test_lost_sound_is_measured_not_padded(died: dict[Death, tuple], death: Death, lost_ms: int | None) -> None:
    dead_ms, recorded, _, _ = died[death]
    assert [gap.at_sample for gap in recorded.gaps] == [RATE]
    assert abs(recorded.gaps[0].lost_ms - (lost_ms or dead_ms)) < 250
    assert recorded.samples == recorded.bytes // 2


def test_file_is_fed_in_real_time_and_then_silence(tmp_path: Path) -> None:
    started = time.monotonic()
    recorder, _ = start_recorder(FileSource(make_tone(0.5, RATE)), tmp_path / "x.pcm")
    time.sleep(1.2)
    asked_s = time.monotonic() - started
    recorded = recorder.stop()
    stored = np.fromfile(tmp_path / "x.pcm", dtype="<i2")
    assert asked_s - 0.5 < recorded.samples / RATE <= time.monotonic() - started
    hush = stored[RATE // 2:]
    assert stored[:RATE // 2].any() and hush.any() and abs(hush).max() == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_file_faster_than_time_is_kept_whole(
    tmp_path: Path, spoken: dict[str, Path], speech: dict[str, Samples], language: str
) -> None:
    recorder, heard = start_recorder(FileSource(spoken[language], realtime=False), tmp_path / "x.pcm")
    assert recorder.wait_until_ended(10)
    assert recorder.stop().gaps == () and heard.faults == []
    assert (tmp_path / "x.pcm").read_bytes() == speech[language].tobytes()


def test_file_may_end_like_a_file(tmp_path: Path) -> None:
    source = FileSource(make_noise(0.3, RATE, 500), after_end=AfterEnd.end, lead_in_s=0.2)
    recorder, heard = start_recorder(source, tmp_path / "x.pcm")
    assert recorder.wait_until_ended(5)
    time.sleep(1.1)
    assert recorder.stop().samples == RATE // 2 and heard.faults == []


def test_gain_clips_instead_of_wrapping_around(tmp_path: Path) -> None:
    source = FileSource(make_tone(0.5, RATE, amplitude=20000), realtime=False, gain=5)
    recorder, _ = start_recorder(source, tmp_path / "x.pcm")
    assert recorder.wait_until_ended(5)
    recorder.stop()
    stored = np.fromfile(tmp_path / "x.pcm", dtype="<i2").astype(int)
    assert stored.max() == 32767 and stored.min() == -32768
    assert np.abs(np.diff(stored)).max() < 20000


def test_stereo_at_another_rate_becomes_mono_at_ours(tmp_path: Path) -> None:
    left = make_tone(1, 44100)
    soundfile.write(tmp_path / "s.wav", np.stack([left, left], axis=1), 44100)
    samples = np.concatenate(list(read_mono(tmp_path / "s.wav", RATE)))
    assert abs(len(samples) - RATE) <= 2 and abs(int(samples.max()) - 8000) < 100


def test_stopping_is_prompt_and_repeatable(tmp_path: Path) -> None:
    source = FileSource(make_tone(60, RATE))
    recorder, _ = start_recorder(source, tmp_path / "x.pcm")
    wait_until(lambda: recorder._keeper.samples)
    started = time.monotonic()
    recorder.stop()
    source.stop()
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize("content", [b"", b"not sound at all", b"RIFF\x00\x00\x00\x00WAVE"])
def test_file_that_is_not_sound_is_refused_before_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(SoundUnreadable):
        FileSource(tmp_path / "x.wav")
    with pytest.raises(SoundUnreadable):
        list(read_mono(tmp_path / "x.wav"))
    with pytest.raises(SoundUnreadable):
        FileSource(tmp_path / "missing.wav")
