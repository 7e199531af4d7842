"""Plays a sound through an output device, for checks in a terminal: takes a file, gives how long it took.

Every step has a limit: a sound system that hangs becomes a refusal.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from audio.devices import Device, Direction, choose_present_device, choose_rate, count_stream, open_portaudio
from audio.faults import DeviceBusy
from audio.levels import Samples
from audio.patience import run_within
from audio.sources import check_sound_file, read_mono

GRACE_SECONDS = 10.0
LAST_WORDS_SECONDS = 0.3
LONGEST_SECONDS = 600.0


def play_file(path: Path, device: str | None = None, longest_s: float = LONGEST_SECONDS) -> float:
    """Play a sound file to its end; the seconds it took.

    :raises SoundUnreadable: not sound. :raises NoSoundCard, DeviceMissing, DeviceBusy: no such output, or
        it does not open. :raises DeviceStuck: it takes longer than `longest_s` and the grace.
    """
    check_sound_file(path)
    output = choose_present_device(Direction.output, device)
    rate = choose_rate(output)
    return _play(read_mono(path, rate), output, rate, longest_s)


def play_samples(samples: Samples, rate: int, device: str | None = None) -> float:
    """Play 16-bit mono samples to their end; refusals as in `play_file`."""
    output = choose_present_device(Direction.output, device)
    pieces = (samples[start:start + rate] for start in range(0, len(samples), rate))
    return _play(pieces, output, rate, len(samples) / rate)


def _play(blocks: Iterator[Samples], output: Device, rate: int, longest_s: float) -> float:
    started = time.monotonic()
    run_within(longest_s + GRACE_SECONDS, lambda: _feed(blocks, output, rate), f"playing on {output.label}")
    return time.monotonic() - started


def _feed(blocks: Iterator[Samples], output: Device, rate: int) -> None:
    portaudio = open_portaudio()
    try:
        with count_stream(), _open_stream(portaudio, output, rate) as stream:
            for block in blocks:
                stream.write(np.ascontiguousarray(block).tobytes())
            # Some sound systems end a stream without playing what waits in it.
            time.sleep(stream.latency + LAST_WORDS_SECONDS)
    except portaudio.PortAudioError as error:
        raise DeviceBusy(f"{output.label}: {error}") from None


def _open_stream(portaudio: Any, output: Device, rate: int) -> Any:
    settings = portaudio.WasapiSettings(auto_convert=True) if "WASAPI" in output.system else None
    return portaudio.RawOutputStream(
        samplerate=rate, device=output.number, channels=1, dtype="int16", latency="high",
        extra_settings=settings,
    )
