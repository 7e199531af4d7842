"""What a listener needs of a recording: its picture, where somebody speaks, and how far it is to be turned up.

Takes FLAC or blocks of 16-bit mono samples.

Cautious about silence: a stretch is silent only when nothing in it is voiced and nothing stands out of the noise, so
that a player which leaves silence out never leaves a quiet word out. One pass, in blocks.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.encode import read_flac, read_rate
from audio.frames import FRAME_MS, Frame, FrameReader
from audio.levels import FLOOR_DB10, Samples
from audio.waveform import PEAKS_PER_SECOND, Waveform, draw

# What is this far above the soft tenth of a recording is no noise, whatever it is.
ABOVE_NOISE_DB10 = 120
NOISE_PER_CENT = 10
FAINTEST_DB10 = -750
# Words begin and end softly.
MARGIN_MS = 150
SHORTEST_SILENCE_MS = 700
# All recordings are heard at this level of speech; a whisper is not turned up without end, its noise comes along.
HEARD_AT_DB10 = -200
MOST_GAIN_DB10 = 300
LEAST_GAIN_DB10 = -200
# Only frames this near to the loudest tell how loud somebody speaks: pauses and breath do not.
GATE_DB10 = 150

Levels = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Listening:
    """`speech`: stretches that are not silent, ms from the beginning; `gain_db10`: tenths of a decibel to add."""

    waveform: Waveform
    speech: list[tuple[int, int]]
    gain_db10: int

    def as_json(self) -> dict[str, Any]:
        """{"peaks_per_second", "duration_ms", "peaks": base64 of a byte each, "speech": [[from_ms, to_ms]],
        "gain_db10"}."""
        return {
            "peaks_per_second": PEAKS_PER_SECOND, "duration_ms": self.waveform.milliseconds,
            "peaks": base64.b64encode(self.waveform.as_bytes()).decode("ascii"),
            "speech": [list(span) for span in self.speech], "gain_db10": self.gain_db10,
        }


def prepare_flac(flac: Path) -> Listening:
    """:raises SoundUnreadable: not a mono sound file, or damaged."""
    return prepare(read_flac(flac), read_rate(flac))


def prepare(blocks: Iterable[Samples], rate: int) -> Listening:
    """Listening to blocks of any length at `rate` Hz."""
    frames: list[Frame] = []
    waveform = draw(_watch(blocks, FrameReader(rate), frames), rate)
    levels = np.array([frame.level_db10 for frame in frames], dtype=np.int64)
    voiced = np.array([frame.is_voiced for frame in frames], dtype=bool)
    heard = find_heard(levels, voiced)
    return Listening(waveform, join_spans(heard, waveform.milliseconds), choose_gain(levels[heard]))


def find_heard(levels: Levels, voiced: Flags) -> Flags:
    """Frames that are voiced or stand out of the noise."""
    if not len(levels):
        return voiced
    noise = int(np.percentile(levels, NOISE_PER_CENT))
    return (voiced | (levels > noise + ABOVE_NOISE_DB10)) & (levels > FAINTEST_DB10)


def join_spans(heard: Flags, milliseconds: int) -> list[tuple[int, int]]:
    """Stretches of heard frames with their margins; what is nearer together than a real pause is one."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], heard, [False])).astype(np.int8)))
    spans: list[tuple[int, int]] = []
    for first, last in edges.reshape(-1, 2) * FRAME_MS:
        start, end = max(0, int(first) - MARGIN_MS), min(milliseconds, int(last) + MARGIN_MS)
        if spans and start - spans[-1][1] < SHORTEST_SILENCE_MS:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def choose_gain(levels: Levels) -> int:
    """Tenths of a decibel that bring the speech of these frames to the common level; 0 where there is none."""
    if not len(levels):
        return 0
    loud = levels[levels >= int(levels.max()) - GATE_DB10]
    level = round(100 * np.log10(np.mean(10 ** (loud / 100))))
    return max(LEAST_GAIN_DB10, min(MOST_GAIN_DB10, HEARD_AT_DB10 - max(FLOOR_DB10, level)))


def _watch(blocks: Iterable[Samples], reader: FrameReader, frames: list[Frame]) -> Iterator[Samples]:
    for block in blocks:
        frames.extend(reader.read(block).frames)
        yield block
