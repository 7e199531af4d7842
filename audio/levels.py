"""How loud a block is: takes 16-bit mono samples, gives dBFS times ten as a whole number.

0 is the loudest possible sound, -960 (the floor) is digital silence; integers travel in JSON and live
messages without rounding trouble.
"""

import math

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

FULL_SCALE = 32768.0
FLOOR_DB10 = -960
BYTES_PER_SAMPLE = 2


def read_samples(block: bytes | bytearray | memoryview) -> Samples:
    """The samples of raw PCM s16le bytes; a trailing half sample is left out."""
    whole = len(block) - len(block) % BYTES_PER_SAMPLE
    return np.frombuffer(block, dtype="<i2", count=whole // BYTES_PER_SAMPLE)


def convert_to_db10(amplitude: float) -> int:
    """dBFS times ten of an amplitude in sample units (0 to 32768), never under the floor."""
    if amplitude <= 0:
        return FLOOR_DB10
    return max(FLOOR_DB10, min(0, round(200 * math.log10(amplitude / FULL_SCALE))))


def measure_level(samples: Samples) -> int:
    """The level (root mean square) of a block in dBFS times ten; an empty block is the floor."""
    if not len(samples):
        return FLOOR_DB10
    wide = samples.astype(np.float32)
    return convert_to_db10(math.sqrt(float(np.dot(wide, wide)) / len(wide)))


def find_peak(samples: Samples) -> int:
    """The greatest absolute sample value, 0 to 32768."""
    if not len(samples):
        return 0
    return max(int(samples.max()), -int(samples.min()))


def measure_peak(samples: Samples) -> int:
    """The peak of a block in dBFS times ten."""
    return convert_to_db10(find_peak(samples))
