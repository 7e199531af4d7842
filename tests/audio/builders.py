"""Sounds and sources that tests are made of."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from audio.levels import Samples
from audio.parts import Gap, Part
from audio.recorder import Recorder
from audio.recording import Fault, Level
from audio.sources import Door, make_noise

RATE = 24000


def make_part(offset: int, length: int, part_no: int = 0, sha256: str = "") -> Part:
    return Part(part_no, offset, length, sha256 or f"{offset}-{length}")


def mix(first: Samples, second: Samples) -> Samples:
    length = max(len(first), len(second))
    together = np.zeros(length)
    together[:len(first)] += first
    together[:len(second)] += second
    return np.clip(together, -32768, 32767).astype(np.int16)


def amplify(samples: Samples, decibels: float) -> Samples:
    return np.clip(samples * 10 ** (decibels / 20), -32768, 32767).astype(np.int16)


def put_in_room(samples: Samples, before_s: float = 0.5, after_s: float = 0.5) -> Samples:
    """Speech with pauses around it and the faint noise of a quiet room under it."""
    padded = np.pad(samples, (int(before_s * RATE), int(after_s * RATE)))
    return mix(padded, make_noise(len(padded) / RATE, RATE, 8))


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class HandSource:
    """A source whose blocks a test gives by hand; the clock moves with them."""

    def __init__(self, clock: Clock, rate: int = RATE) -> None:
        self.rate, self.name = rate, "hand"
        self.clock = clock
        self.door: Door | None = None
        self.is_right = True
        self.is_stopped = False

    def start(self, door: Door) -> None:
        self.door = door

    def stop(self) -> None:
        self.is_stopped = True

    def is_right_device(self) -> bool:
        return self.is_right

    def give(self, samples: Samples, overrun: bool = False, in_time: bool = True) -> None:
        assert self.door is not None
        for start in range(0, len(samples), self.rate // 50):
            block = samples[start:start + self.rate // 50]
            self.clock.now += len(block) / self.rate if in_time else 0
            self.door.take(block.tobytes(), overrun)
            overrun = False


@dataclass
class Heard:
    """Everything a recorder told."""

    parts: list[Part] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [str(fault.kind) for fault in self.faults if not fault.is_over]


def make_recorder(folder: Path, clock: Clock | None = None) -> tuple[Recorder, HandSource, Heard]:
    """A started recorder fed by hand."""
    moving = clock or Clock()
    source, heard = HandSource(moving), Heard()
    recorder = Recorder(
        source, folder / "speech.pcm", heard.parts.append, heard.levels.append, heard.faults.append,
        heard.gaps.append, clock=moving,
    )
    recorder.start()
    return recorder, source, heard


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for another thread; fails the test if it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.01)
