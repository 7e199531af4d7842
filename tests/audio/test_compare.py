"""The measure that later proves stored sound to be spoken sound: it must not flatter."""

import numpy as np
import pytest
import soxr

from audio.compare import align, aligned_correlation
from audio.levels import Samples
from audio.sources import make_noise
from tests.audio.builders import RATE, amplify, mix


def test_sound_is_found_in_a_longer_recording(speech: dict[str, Samples]) -> None:
    longer = np.pad(speech["en"], (3 * RATE, RATE))
    found = align(speech["en"], RATE, mix(longer, make_noise(1, RATE, 8)), RATE)
    assert found.correlation > 0.999


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_resampling_and_volume_do_not_matter(speech: dict[str, Samples], rate: int) -> None:
    other = amplify(soxr.resample(speech["ru"], RATE, rate), -9)
    assert aligned_correlation(speech["ru"], other, RATE, rate) > 0.99


@pytest.mark.parametrize("first, second", [("en", "ru"), ("de", "fr"), ("en", "fr")])
def test_other_speech_is_told_apart(speech: dict[str, Samples], first: str, second: str) -> None:
    assert aligned_correlation(speech[first], speech[second], RATE, RATE) < 0.4


@pytest.mark.parametrize("cut_s, most", [(0.1, 0.99), (1.0, 0.9)])
def test_a_missing_piece_in_the_middle_shows(speech: dict[str, Samples], cut_s: float, most: float) -> None:
    middle, cut = len(speech["en"]) // 2, int(cut_s * RATE)
    damaged = np.concatenate((speech["en"][:middle], speech["en"][middle + cut:]))
    assert aligned_correlation(speech["en"], damaged, RATE, RATE) < most


def test_silence_and_nothing_correlate_with_nothing(speech: dict[str, Samples]) -> None:
    silence, nothing = np.zeros(RATE, dtype=np.int16), np.zeros(0, dtype=np.int16)
    assert aligned_correlation(speech["en"], silence, RATE, RATE) == 0
    assert aligned_correlation(nothing, speech["en"], RATE, RATE) == 0


def test_noise_does_not_pass_for_speech(speech: dict[str, Samples]) -> None:
    assert aligned_correlation(speech["en"], make_noise(6, RATE, 3000), RATE, RATE) < 0.2
