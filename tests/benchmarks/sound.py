"""What sound costs: run as `python -m tests.benchmarks.sound`, prints `name: value unit (baseline …, ratio …)`.

A baseline is the plainest way to do the same with a library or a system tool, measured in the same minute; CPU seconds
are those of this process and of its children.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import webrtcvad

from audio.encode import encode_flac, encode_opus
from audio.levels import Samples
from audio.pcm_file import recover_parts
from audio.recorder import FileSource, Recorder
from audio.sources import read_mono
from audio.speech_quality import judge
from audio.virtual import speak_text
from audio.waveform import draw_flac

RATE = 24000
MINUTE = 60
TEXT = "Hello, my name is Anna. In the picture I can see two children playing football in the park."


@dataclass(frozen=True)
class Measured:
    """A number; `baseline` in the same unit where there is something to compare with."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""

    def __str__(self) -> str:
        shown = f"{self.name}: {self.value:.4g} {self.unit}"
        if self.baseline is None:
            return shown
        ratio = self.value / self.baseline
        return f"{shown} (baseline {self.baseline:.4g} {self.baseline_name}, ratio {ratio:.2f})"


def count_cpu(action: Callable[[], object]) -> float:
    """CPU seconds of this process and its children."""
    before = read_cpu()
    action()
    return read_cpu() - before


def read_cpu() -> float:
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


def make_minute(folder: Path) -> Samples:
    """A minute of speech with its pauses."""
    spoken = np.concatenate(list(read_mono(speak_text(TEXT, "en", folder / "voice.wav"), RATE)))
    with_pause = np.concatenate((spoken, np.zeros(RATE, dtype=np.int16)))
    return np.resize(with_pause, MINUTE * RATE)


def measure_all(folder: Path) -> Iterator[Measured]:
    """All measurements, one by one as they are done; about half a minute."""
    minute = make_minute(folder)
    pcm = folder / "minute.pcm"
    pcm.write_bytes(minute.tobytes())
    yield from measure_recording(folder, minute)
    yield measure_verdict(minute)
    yield from measure_encoding(folder, pcm)
    yield measure_waveform(folder)
    yield measure_recovery(pcm)


def measure_recording(folder: Path, minute: Samples) -> Iterator[Measured]:
    """Ten seconds in real time through the recorder's own door, against soundfile writing a WAV."""
    seconds = 10

    def record(path: Path) -> None:
        recorder = Recorder(FileSource(minute), path, lambda part: None)
        recorder.start()
        time.sleep(seconds)
        recorder.stop()

    def write_wav() -> None:
        with soundfile.SoundFile(str(folder / "plain.wav"), "w", RATE, 1, "PCM_16") as plain:
            for start in range(0, seconds * RATE, RATE // 50):
                time.sleep(0.02)
                plain.write(minute[start:start + RATE // 50])

    ours = count_cpu(lambda: record(folder / "recorded.pcm")) / seconds
    plain = count_cpu(write_wav) / seconds
    yield Measured("record speech", ours * 1000, "CPU ms per second", plain * 1000, "soundfile writing a WAV")


def measure_verdict(minute: Samples) -> Measured:
    """The whole judgement, against the speech detector alone."""
    def detect() -> None:
        detector, step = webrtcvad.Vad(2), 16000 // 50
        narrow = np.resize(minute, MINUTE * 16000)
        for start in range(0, len(narrow), step):
            detector.is_speech(narrow[start:start + step].tobytes(), 16000)

    ours = count_cpu(lambda: judge(minute, RATE)) / MINUTE
    return Measured(
        "judge speech", ours * 1000, "CPU ms per second",
        count_cpu(detect) / MINUTE * 1000, "webrtcvad alone",
    )


def measure_encoding(folder: Path, pcm: Path) -> Iterator[Measured]:
    """A minute to FLAC with its proof, and to Opus; against ffmpeg."""
    flac, ogg = folder / "minute.flac", folder / "minute.ogg"
    ours = count_cpu(lambda: encode_flac(pcm, RATE, flac))
    theirs = count_cpu(lambda: run_ffmpeg(pcm, folder / "ffmpeg.flac", "flac"))
    yield Measured("encode FLAC, proved", ours, "CPU s per minute", theirs, "ffmpeg, not proved")
    ours = count_cpu(lambda: encode_opus(flac, ogg))
    theirs = count_cpu(lambda: run_ffmpeg(pcm, folder / "ffmpeg.ogg", "libopus"))
    yield Measured("encode Opus", ours, "CPU s per minute", theirs, "ffmpeg")
    yield Measured("size of FLAC", flac.stat().st_size / 1024, "KiB per minute", pcm.stat().st_size / 1024, "PCM")
    yield Measured("size of Opus", ogg.stat().st_size / 1024, "KiB per minute", pcm.stat().st_size / 1024, "PCM")


def run_ffmpeg(pcm: Path, out: Path, coder: str) -> None:
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(pcm), "-c:a", coder,
         str(out)], check=True, stdin=subprocess.DEVNULL,
    )


def measure_waveform(folder: Path) -> Measured:
    """A picture of a minute of FLAC, against reading it at once into memory."""
    flac = folder / "minute.flac"

    def read_at_once() -> None:
        samples, rate = soundfile.read(str(flac), dtype="int16")
        np.abs(samples.astype(np.int32)).reshape(-1, rate // 100).max(axis=1)

    ours = count_cpu(lambda: [draw_flac(flac) for _ in range(10)]) / 10
    theirs = count_cpu(lambda: [read_at_once() for _ in range(10)]) / 10
    return Measured("draw a waveform", ours * 1000, "CPU ms per minute", theirs * 1000, "whole file in memory")


def measure_recovery(pcm: Path) -> Measured:
    """A minute that no journal knows, against its digest alone."""
    ours = min(_time(lambda: recover_parts(pcm, [], RATE)) for _ in range(3))
    theirs = min(_time(lambda: hashlib.sha256(pcm.read_bytes()).hexdigest()) for _ in range(3))
    return Measured("recover after a crash", ours * 1000, "ms per minute", theirs * 1000, "SHA-256 alone")


def _time(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        for measured in measure_all(Path(folder)):
            print(measured, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
