"""Meters give whole tenths of a decibel and never fall through the floor."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from audio.levels import FLOOR_DB10, Samples, measure_level, measure_peak, read_samples
from audio.sources import make_tone


@given(arrays.arrays(np.int16, st.integers(0, 500)))
def test_level_lies_between_floor_and_peak(samples: Samples) -> None:
    assert FLOOR_DB10 <= measure_level(samples) <= measure_peak(samples) <= 0


@pytest.mark.parametrize("amplitude, expected", [(32767, -30), (16384, -90), (328, -430)])
def test_level_of_a_sine_is_three_decibels_under_its_peak(amplitude: float, expected: int) -> None:
    assert abs(measure_level(make_tone(1, 24000, 440, amplitude)) - expected) <= 1


def test_silence_and_nothing_are_the_floor() -> None:
    assert measure_level(np.zeros(480, dtype=np.int16)) == FLOOR_DB10
    assert measure_peak(np.zeros(0, dtype=np.int16)) == FLOOR_DB10


def test_half_a_sample_is_left_out() -> None:
    assert read_samples(b"\x01\x00\x02").tolist() == [1]
