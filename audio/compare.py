"""Whether two sounds are the same: takes samples, gives their correlation at the best alignment.

Used to prove that what was stored is what was spoken. Pure numpy, FFT alignment.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from audio.levels import Samples
from audio.sources import read_mono

Wave = NDArray[np.float64]


@dataclass(frozen=True)
class Alignment:
    """`correlation` (-1 to 1) over the shorter sound; it begins `delay_s` seconds into the longer one."""

    correlation: float
    delay_s: float


def align(spoken: Samples, spoken_rate: int, stored: Samples, stored_rate: int) -> Alignment:
    """Find the shorter sound in the longer one; different rates are resampled to the lower one.

    Silence or nothing at all correlates with nothing: 0.
    """
    rate = min(spoken_rate, stored_rate)
    first, second = _prepare(spoken, spoken_rate, rate), _prepare(stored, stored_rate, rate)
    needle, hay = (first, second) if len(first) <= len(second) else (second, first)
    if not needle.any() or not hay.any():
        return Alignment(0.0, 0.0)
    return _align(needle, np.pad(hay, rate // 2), rate)


def aligned_correlation(spoken: Samples, stored: Samples, spoken_rate: int, stored_rate: int) -> float:
    """The correlation alone; ≥ 0.9 means the same speech, ≥ 0.99 a lossless path."""
    return align(spoken, spoken_rate, stored, stored_rate).correlation


def compare_files(spoken: Path, stored: Path, rate: int = 16000) -> float:
    """The aligned correlation of two sound files of any kind soundfile reads, at `rate`.

    :raises SoundUnreadable: one of them is not sound.
    """
    first = np.concatenate([np.zeros(0, np.int16), *read_mono(spoken, rate)])
    second = np.concatenate([np.zeros(0, np.int16), *read_mono(stored, rate)])
    return aligned_correlation(first, second, rate, rate)


def _prepare(samples: Samples, given: int, wanted: int) -> Wave:
    wave = samples.astype(np.float64)
    if given != wanted and len(wave):
        wave = soxr.resample(wave, given, wanted)
    if not len(wave) or not wave.any():
        return np.zeros(0)
    loud = np.flatnonzero(np.abs(wave) > np.abs(wave).max() * 0.01)
    trimmed: Wave = wave[loud[0]:loud[-1] + 1]
    return trimmed - trimmed.mean()


def _align(needle: Wave, hay: Wave, rate: int) -> Alignment:
    """`hay` is padded with half a second on both sides: trimming cuts the two sounds at different places."""
    energies = _measure_windows(hay, len(needle)) * float(np.dot(needle, needle))
    scores = _slide(needle, hay) / np.sqrt(np.maximum(energies, 1.0))
    best = int(np.argmax(scores))
    refined = _refine(needle, hay[best:best + len(needle)])
    return Alignment(max(float(scores[best]), refined), best / rate - 0.5)


def _refine(needle: Wave, window: Wave) -> float:
    """The best correlation within one sample either way: resampling delays sound by fractions of a sample."""
    cross = np.fft.rfft(window) * np.conj(np.fft.rfft(needle))
    cross[1:(len(needle) + 1) // 2] *= 2
    turns = 2j * np.pi * np.arange(len(cross)) / len(needle)
    products = [float(np.real(np.sum(cross * np.exp(turns * step / 20)))) for step in range(-20, 21)]
    norm = float(np.linalg.norm(needle) * np.linalg.norm(window)) * len(needle)
    return min(1.0, max(products) / max(norm, 1.0))


def _slide(needle: Wave, hay: Wave) -> Wave:
    """The dot product of the needle with every window of the hay that holds it whole."""
    size = 1 << (len(hay) + len(needle) - 1).bit_length()
    product: Wave = np.fft.irfft(np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size)), size)
    return product[:len(hay) - len(needle) + 1]


def _measure_windows(hay: Wave, length: int) -> Wave:
    sums = np.concatenate(([0.0], np.cumsum(hay * hay)))
    windows: Wave = sums[length:] - sums[:-length]
    return windows
