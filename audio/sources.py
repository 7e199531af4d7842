"""Where sound comes from: one door, real sources and the ways in which they fail.

A source gives 20 ms blocks of PCM s16le mono to a `Door` (the recorder is one) until it is stopped.
`FileSource` feeds a file or an array in real time, for robots and tests; `DyingSource` makes any source fail
the way devices do. The microphone is in `audio.microphone`.
"""

import threading
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
import soxr

from audio.faults import SoundUnreadable
from audio.levels import Samples

PREFERRED_RATE = 24000
BLOCKS_PER_SECOND = 50
OVERRUN_BLOCKS = 15


class Door(Protocol):
    """What a source hands its sound to. Calls return at once and never raise: a driver's thread calls."""

    def take(self, block: bytes, overrun: bool = False) -> None:
        """`overrun`: the device says that sound before this block was lost."""

    def finish(self, reason: str) -> None:
        """No more sound will come: `ended` (a file is over) or `device_lost`."""

    def is_crowded(self) -> bool:
        """Whether a source that is faster than real time should wait."""


class Source(Protocol):
    """Something that gives mono 16-bit sound at `rate` Hz; `name` is for people and logs."""

    rate: int
    name: str

    def start(self, door: Door) -> None:
        """Begin to give blocks; a refusal of `audio.faults` if it cannot."""

    def stop(self) -> None:
        """Give no more; harmless when repeated or never started."""

    def is_right_device(self) -> bool:
        """Whether the sound still comes from the device that was chosen."""


class AfterEnd(StrEnum):
    """What a file source does when its sound is over."""

    silence = "silence"  # like a microphone when nobody speaks: its own noise, never exact zeros
    end = "end"


class FileSource:
    """Feeds a sound file (whatever soundfile reads) or an array of samples, 20 ms at a time.

    `rate`: of the blocks given; a file at another rate is resampled, an array is taken to be at `rate`.
    `realtime=False` feeds as fast as the door takes and always ends. `gain` multiplies, then clips.

    :raises SoundUnreadable: the file is missing or is not sound (raised here, not in `start`).
    """

    def __init__(
        self,
        sound: Path | str | Samples,
        rate: int = PREFERRED_RATE,
        realtime: bool = True,
        after_end: AfterEnd = AfterEnd.silence,
        gain: float = 1.0,
        lead_in_s: float = 0.0,
    ) -> None:
        self.rate = rate
        self.name = "array" if isinstance(sound, np.ndarray) else Path(sound).name
        self._sound = sound
        self._realtime = realtime
        self._after_end = after_end if realtime else AfterEnd.end
        self._gain = gain
        self._lead_in_s = lead_in_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        if not isinstance(sound, np.ndarray):
            check_sound_file(Path(sound))

    def start(self, door: Door) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._feed, args=(door,), name="file source", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def is_right_device(self) -> bool:
        return True

    def _feed(self, door: Door) -> None:
        started = time.monotonic()
        for number, block in enumerate(self._list_blocks(), start=1):
            if not self._wait(door, started + number / BLOCKS_PER_SECOND):
                return
            door.take(block)
        door.finish("ended")

    def _wait(self, door: Door, due: float) -> bool:
        """Until the block is due; False once the source is stopped."""
        if self._realtime:
            return not self._stopping.wait(max(0.0, due - time.monotonic()))
        while door.is_crowded() and not self._stopping.is_set():
            time.sleep(0.001)
        return not self._stopping.is_set()

    def _list_blocks(self) -> Iterator[bytes]:
        size = self.rate // BLOCKS_PER_SECOND
        rest = np.zeros(round(self._lead_in_s * self.rate), dtype=np.int16)
        for samples in self._read():
            rest = np.concatenate((rest, self._amplify(samples)))
            whole = len(rest) - len(rest) % size
            yield from (rest[at:at + size].tobytes() for at in range(0, whole, size))
            rest = rest[whole:]
        if len(rest):
            yield rest.tobytes()
        hush = make_hush(size)
        while self._after_end is AfterEnd.silence:
            yield hush

    def _amplify(self, samples: Samples) -> Samples:
        if self._gain == 1.0:
            return samples
        louder = np.clip(samples.astype(np.float32) * self._gain, -32768, 32767)
        return louder.astype(np.int16)

    def _read(self) -> Iterator[Samples]:
        if isinstance(self._sound, np.ndarray):
            yield self._sound.astype(np.int16, copy=False)
        else:
            yield from read_mono(Path(self._sound), self.rate)


