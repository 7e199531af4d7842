"""What a listener needs: silence is found where it is and never where somebody speaks; loudness comes out equal."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from audio.encode import encode_flac
from audio.faults import SoundUnreadable, ToolMissing
from audio.levels import Samples, measure_level
from audio.listening import Listening, choose_gain, find_heard, join_spans, prepare, prepare_flac
from audio.sources import make_noise
from audio.virtual import speak_text

RATE = 24000
PAUSE_S = 3


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """A sentence at 24 kHz without silence at its ends."""
    try:
        path = speak_text("He is sitting on the green bank", "en", tmp_path_factory.mktemp("speech") / "one.wav")
    except ToolMissing as error:
        pytest.skip(str(error))
    sound, rate = soundfile.read(path, dtype="int16")
    loud = np.flatnonzero(np.abs(sound.astype(int)) > 300)
    return soxr.resample(sound[loud[0]:loud[-1]], rate, RATE).astype(np.int16)


def make_talk(speech: Samples, noise: int = 20) -> Samples:
    """Silence, a sentence, silence, a sentence, with the hiss of a microphone under all of it."""
    pause = np.zeros(PAUSE_S * RATE, dtype=np.int16)
    whole = np.concatenate((pause, speech, pause, speech))
    return (whole + make_noise(len(whole) / RATE, RATE, noise)[:len(whole)]).astype(np.int16)


def is_covered(spans: list[tuple[int, int]], start_ms: float, end_ms: float) -> bool:
    return any(first <= start_ms and end_ms <= last for first, last in spans)


def test_speech_and_silence_lie_where_they_are(speech: Samples) -> None:
    found = prepare([make_talk(speech)], RATE)
    length = len(speech) * 1000 / RATE
    first, second = PAUSE_S * 1000, 2 * PAUSE_S * 1000 + length
    assert all(is_covered(found.speech, start, start + length - 100) for start in (first, second))
    silent = found.waveform.milliseconds - sum(end - start for start, end in found.speech)
    assert abs(silent - 2 * PAUSE_S * 1000) < 1500


def test_a_whisper_under_hiss_is_not_taken_for_silence(speech: Samples) -> None:
    quiet = (speech // 20).astype(np.int16)
    found = prepare([make_talk(quiet, noise=10)], RATE)
    assert is_covered(found.speech, PAUSE_S * 1000 + 200, PAUSE_S * 1000 + len(speech) * 800 / RATE)


@pytest.mark.parametrize("cut", [1, 777, 24000, 100_000])
def test_blocks_do_not_change_what_is_found(speech: Samples, cut: int) -> None:
    talk = make_talk(speech)
    pieces = [talk[start:start + cut] for start in range(0, min(len(talk), 400 * cut), cut)]
    whole = np.concatenate(pieces)
    assert prepare(pieces, RATE).as_json() == prepare([whole], RATE).as_json()


def test_recordings_of_unlike_loudness_are_heard_alike(speech: Samples) -> None:
    loud, soft = speech, (speech // 10).astype(np.int16)
    heard = [measure_level(one) + prepare([one], RATE).gain_db10 for one in (loud, soft)]
    assert measure_level(loud) - measure_level(soft) > 190 and abs(heard[0] - heard[1]) <= 20


def test_silence_has_no_speech_and_is_not_turned_up() -> None:
    found = prepare([np.zeros(RATE, dtype=np.int16)], RATE)
    assert (found.speech, found.gain_db10) == ([], 0)


def test_nothing_at_all_is_no_fault() -> None:
    assert prepare([], RATE).as_json()["speech"] == []


def test_a_hum_is_turned_up_only_so_far() -> None:
    assert choose_gain(np.full(50, -740)) == 300 and choose_gain(np.full(50, 0)) == -200


def test_short_pauses_belong_to_speech() -> None:
    heard = np.zeros(300, dtype=bool)
    heard[50:100] = heard[120:150] = heard[250:260] = True
    assert join_spans(heard, 6000) == [(850, 3150), (4850, 5350)]
    assert join_spans(find_heard(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)), 0) == []


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.flac").write_bytes(b"no sound at all")
    with pytest.raises(SoundUnreadable):
        prepare_flac(tmp_path / "text.flac")


def test_the_file_gives_what_the_samples_give(speech: Samples, tmp_path: Path) -> None:
    (tmp_path / "one.pcm").write_bytes(speech.tobytes())
    encode_flac(tmp_path / "one.pcm", RATE, tmp_path / "one.flac")
    found: Listening = prepare_flac(tmp_path / "one.flac")
    assert found.as_json() == prepare([speech], RATE).as_json()
