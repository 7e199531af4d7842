"""What 20 ms of sound are like: takes frames at 16 kHz, gives level, periodicity, purity and the shape of the spectrum.

Pure arithmetic on many frames at once; nothing here remembers or decides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.levels import FLOOR_DB10, FULL_SCALE

FRAME_RATE = 16000
FRAME_SAMPLES = FRAME_RATE // 50

# Half as long numbers are twice as fast, and seven digits are more than a microphone has.
Numbers = NDArray[np.float32]
# Speech without rumble, hum and a converter's offset: what the level of a frame is measured in.
LEVEL_HERTZ = (200, 7200)
BAND_EDGES_HERTZ = (200, 400, 700, 1100, 1700, 2500, 3600, 5000, 7200)
# Where voices have their strong harmonics, and how often vocal cords open.
HARMONICS_HERTZ = (150, 3000)
PITCH_HERTZ = (70, 400)

FRAME_STEP_HERTZ = FRAME_RATE // FRAME_SAMPLES
PAIR_STEP_HERTZ = FRAME_STEP_HERTZ // 2
LAG_POINTS = 512
LAG_RATE = LAG_POINTS * PAIR_STEP_HERTZ


def _make_window(length: int) -> Numbers:
    window: Numbers = np.hanning(length + 1)[:length].astype(np.float32)
    return window


def _find_bins(hertz: tuple[int, int], step: int) -> slice:
    return slice(hertz[0] // step, hertz[1] // step)


FRAME_WINDOW = _make_window(FRAME_SAMPLES)
PAIR_WINDOW = _make_window(2 * FRAME_SAMPLES)
FRAME_SCALE = 2 / (FRAME_SAMPLES * float(np.dot(FRAME_WINDOW, FRAME_WINDOW)) * FULL_SCALE ** 2)
LEVEL_BINS = _find_bins(LEVEL_HERTZ, FRAME_STEP_HERTZ)
BAND_STARTS = [edge // FRAME_STEP_HERTZ - LEVEL_BINS.start for edge in BAND_EDGES_HERTZ[:-1]]
HARMONIC_BINS = _find_bins(HARMONICS_HERTZ, PAIR_STEP_HERTZ)
LAGS = slice(LAG_RATE // PITCH_HERTZ[1], LAG_RATE // PITCH_HERTZ[0] + 1)
# How the window alone lets a perfectly periodic sound fade with the lag.
LAG_PHASES = np.pi * FRAME_STEP_HERTZ / LAG_RATE * np.arange(LAG_POINTS)
LAG_FADE = np.maximum(0.15, 0.5 + 0.5 * np.cos(LAG_PHASES))[LAGS].astype(np.float32)
ALMOST_NOTHING = 1e-12


@dataclass(frozen=True)
class Spectra:
    """For each frame: `levels` (dBFS times ten), `shares` (frames × 8: power of each band, sum 1), `periodicity` (0 to
    1 and a little more: a vowel has over 0.5, noise under) and `purity` (1: one single tone)."""

    levels: NDArray[np.int64]
    shares: Numbers
    periodicity: Numbers
    purity: Numbers


def measure_frames(before: Numbers, frames: Numbers) -> Spectra:
    """`frames` (n × 320 samples at 16 kHz) and `before`, the frame that came before the first (320)."""
    bands = _measure_bands(frames)
    power = bands.sum(axis=1)
    levels = np.maximum(FLOOR_DB10, np.rint(100 * np.log10(power + ALMOST_NOTHING))).astype(np.int64)
    shares = bands / (power[:, np.newaxis] + ALMOST_NOTHING)
    amplitudes = _measure_pairs(np.vstack((before, frames)))
    return Spectra(levels, shares, measure_periodicity(amplitudes), measure_purity(amplitudes))


def measure_periodicity(amplitudes: Numbers) -> Numbers:
    """The strongest echo of a sound in itself at the distance of a voice's pitch.

    Amplitudes stand in for powers: so a rumble that is stronger than the voice cannot hide it.
    """
    harmonics = np.zeros((len(amplitudes), LAG_POINTS // 2 + 1), dtype=np.float32)
    harmonics[:, HARMONIC_BINS] = amplitudes[:, HARMONIC_BINS]
    echoes = np.fft.irfft(harmonics, LAG_POINTS, axis=1)
    strongest: Numbers = (echoes[:, LAGS] / LAG_FADE).max(axis=1) / (echoes[:, 0] + ALMOST_NOTHING)
    return strongest


def measure_purity(amplitudes: Numbers) -> Numbers:
    """The share of power in the strongest tone: three neighbouring lines of the spectrum."""
    power = amplitudes * amplitudes
    strongest: Numbers = (power[:, :-2] + power[:, 1:-1] + power[:, 2:]).max(axis=1)
    return strongest / (power.sum(axis=1) + ALMOST_NOTHING)


def _measure_bands(frames: Numbers) -> Numbers:
    spectrum = np.fft.rfft(frames * FRAME_WINDOW, axis=1)[:, LEVEL_BINS]
    power = spectrum.real ** 2 + spectrum.imag ** 2
    return np.add.reduceat(power, BAND_STARTS, axis=1, dtype=np.float32) * np.float32(FRAME_SCALE)


def _measure_pairs(frames: Numbers) -> Numbers:
    """Amplitudes of every two neighbouring frames together: 40 ms hold three openings of the deepest voice."""
    pairs = np.hstack((frames[:-1], frames[1:]))
    centred = pairs - pairs.mean(axis=1, keepdims=True)
    amplitudes: Numbers = np.abs(np.fft.rfft(centred * PAIR_WINDOW, axis=1))
    amplitudes[:, :3] = 0
    return amplitudes