class Death(StrEnum):
    """How a device fails; PortAudio itself raises nothing."""

    stall = "stall"  # suspended: callbacks stop, the stream says it is active
    finish = "finish"  # the sound daemon was killed
    zeros = "zeros"  # a muted or unplugged capsule
    overrun = "overrun"  # one lost stretch, then sound goes on
    wrong_device = "wrong_device"  # the stream was moved to another source silently


class DyingSource:
    """Another source that fails after `after_s` seconds of its sound in the way of `death`."""

    def __init__(self, source: Source, after_s: float, death: Death) -> None:
        self.rate, self.name = source.rate, source.name
        self._source = source
        self._bytes_left = int(after_s * source.rate) * 2
        self._death = death
        self._door: Door | None = None
        self._skipped = 0

    def start(self, door: Door) -> None:
        self._door = door
        self._source.start(self)

    def stop(self) -> None:
        self._source.stop()

    def is_right_device(self) -> bool:
        return self._death is not Death.wrong_device or self._bytes_left > 0

    def take(self, block: bytes, overrun: bool = False) -> None:
        if self._door is None:
            return
        if self._bytes_left > 0:
            self._bytes_left -= len(block)
            return self._door.take(block, overrun)
        self._fail(self._door, block)

    def finish(self, reason: str) -> None:
        if self._door is not None and self._death is not Death.stall:
            self._door.finish(reason)

    def is_crowded(self) -> bool:
        return self._door is not None and self._door.is_crowded()

    def _fail(self, door: Door, block: bytes) -> None:
        if self._death is Death.finish:
            door.finish("device_lost")
            self._door = None
        elif self._death is Death.zeros:
            door.take(bytes(len(block)))
        elif self._death is Death.overrun:
            self._skip(door, block)
        elif self._death is Death.wrong_device:
            door.take(block)

    def _skip(self, door: Door, block: bytes) -> None:
        self._skipped += 1
        if self._skipped > OVERRUN_BLOCKS:
            self._bytes_left = 1 << 62
            door.take(block, overrun=True)


def check_sound_file(path: Path) -> None:
    """:raises SoundUnreadable: `path` is missing or is not sound."""
    try:
        soundfile.info(str(path))
    except (soundfile.LibsndfileError, OSError) as error:
        raise SoundUnreadable(f"{path}: {error}") from None


def read_mono(path: Path, rate: int | None = None) -> Iterator[Samples]:
    """The sound of a file as mono 16-bit blocks of about a second, resampled to `rate` if given.

    :raises SoundUnreadable: the file is missing, not sound, or breaks off in the middle.
    """
    try:
        with soundfile.SoundFile(str(path)) as sound:
            yield from _resample(_read_blocks(sound), sound.samplerate, rate or sound.samplerate)
    except (soundfile.LibsndfileError, OSError) as error:
        raise SoundUnreadable(f"{path}: {error}") from None


def _read_blocks(sound: soundfile.SoundFile) -> Iterator[Samples]:
    # Lossy files are read as floats: their decoders exceed full scale, and whole numbers would wrap around.
    for block in sound.blocks(blocksize=sound.samplerate, dtype="float32", always_2d=True):
        yield np.clip(np.rint(block.mean(axis=1) * 32768), -32768, 32767).astype(np.int16)


def _resample(blocks: Iterator[Samples], given: int, wanted: int) -> Iterator[Samples]:
    if given == wanted:
        yield from blocks
        return
    stream = soxr.ResampleStream(given, wanted, 1, dtype="int16", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.zeros(0, dtype=np.int16), last=True)


def make_tone(seconds: float, rate: int, hertz: float = 440.0, amplitude: float = 8000.0) -> Samples:
    """A sine, for device checks without speech."""
    times = np.arange(int(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def make_hush(samples: int) -> bytes:
    """The last bit of a converter in a silent room, as PCM s16le."""
    return np.random.default_rng(1).integers(-1, 2, samples).astype("<i2").tobytes()


def make_noise(seconds: float, rate: int, amplitude: float, seed: int = 1) -> Samples:
    """White noise of this root mean square in sample units; the same seed gives the same noise."""
    chance = np.random.default_rng(seed)
    return np.clip(chance.normal(0, amplitude, int(seconds * rate)), -32768, 32767).astype(np.int16)
