"""Sound for keeping and for listening: raw PCM → lossless FLAC → PCM again, and Opus in OGG for ears only.

Takes paths, works in blocks of a second, gives digests of the PCM, which is what receipts cover.
Files appear under their name only when they are whole and durable.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from audio.faults import DigestDiffers, SoundUnreadable
from audio.levels import BYTES_PER_SAMPLE, Samples, read_samples

# Opus knows these rates only; anything else is listened to at 48 kHz.
OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
OPUS_DEFAULT_RATE = 48000
# Measured on speech, per minute: 0.8 takes 0.9 s of CPU and 365 KiB; libsndfile's default 2.1 s and 231 KiB.
OPUS_COMPRESSION = 0.8


@dataclass(frozen=True)
class Encoded:
    """A written file: its size, the digest and length of the PCM it was made of, the rate in Hz."""

    path: Path
    file_bytes: int
    pcm_sha256: str
    pcm_bytes: int
    rate: int

    @property
    def milliseconds(self) -> int:
        return self.pcm_bytes * 1000 // (BYTES_PER_SAMPLE * self.rate)


def encode_flac(pcm: Path, rate: int, flac: Path) -> Encoded:
    """Lossless FLAC of a raw PCM file (s16le mono at `rate` Hz), decoded again to prove it.

    :raises DigestDiffers: the proof failed; nothing is left under `flac`.
    :raises SoundUnreadable: no such PCM, half a sample, or no sample at all (FLAC cannot hold none).
    """
    with _write_whole(flac) as unfinished:
        digest, length = _write_sound(unfinished, read_pcm(pcm, rate), rate, "FLAC", "PCM_16")
        decoded = measure_flac(unfinished)
        if (decoded.pcm_sha256, decoded.pcm_bytes) != (digest, length):
            raise DigestDiffers(f"{pcm}: {digest} became {decoded.pcm_sha256}")
    return Encoded(flac, flac.stat().st_size, digest, length, rate)


def encode_opus(sound: Path, ogg: Path, pcm_rate: int | None = None) -> Encoded:
    """Opus in OGG of a FLAC (or any sound) file, or of raw PCM when `pcm_rate` is given; for listening only.

    The digest is of the PCM as encoded, after resampling if Opus does not know the rate.
    """
    given = pcm_rate or read_rate(sound)
    rate = given if given in OPUS_RATES else OPUS_DEFAULT_RATE
    blocks = read_pcm(sound, given) if pcm_rate else read_flac(sound)
    with _write_whole(ogg) as unfinished:
        digest, length = _write_sound(unfinished, _resample(blocks, given, rate), rate, "OGG", "OPUS")
    return Encoded(ogg, ogg.stat().st_size, digest, length, rate)


def decode_flac_to_pcm(flac: Path, pcm: Path) -> Encoded:
    """The raw PCM (s16le mono) of a FLAC file.

    :raises SoundUnreadable: not FLAC, not mono 16-bit, or damaged; nothing is left under `pcm`.
    """
    rate = read_rate(flac)
    digest, length = hashlib.sha256(), 0
    with _write_whole(pcm) as unfinished, open(unfinished, "wb") as file:
        for block in read_flac(flac):
            written = block.astype("<i2").tobytes()
            digest.update(written)
            length += file.write(written)
    return Encoded(pcm, length, digest.hexdigest(), length, rate)


def measure_flac(flac: Path) -> Encoded:
    """Digest and length of the PCM inside a FLAC file, without writing it anywhere.

    :raises SoundUnreadable: not FLAC, not mono 16-bit, or damaged.
    """
    digest, length = hashlib.sha256(), 0
    for block in read_flac(flac):
        written = block.astype("<i2").tobytes()
        digest.update(written)
        length += len(written)
    return Encoded(flac, flac.stat().st_size, digest.hexdigest(), length, read_rate(flac))


def read_pcm(pcm: Path, rate: int) -> Iterator[Samples]:
    """Blocks of a second of a raw PCM file.

    :raises SoundUnreadable: no such file, or it ends with half a sample.
    """
    try:
        with open(pcm, "rb") as file:
            while block := file.read(rate * BYTES_PER_SAMPLE):
                if len(block) % BYTES_PER_SAMPLE:
                    raise SoundUnreadable(f"{pcm}: half a sample at the end")
                yield read_samples(block)
    except OSError as error:
        raise SoundUnreadable(f"{pcm}: {error}") from None


def read_flac(flac: Path) -> Iterator[Samples]:
    """Blocks of a second of a mono sound file, sample for sample.

    :raises SoundUnreadable: no such file, not sound, not mono, or shorter than its header says.
    """
    try:
        with soundfile.SoundFile(str(flac)) as sound:
            if sound.channels != 1:
                raise SoundUnreadable(f"{flac}: {sound.channels} channels")
            yield from _read_all(sound, flac)
    except (soundfile.LibsndfileError, OSError) as error:
        raise SoundUnreadable(f"{flac}: {error}") from None


def read_rate(sound: Path) -> int:
    """The sample rate of a sound file in Hz.

    :raises SoundUnreadable: no such file, or not sound.
    """
    try:
        return int(soundfile.info(str(sound)).samplerate)
    except (soundfile.LibsndfileError, OSError) as error:
        raise SoundUnreadable(f"{sound}: {error}") from None


def _read_all(sound: soundfile.SoundFile, path: Path) -> Iterator[Samples]:
    frames = 0
    while len(block := sound.read(sound.samplerate, dtype="int16")):
        frames += len(block)
        yield block
    if frames != sound.frames:
        raise SoundUnreadable(f"{path}: {frames} samples of {sound.frames}")


def _resample(blocks: Iterator[Samples], given: int, wanted: int) -> Iterator[Samples]:
    if given == wanted:
        yield from blocks
        return
    stream = soxr.ResampleStream(given, wanted, 1, dtype="int16")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.zeros(0, dtype=np.int16), last=True)


def _write_sound(
    path: Path, blocks: Iterator[Samples], rate: int, container: str, coding: str
) -> tuple[str, int]:
    digest, length = hashlib.sha256(), 0
    level = OPUS_COMPRESSION if coding == "OPUS" else None
    with soundfile.SoundFile(
        str(path), "w", rate, 1, coding, format=container, compression_level=level
    ) as sound:
        for block in blocks:
            sound.write(block)
            written = block.astype("<i2").tobytes()
            digest.update(written)
            length += len(written)
    if not length:
        raise SoundUnreadable(f"{path.name}: there is no sound to encode")
    return digest.hexdigest(), length


@contextmanager
def _write_whole(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, renamed to it once its content is durable; removed after a failure."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        with open(unfinished, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
