"""The moving meter: takes blocks as they come, gives a `Level` for every 100 ms of sound."""

import numpy as np

from audio.levels import Samples, measure_level, measure_peak
from audio.recording import Level
from audio.speech_quality import BlockFacts

METERS_PER_SECOND = 10


class Meter:
    def __init__(self, rate: int) -> None:
        self._wanted = rate // METERS_PER_SECOND
        self._blocks: list[Samples] = []
        self._waiting = 0
        self._is_speech = self._is_clipped = False

    def add(self, samples: Samples, facts: BlockFacts, at_sample: int) -> Level | None:
        """The level, once 100 ms of sound are there; `at_sample` is the end of the block."""
        self._blocks.append(samples)
        self._waiting += len(samples)
        self._is_speech = self._is_speech or any(frame.is_speech for frame in facts.frames)
        self._is_clipped = self._is_clipped or facts.clipped > 0
        return self._finish(at_sample) if self._waiting >= self._wanted else None

    def _finish(self, at_sample: int) -> Level:
        together = np.concatenate(self._blocks)
        level = Level(
            at_sample, measure_level(together), measure_peak(together), self._is_speech, self._is_clipped
        )
        self._forget()
        return level

    def _forget(self) -> None:
        self._blocks = []
        self._waiting = 0
        self._is_speech = self._is_clipped = False
