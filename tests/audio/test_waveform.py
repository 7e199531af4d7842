"""A waveform has a hundred peaks for every second, whatever the blocks and the rate."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.encode import encode_flac
from audio.faults import SoundUnreadable
from audio.sources import make_noise, make_tone
from audio.waveform import draw, draw_flac, draw_pcm


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 44100, 48000])
def test_a_second_has_a_hundred_peaks(rate: int) -> None:
    waveform = draw([make_tone(3, rate, amplitude=16384)], rate)
    assert len(waveform.peaks) == 300 and waveform.milliseconds == 3000
    assert set(waveform.as_json()["peaks"]) <= set(range(490, 501))


@given(cuts=st.lists(st.integers(0, 30000), max_size=6))
def test_blocks_do_not_change_the_picture(cuts: list[int]) -> None:
    sound = make_noise(1.237, 24000, 3000)
    pieces = np.split(sound, sorted(min(cut, len(sound)) for cut in cuts))
    assert draw(pieces, 24000).as_bytes() == draw([sound], 24000).as_bytes()


def test_every_peak_is_the_loudest_sample_of_its_ten_milliseconds() -> None:
    sound = make_noise(2, 24000, 3000)
    expected = np.abs(sound.astype(int)).reshape(-1, 240).max(axis=1)
    assert draw([sound], 24000).peaks.tolist() == expected.tolist()


def test_loudest_sample_there_is_fits() -> None:
    waveform = draw([np.full(240, -32768, dtype=np.int16)], 24000)
    assert waveform.as_json()["peaks"] == [1000] and waveform.as_bytes() == b"\xff"


def test_flac_and_pcm_look_the_same_and_travel_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.pcm").write_bytes(make_noise(2.5, 24000, 3000).tobytes())
    encode_flac(tmp_path / "a.pcm", 24000, tmp_path / "a.flac")
    drawn = draw_flac(tmp_path / "a.flac").as_json()
    assert drawn == draw_pcm(tmp_path / "a.pcm", 24000).as_json()
    assert json.loads(json.dumps(drawn))["duration_ms"] == 2500 and len(drawn["peaks"]) == 250


def test_nothing_has_no_peaks() -> None:
    assert draw([], 24000).as_json() == {"peaks_per_second": 100, "duration_ms": 0, "peaks": []}


def test_what_is_not_sound_has_no_waveform(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC nonsense")
    with pytest.raises(SoundUnreadable):
        draw_flac(tmp_path / "a.flac")
    with pytest.raises(SoundUnreadable):
        draw_pcm(tmp_path / "missing.pcm", 24000)
    with pytest.raises(ValueError):
        draw([], 50)
