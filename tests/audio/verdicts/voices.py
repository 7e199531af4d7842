"""Voices: takes who says what, gives the clean wave at 24 kHz, its loudest frames at 0 dBFS.

Synthesised by espeak-ng, or cut from the spoken dialogues of the sample works (`talk:folder/file@seconds`), whose
voices are closer to people's.
"""

import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

import task_bank.samples
from audio.sources import read_mono
from tests.audio.verdicts.recipe import Voice

RATE = 24000
TALK = "talk:"
TALK_SECONDS = 5.0

Wave = NDArray[np.float64]


def speak(voice: Voice, between_s: float) -> Wave:
    """The sentences one after another with pauses between; the loudest tenth of frames has the level 0 dBFS."""
    pause = np.zeros(int(between_s * RATE))
    pieces = list(_list_pieces(voice))
    spoken = np.concatenate([part for piece in pieces for part in (piece, pause)][:-1])
    return spoken / 10 ** (measure_loudest_db(spoken) / 20)


def measure_loudest_db(wave: Wave) -> float:
    """The level reached by the loudest tenth of the 20 ms frames that hold voice at all."""
    frames = wave[:len(wave) // 480 * 480].reshape(-1, 480)
    levels = 10 * np.log10(np.mean(frames * frames, axis=1) + 1e-12)
    return float(np.percentile(levels[levels > levels.max() - 30], 90))


def find_spoken(wave: Wave) -> NDArray[np.bool_]:
    """Which samples lie in frames that hold voice."""
    frames = np.pad(wave, (0, -len(wave) % 480)).reshape(-1, 480)
    levels = 10 * np.log10(np.mean(frames * frames, axis=1) + 1e-12)
    spoken: NDArray[np.bool_] = np.repeat(levels > levels.max() - 30, 480)[:len(wave)]
    return spoken


def _list_pieces(voice: Voice) -> list[Wave]:
    if voice.speaker.startswith(TALK):
        return [_cut_talk(voice.speaker.removeprefix(TALK))]
    return [_synthesise(voice.speaker, voice.words_per_minute, voice.pitch, one) for one in voice.sentences]


def _cut_talk(place: str) -> Wave:
    name, _, start = place.partition("@")
    folder, _, file = name.partition("/")
    at = int(float(start) * RATE)
    return _trim(_read_talk(folder, file)[at:at + int(TALK_SECONDS * RATE)])


@lru_cache(maxsize=32)
def _read_talk(folder: str, file: str) -> Wave:
    path = Path(task_bank.samples.__path__[0]) / folder / "media" / f"{file}.ogg"
    return np.concatenate(list(read_mono(path, RATE))).astype(np.float64) / 32768


@lru_cache(maxsize=2000)
def _synthesise(speaker: str, words_per_minute: int, pitch: int, text: str) -> Wave:
    command = ["espeak-ng", "-v", speaker, "-s", str(words_per_minute), "-p", str(pitch), "--stdout", "--", text]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    samples, rate = _read_wav(done.stdout)
    return _trim(soxr.resample(samples, rate, RATE))


def _read_wav(written: bytes) -> tuple[Wave, int]:
    # espeak-ng cannot know the length while it writes to a pipe: the header is read, the rest is samples.
    rate = int.from_bytes(written[24:28], "little")
    return np.frombuffer(written[44:len(written) - len(written) % 2], dtype="<i2") / 32768.0, rate


def _trim(wave: Wave) -> Wave:
    loud = np.flatnonzero(np.abs(wave) > np.abs(wave).max() * 0.01)
    trimmed: Wave = wave[loud[0]:loud[-1] + 1]
    return trimmed
