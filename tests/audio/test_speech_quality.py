"""Verdicts on speech of four languages, one condition at a time; the labelled set is judged in test_verdicts."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.levels import FLOOR_DB10, Samples
from audio.sources import make_noise, make_tone
from audio.speech_quality import Judgement, SpeechJudge, count_clipped, judge
from audio.verdicts import Verdict
from tests.audio.builders import RATE, amplify, mix, put_in_room
from tests.audio.verdicts.rooms import put_in_room as put_across_room

LANGUAGES = ("en", "ru", "de", "fr")


def add_noise(samples: Samples, below_speech_db: float) -> Samples:
    amplitude = float(samples.std()) * 10 ** (-below_speech_db / 20)
    return mix(samples, make_noise(len(samples) / RATE, RATE, amplitude))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decibels", [0, -6, -12, -18])
def test_ordinary_speech_is_heard(speech: dict[str, Samples], language: str, decibels: float) -> None:
    assert judge(put_in_room(amplify(speech[language], decibels)), RATE).verdict is Verdict.heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_pauses_never_make_speech_too_quiet(speech: dict[str, Samples], language: str) -> None:
    alone = judge(put_in_room(speech[language]), RATE)
    with_pauses = judge(put_in_room(speech[language], before_s=20, after_s=60), RATE)
    assert with_pauses.verdict is Verdict.heard
    assert abs(with_pauses.speech_db10 - alone.speech_db10) <= 20


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decibels", [-30, -33, -36])
def test_whispered_speech_is_too_quiet(speech: dict[str, Samples], language: str, decibels: float) -> None:
    assert judge(put_in_room(amplify(speech[language], decibels)), RATE).verdict is Verdict.too_quiet


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decibels", [9, 12, 20])
def test_overdriven_speech_is_clipped_and_still_usable(
    speech: dict[str, Samples], language: str, decibels: float
) -> None:
    verdict = judge(put_in_room(amplify(speech[language], decibels)), RATE).verdict
    assert verdict is Verdict.clipped and verdict.is_usable


def test_device_that_clips_below_full_scale_is_noticed(speech: dict[str, Samples]) -> None:
    flat = np.clip(amplify(speech["en"], 10), -20000, 20000)
    assert judge(flat, RATE).verdict is Verdict.clipped


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("below, expected", [(15, Verdict.heard), (10, Verdict.heard), (0, Verdict.noisy)])
def test_noise_is_told_when_words_drown(
    speech: dict[str, Samples], language: str, below: float, expected: Verdict
) -> None:
    assert judge(add_noise(speech[language], below), RATE).verdict is expected


@pytest.mark.parametrize("sound, expected", [
    (make_noise(5, RATE, 8), Verdict.silent),
    (make_noise(5, RATE, 100), Verdict.silent),
    (make_noise(5, RATE, 1000), Verdict.silent),
    (make_noise(5, RATE, 6000), Verdict.silent),
    (make_tone(5, RATE, 50), Verdict.silent),
    (make_tone(5, RATE, 440), Verdict.silent),
    (np.zeros(0, dtype=np.int16), Verdict.no_data),
])
def test_sound_without_speech_is_never_heard(sound: Samples, expected: Verdict) -> None:
    assert judge(sound, RATE).verdict is expected


@pytest.mark.parametrize("amplitude, expected", [(100, Verdict.silent), (2000, Verdict.noisy)])
def test_noise_that_would_drown_the_usual_voice_is_told(amplitude: float, expected: Verdict) -> None:
    assert judge(make_noise(5, RATE, amplitude), RATE, usual_speech_db10=-200).verdict is expected


@pytest.mark.parametrize("value", [0, 700])
def test_one_sample_all_the_time_comes_from_no_microphone(value: int) -> None:
    assert judge(np.full(5 * RATE, value, dtype=np.int16), RATE).verdict is Verdict.wrong_device


def test_half_a_second_of_zeros_proves_nothing() -> None:
    assert judge(np.zeros(RATE // 2, dtype=np.int16), RATE).verdict is Verdict.silent


def test_device_that_dies_in_the_middle_is_told(speech: dict[str, Samples]) -> None:
    dying = np.concatenate((put_in_room(speech["en"]), np.zeros(4 * RATE, dtype=np.int16)))
    judged = judge(dying, RATE)
    assert judged.verdict is Verdict.wrong_device and judged.still_ms >= 3900


def test_device_that_mutes_pauses_is_alive(speech: dict[str, Samples]) -> None:
    pause = np.zeros(4 * RATE, dtype=np.int16)
    assert judge(np.concatenate((pause, put_in_room(speech["en"]), pause)), RATE).verdict is Verdict.heard


def test_knocks_and_keys_are_not_speech() -> None:
    knocks = np.zeros(5 * RATE)
    decay = np.exp(-np.arange(600) / 150)
    for start in range(0, 5 * RATE - 600, RATE // 3):
        knocks[start:start + 600] = np.random.default_rng(start).normal(0, 6000, 600) * decay
    assert judge(mix(knocks.astype(np.int16), make_noise(5, RATE, 20)), RATE).verdict is Verdict.silent


def test_softer_speech_that_crossed_the_room_is_a_neighbours(speech: dict[str, Samples]) -> None:
    own = judge(put_in_room(speech["en"]), RATE)
    near = amplify(speech["ru"], -18)
    heard = put_across_room(near / 32768, 2.5, np.random.default_rng(1)) * 32768
    far = put_in_room(amplify(heard, own.speech_db10 / 10 - 18))
    assert judge(put_in_room(near), RATE, own.speech_db10).verdict is Verdict.heard
    assert judge(far, RATE, own.speech_db10).verdict is Verdict.neighbour
    assert judge(far, RATE).verdict in (Verdict.heard, Verdict.silent)


def test_another_device_outweighs_good_speech(speech: dict[str, Samples]) -> None:
    speech_judge = SpeechJudge(RATE)
    speech_judge.add(put_in_room(speech["en"]))
    assert speech_judge.judge(device_matches=False).verdict is Verdict.wrong_device


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_any_rate_of_a_device_is_judged_alike(speech: dict[str, Samples], rate: int) -> None:
    soxr = pytest.importorskip("soxr")
    resampled = soxr.resample(put_in_room(speech["en"]), RATE, rate)
    assert judge(resampled, rate).verdict is Verdict.heard


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_size_of_blocks_does_not_change_the_verdict(speech: dict[str, Samples], sizes: list[int]) -> None:
    sound, streaming, position = put_in_room(speech["fr"]), SpeechJudge(RATE), 0
    while position < len(sound):
        for size in sizes:
            streaming.add(sound[position:position + size])
            position += size
    assert_alike(streaming.judge(), judge(sound, RATE))


def assert_alike(first: Judgement, second: Judgement) -> None:
    assert first.verdict is second.verdict and first.total_ms == second.total_ms
    assert abs(first.speech_db10 - second.speech_db10) <= 10
    assert abs(first.speech_ms - second.speech_ms) <= 100


def test_tally_stays_small_however_long_the_speech(speech: dict[str, Samples]) -> None:
    speech_judge = SpeechJudge(RATE)
    speech_judge.add(speech["en"])
    before = len(pickle.dumps(speech_judge._tally))
    for _ in range(20):
        speech_judge.add(speech["en"])
    assert len(pickle.dumps(speech_judge._tally)) < before + 1000


def test_no_speech_has_the_floor_as_its_level() -> None:
    assert judge(np.zeros(RATE, dtype=np.int16), RATE).speech_db10 == FLOOR_DB10


@pytest.mark.parametrize("samples, expected", [
    ([32767, 32767, 32767, 0], 3), ([-32768, 0, 0], 1), ([20000, 20000, 20000, 0], 1), ([100, 100, 100], 0),
    ([32767], 0),
])
def test_clipped_samples_are_counted(samples: list[int], expected: int) -> None:
    assert count_clipped(np.array(samples, dtype=np.int16)) == expected
