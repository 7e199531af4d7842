"""From blocks of any length to measured frames of 20 ms: takes 16-bit mono samples as they come.

What is known of a frame fits in a few small values; what is remembered between blocks is less than a fifth of a second.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from audio.levels import FLOOR_DB10, Samples, find_peak
from audio.voicing import FRAME_RATE, FRAME_SAMPLES, Numbers, Spectra, measure_frames

FRAME_MS = 20
# At the seat blocks are 20 ms long, and to measure five at once costs little more than one.
BATCHES_PER_SECOND = 10

VOICED_PERIODICITY = 0.45
# One single tone is a device or an instrument; a voice has overtones.
PURE_TONE = 0.85
# A voice changes its colour within a tenth of a second: this share of power has moved to other bands.
MOVING_SHARE = 0.12
MOVING_FRAMES = 5
FALL_FRAMES = 3
# Under this level nothing is called a voice: a converter's own noise can be periodic too.
FAINT_DB10 = -750

NEAR_FULL_SCALE = 32440
FLAT_TOP_LEVEL = 16384
# Loud samples are counted by quarters of a decibel, down to this far below full scale.
TOP_BINS = 80
TOPS_PER_DB = 4


class Frame(NamedTuple):
    """20 ms: its level and that of 60 ms before (dBFS times ten), and what kind of sound it is.

    `is_voiced`: periodic like a vowel. `is_moving`: its colour changes, as in speech and not in hum.
    """

    level_db10: int
    before_db10: int
    is_voiced: bool
    is_moving: bool

    @property
    def is_speech(self) -> bool:
        return self.is_voiced and self.is_moving


@dataclass(frozen=True)
class BlockFacts:
    """What was measured in one block.

    `clipped`: samples at full scale or on a flat top. `tops`: how many samples lie in each quarter of a decibel below
    full scale (None: not one is that loud). `stretches`: its 20 ms stretches, how many samples each has and whether
    all of them are the very same as before, which no working microphone gives.
    """

    samples: int
    peak: int
    clipped: int = 0
    frames: list[Frame] = field(default_factory=list)
    tops: NDArray[np.int64] | None = None
    stretches: list[tuple[int, bool]] = field(default_factory=list)


class FrameReader:
    """Cuts a stream of blocks of any length into frames and measures each; they are told at most 0.1 s late."""

    def __init__(self, rate: int) -> None:
        self._batch = rate // BATCHES_PER_SECOND
        self._waiting: list[Samples] = []
        self._waiting_samples = 0
        self._stretch = rate * FRAME_MS // 1000
        self._last_sample = 0
        self._resampler = None if rate == FRAME_RATE else _open_resampler(rate)
        self._rest = np.zeros(0, dtype=np.int16)
        self._before: Numbers = np.zeros(FRAME_SAMPLES, dtype=np.float32)
        self._shares: Numbers = np.zeros((MOVING_FRAMES, 0), dtype=np.float32)
        self._levels = np.full(FALL_FRAMES, FLOOR_DB10, dtype=np.int64)

    def read(self, samples: Samples) -> BlockFacts:
        """What is known after this block: its own length and peak, and all else once 0.1 s have come together."""
        self._waiting.append(samples)
        self._waiting_samples += len(samples)
        peak = find_peak(samples)
        if self._waiting_samples < self._batch:
            return BlockFacts(len(samples), peak)
        together, self._waiting, self._waiting_samples = np.concatenate(self._waiting), [], 0
        frames = self._cut(together)
        return BlockFacts(len(samples), peak, count_clipped(together), self._measure(frames) if len(frames) else [],
                          count_tops(together), list(self._find_stillness(together)))

    def _find_stillness(self, samples: Samples) -> Iterator[tuple[int, bool]]:
        # Looked for in the sound as it came: resampling would add its own faint noise to silence.
        for start in range(0, len(samples), self._stretch):
            stretch = samples[start:start + self._stretch]
            is_still = stretch[0] == self._last_sample and bool((stretch == self._last_sample).all())
            self._last_sample = int(stretch[-1])
            yield len(stretch), is_still

    def _cut(self, samples: Samples) -> Samples:
        narrow = samples if self._resampler is None else self._resampler.resample_chunk(samples)
        waiting = np.concatenate((self._rest, narrow))
        whole = len(waiting) // FRAME_SAMPLES
        self._rest = waiting[whole * FRAME_SAMPLES:]
        return waiting[:whole * FRAME_SAMPLES].reshape(whole, FRAME_SAMPLES)

    def _measure(self, frames: Samples) -> list[Frame]:
        wide = frames.astype(np.float32)
        spectra = measure_frames(self._before, wide)
        self._before = wide[-1]
        moved = self._measure_motion(spectra.shares)
        levels = np.concatenate((self._levels, spectra.levels))
        self._levels = levels[-FALL_FRAMES:]
        is_voiced, is_moving = _classify(spectra, moved)
        return [Frame(*facts) for facts in zip(
            spectra.levels.tolist(), levels.tolist(), is_voiced.tolist(), is_moving.tolist())]

    def _measure_motion(self, shares: Numbers) -> Numbers:
        """The share of power that is in other bands than a tenth of a second ago."""
        known = self._shares if self._shares.size else np.repeat(shares[:1], MOVING_FRAMES, axis=0)
        together = np.concatenate((known, shares))
        self._shares = together[-MOVING_FRAMES:]
        moved: Numbers = 0.5 * np.abs(shares - together[:-MOVING_FRAMES]).sum(axis=1)
        return moved


def _classify(spectra: Spectra, moved: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    is_voiced = (spectra.periodicity > VOICED_PERIODICITY) & (spectra.levels > FAINT_DB10)
    return is_voiced, (moved > MOVING_SHARE) & (spectra.purity < PURE_TONE)


def count_clipped(samples: Samples) -> int:
    """Samples at full scale, or on a flat top of three equal loud samples (a device that clips lower)."""
    if len(samples) < 3 or find_peak(samples) < FLAT_TOP_LEVEL:
        return 0
    loud = np.abs(samples.astype(np.int32))
    full = loud >= NEAR_FULL_SCALE
    middle = samples[1:-1]
    flat = (samples[:-2] == middle) & (samples[2:] == middle) & (loud[1:-1] >= FLAT_TOP_LEVEL)
    full[1:-1] |= flat
    return int(np.count_nonzero(full))


def _make_top_bins() -> NDArray[np.int64]:
    amplitudes = np.arange(1, 32769) / 32768
    below = np.floor(-20 * TOPS_PER_DB * np.log10(amplitudes)).astype(np.int64)
    return np.concatenate(([TOP_BINS], np.minimum(below, TOP_BINS)))


BIN_OF_AMPLITUDE = _make_top_bins()
FAINTEST_TOP = int(np.flatnonzero(BIN_OF_AMPLITUDE < TOP_BINS)[0])


def count_tops(samples: Samples) -> NDArray[np.int64] | None:
    """How many samples lie in each quarter of a decibel below full scale; None when none is that loud."""
    if find_peak(samples) < FAINTEST_TOP:
        return None
    return np.bincount(BIN_OF_AMPLITUDE[np.abs(samples.astype(np.int32))], minlength=TOP_BINS + 1)[:TOP_BINS]


def _open_resampler(rate: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(rate, FRAME_RATE, 1, dtype="int16", quality="LQ")
