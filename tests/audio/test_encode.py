"""What is kept decodes to the very bytes that were spoken; what is not whole leaves no file."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from audio import encode
from audio.compare import compare_files
from audio.encode import decode_flac_to_pcm, encode_flac, encode_opus, measure_flac
from audio.faults import DigestDiffers, SoundUnreadable
from audio.levels import Samples
from audio.sources import make_noise, make_tone
from tests.audio.builders import RATE


def write_pcm(path: Path, samples: Samples) -> Path:
    path.write_bytes(samples.tobytes())
    return path


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_flac_gives_back_every_byte(tmp_path: Path, speech: dict[str, Samples], rate: int) -> None:
    pcm = write_pcm(tmp_path / "a.pcm", speech["de"])
    encoded = encode_flac(pcm, rate, tmp_path / "a.flac")
    decoded = decode_flac_to_pcm(tmp_path / "a.flac", tmp_path / "b.pcm")
    assert (tmp_path / "b.pcm").read_bytes() == pcm.read_bytes()
    assert encoded.pcm_sha256 == decoded.pcm_sha256 == hashlib.sha256(pcm.read_bytes()).hexdigest()
    assert encoded.rate == rate and encoded.file_bytes < encoded.pcm_bytes


@settings(max_examples=20, deadline=None)
@given(content=st.binary(min_size=2, max_size=9000))
def test_any_samples_survive_flac(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = content[:len(content) // 2 * 2]
    (folder / "a.pcm").write_bytes(content)
    assert encode_flac(folder / "a.pcm", RATE, folder / "a.flac").pcm_bytes == len(content)
    assert measure_flac(folder / "a.flac").pcm_sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("content", [b"", b"\x01", b"\x01\x02\x03"])
def test_sound_that_is_none_or_half_a_sample_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pcm").write_bytes(content)
    with pytest.raises(SoundUnreadable):
        encode_flac(tmp_path / "a.pcm", RATE, tmp_path / "a.flac")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pcm"]


def test_missing_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SoundUnreadable):
        encode_flac(tmp_path / "a.pcm", RATE, tmp_path / "a.flac")
    with pytest.raises(SoundUnreadable):
        encode_opus(tmp_path / "a.flac", tmp_path / "a.ogg")
    assert list(tmp_path.iterdir()) == []


def test_coder_that_changes_sound_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pcm = write_pcm(tmp_path / "a.pcm", make_noise(1, RATE, 500))
    honest = encode.read_flac
    monkeypatch.setattr(encode, "read_flac", lambda path: (block ^ 1 for block in honest(path)))
    with pytest.raises(DigestDiffers):
        encode_flac(pcm, RATE, tmp_path / "a.flac")
    assert not (tmp_path / "a.flac").exists()


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_flac_cut_short_is_refused(tmp_path: Path, keep: float) -> None:
    encode_flac(write_pcm(tmp_path / "a.pcm", make_noise(3, RATE, 500)), RATE, tmp_path / "a.flac")
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[:int(len(whole) * keep)])
    with pytest.raises(SoundUnreadable):
        decode_flac_to_pcm(tmp_path / "cut.flac", tmp_path / "b.pcm")
    assert not (tmp_path / "b.pcm").exists()


def test_two_channels_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "s.flac", np.zeros((RATE, 2), dtype=np.int16), RATE)
    with pytest.raises(SoundUnreadable):
        measure_flac(tmp_path / "s.flac")


@pytest.mark.parametrize("rate", [22050, 24000, 44100])
def test_opus_sounds_like_what_was_spoken(tmp_path: Path, speech: dict[str, Samples], rate: int) -> None:
    pcm = write_pcm(tmp_path / "a.pcm", speech["fr"])
    encode_flac(pcm, rate, tmp_path / "a.flac")
    from_flac = encode_opus(tmp_path / "a.flac", tmp_path / "a.ogg")
    from_pcm = encode_opus(pcm, tmp_path / "b.ogg", pcm_rate=rate)
    assert compare_files(tmp_path / "a.flac", tmp_path / "a.ogg") > 0.9
    assert from_flac.pcm_sha256 == from_pcm.pcm_sha256
    assert from_flac.file_bytes < from_flac.pcm_bytes / 4
    assert abs(from_flac.milliseconds - len(speech["fr"]) * 1000 // rate) < 5


def test_length_is_told_in_milliseconds(tmp_path: Path) -> None:
    pcm = write_pcm(tmp_path / "a.pcm", make_tone(1.5, RATE))
    assert encode_flac(pcm, RATE, tmp_path / "a.flac").milliseconds == 1500
