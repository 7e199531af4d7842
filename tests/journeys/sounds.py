"""Whether a stored recording is what was spoken, piece by piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from audio.compare import align
from audio.sources import read_mono

RATE = 16_000
PIECE_S = 1


def compare_pieces(spoken: Path, stored: Path) -> list[float]:
    """The aligned correlation of each second of speech with the recording.

    A busy test machine's sound server may stretch a pause by some hundredths of a second, after which the whole no
    longer lies on the whole; every piece still has to be there.
    """
    whole, recording = read(spoken), read(stored)
    starts = range(0, len(whole) - RATE, PIECE_S * RATE)
    return [round(align(whole[start:start + PIECE_S * RATE], RATE, recording, RATE).correlation, 3)
            for start in starts]


def read(path: Path) -> np.ndarray:
    """All samples of a sound file."""
    return np.concatenate([np.zeros(0, np.int16), *read_mono(path, RATE)])
