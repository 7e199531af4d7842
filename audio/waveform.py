"""The picture of a sound: takes FLAC or PCM in blocks, gives one peak for every 10 ms.

Compact: whole thousandths of full scale as JSON, or a byte each. Streaming, so a long recording
needs no memory but its peaks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.encode import read_flac, read_pcm, read_rate
from audio.levels import Samples

PEAKS_PER_SECOND = 100
FULL_SCALE = 32767


@dataclass(frozen=True)
class Waveform:
    """Peaks of 10 ms each, 0 to 32768, and the length of the whole sound in ms."""

    peaks: NDArray[np.uint16]
    milliseconds: int

    def as_json(self) -> dict[str, Any]:
        """{"peaks_per_second", "duration_ms", "peaks": thousandths of full scale}."""
        thousandths = np.minimum(1000, self.peaks.astype(np.uint32) * 1000 // FULL_SCALE)
        return {
            "peaks_per_second": PEAKS_PER_SECOND,
            "duration_ms": self.milliseconds,
            "peaks": thousandths.tolist(),
        }

    def as_bytes(self) -> bytes:
        """One byte for every peak, 0 to 255."""
        return np.minimum(255, self.peaks // 128).astype(np.uint8).tobytes()


def draw_flac(flac: Path) -> Waveform:
    """:raises SoundUnreadable: not a mono sound file, or damaged."""
    return draw(read_flac(flac), read_rate(flac))


def draw_pcm(pcm: Path, rate: int) -> Waveform:
    """:raises SoundUnreadable: no such file, or half a sample at its end."""
    return draw(read_pcm(pcm, rate), rate)


def draw(blocks: Iterable[Samples], rate: int) -> Waveform:
    """The waveform of blocks of any length; the last peak may stand for less than 10 ms."""
    if rate < PEAKS_PER_SECOND:
        raise ValueError(f"a rate of {rate} Hz")
    counted = Counted(blocks)
    found = [_find_peaks(piece, rate) for piece in _regroup(counted, rate)]
    peaks = np.concatenate([np.zeros(0, dtype=np.uint16), *found])
    return Waveform(peaks, counted.samples * 1000 // rate)


class Counted:
    """Blocks handed through and counted."""

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[Samples]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def _regroup(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """Pieces of exactly `size` samples, the last one shorter."""
    rest = np.zeros(0, dtype=np.int16)
    for block in blocks:
        rest = np.concatenate((rest, block))
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
    if len(rest):
        yield rest


def _find_peaks(piece: Samples, rate: int) -> NDArray[np.uint16]:
    # Boundaries are computed for the second, so that rates which 100 does not divide stay in step.
    starts = np.arange(PEAKS_PER_SECOND) * rate // PEAKS_PER_SECOND
    inside = starts[starts < len(piece)]
    loudness = np.abs(piece.astype(np.int32))
    return np.maximum.reduceat(loudness, inside).astype(np.uint16)
