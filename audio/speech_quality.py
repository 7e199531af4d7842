"""Whether speech was heard: takes 16-bit mono samples, whole or as they come, gives a verdict with levels.

Judged on the loudest speech frames, never on the mean: pauses cannot make speech "too quiet". Memory is
constant, whatever the length: frames are counted in histograms of half a decibel.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import soxr
import webrtcvad
from numpy.typing import NDArray

from audio.levels import FLOOR_DB10, Samples, convert_to_db10, find_peak, measure_level
from audio.verdicts import Verdict

# Speech detection works on 20 ms frames at 16 kHz, whatever the device's rate is.
FRAME_RATE = 16000
FRAME_SAMPLES = FRAME_RATE // 50
FRAME_MS = 20
DETECTOR_STRICTNESS = 2

BIN_DB10 = 5
BINS = -FLOOR_DB10 // BIN_DB10 + 1

# Speech into a headset peaks around -25 .. -15 dBFS per frame; under -42 an expert strains to hear it.
QUIET_DB10 = -420
# A room whose sound reaches this level without speech is noisy, not silent.
LOUD_NOISE_DB10 = -450
# Loudest speech less than this above the noise: words drown.
NOISE_MARGIN_DB10 = 150
# Steady noise has almost no difference between its loud and soft frames; speech always has.
SPEECH_SPREAD_DB10 = 60
LONGER_SOUND_MS = 2000
# Knocks and keys are flagged as speech for some 100 ms each; words last longer.
WORD_MS = 160
# Speech this much softer than the candidate's own at the sound check is somebody else's.
NEIGHBOUR_DROP_DB10 = 180
CLIPPED_PER_MILLE = 1
NEAR_FULL_SCALE = 32440
FLAT_TOP_LEVEL = 16384


@dataclass(frozen=True)
class Judgement:
    """A verdict and the numbers it was made of; levels in dBFS times ten, durations in ms.

    `speech_db10` is the level of the loudest tenth of speech frames, `noise_db10` of the softest frames;
    `clipped_per_mille` counts clipped samples in a thousand samples of speech.
    """

    verdict: Verdict
    speech_db10: int
    noise_db10: int
    peak_db10: int
    clipped_per_mille: int
    speech_ms: int
    total_ms: int


def _new_histogram() -> NDArray[np.int64]:
    return np.zeros(BINS, dtype=np.int64)


@dataclass
class Tally:
    """Counts of frames; two tallies fed by one reader judge a part and the whole recording."""

    rate: int
    samples: int = 0
    peak: int = 0
    clipped: int = 0
    speech: NDArray[np.int64] = field(default_factory=_new_histogram)
    other: NDArray[np.int64] = field(default_factory=_new_histogram)
    run_ms: int = 0
    longest_run_ms: int = 0

    def add(self, facts: "BlockFacts") -> None:
        self.samples += facts.samples
        self.peak = max(self.peak, facts.peak)
        self.clipped += facts.clipped
        for level_db10, is_speech in facts.frames:
            histogram = self.speech if is_speech else self.other
            histogram[(level_db10 - FLOOR_DB10) // BIN_DB10] += 1
            self.run_ms = self.run_ms + FRAME_MS if is_speech else 0
            self.longest_run_ms = max(self.longest_run_ms, self.run_ms)

    def judge(self, usual_speech_db10: int | None = None, device_matches: bool = True) -> Judgement:
        """The verdict on all that was counted.

        `usual_speech_db10`: the candidate's own `speech_db10` from the sound check, where known.
        `device_matches`: False when the sound came from another device than the one chosen.
        """
        measured = self._measure()
        if not self.samples:
            return replace(measured, verdict=Verdict.no_data)
        if not device_matches:
            return replace(measured, verdict=Verdict.wrong_device)
        if self._has_speech(measured):
            return replace(measured, verdict=_decide_about_speech(measured, usual_speech_db10))
        is_loud = measured.noise_db10 > LOUD_NOISE_DB10
        return replace(measured, verdict=Verdict.noisy if is_loud else Verdict.silent)

    def _has_speech(self, measured: Judgement) -> bool:
        if not self.peak or measured.speech_ms < count_needed_speech_ms(measured.total_ms):
            return False
        # A vowel held through one short part is steady too: only longer sound is called noise for that.
        is_varied = measured.speech_db10 - find_percentile(self.speech, 10) >= SPEECH_SPREAD_DB10
        return measured.total_ms < LONGER_SOUND_MS or (is_varied and self.longest_run_ms >= WORD_MS)

    def _measure(self) -> Judgement:
        speech_frames = int(self.speech.sum())
        spoken_samples = max(1, speech_frames * FRAME_MS * self.rate // 1000)
        return Judgement(
            verdict=Verdict.no_data,
            speech_db10=find_percentile(self.speech, 90),
            noise_db10=self._measure_noise(),
            peak_db10=convert_to_db10(self.peak),
            clipped_per_mille=min(1000, self.clipped * 1000 // spoken_samples),
            speech_ms=speech_frames * FRAME_MS,
            total_ms=self.samples * 1000 // self.rate,
        )

    def _measure_noise(self) -> int:
        # The softest tenth of all frames: pauses where there are any, else the dips between syllables.
        return find_percentile(self.speech + self.other, 10)


@dataclass(frozen=True)
class BlockFacts:
    """What was measured in one block; `frames` are (dBFS times ten, is it speech)."""

    samples: int
    peak: int
    clipped: int
    frames: list[tuple[int, bool]]


class FrameReader:
    """Cuts a stream of blocks of any length into 20 ms frames and measures each."""

    def __init__(self, rate: int) -> None:
        self._detector = webrtcvad.Vad(DETECTOR_STRICTNESS)
        self._resampler = None if rate == FRAME_RATE else _open_resampler(rate)
        self._rest = np.zeros(0, dtype=np.int16)

    def read(self, samples: Samples) -> BlockFacts:
        frames = [self._measure_frame(frame) for frame in self._cut(samples)]
        return BlockFacts(len(samples), find_peak(samples), count_clipped(samples), frames)

    def _cut(self, samples: Samples) -> list[Samples]:
        narrow = samples if self._resampler is None else self._resampler.resample_chunk(samples)
        waiting = np.concatenate((self._rest, narrow))
        whole = len(waiting) // FRAME_SAMPLES
        self._rest = waiting[whole * FRAME_SAMPLES:]
        return list(waiting[:whole * FRAME_SAMPLES].reshape(whole, FRAME_SAMPLES))

    def _measure_frame(self, frame: Samples) -> tuple[int, bool]:
        level = measure_level(frame)
        is_speech = level > FLOOR_DB10 and self._detector.is_speech(frame.tobytes(), FRAME_RATE)
        return level, bool(is_speech)


class SpeechJudge:
    """Judges a stream: `add` blocks, ask for `judge()` at any time."""

    def __init__(self, rate: int) -> None:
        self._reader = FrameReader(rate)
        self._tally = Tally(rate)

    def add(self, samples: Samples) -> None:
        self._tally.add(self._reader.read(samples))

    def judge(self, usual_speech_db10: int | None = None, device_matches: bool = True) -> Judgement:
        return self._tally.judge(usual_speech_db10, device_matches)


def judge(samples: Samples, rate: int, usual_speech_db10: int | None = None) -> Judgement:
    """The verdict on a whole piece of 16-bit mono sound at `rate` Hz."""
    speech_judge = SpeechJudge(rate)
    for start in range(0, len(samples), rate):
        speech_judge.add(samples[start:start + rate])
    return speech_judge.judge(usual_speech_db10)


def count_clipped(samples: Samples) -> int:
    """Samples at full scale, or on a flat top of three equal loud samples (a device that clips lower)."""
    if len(samples) < 3 or find_peak(samples) < FLAT_TOP_LEVEL:
        return 0
    loud = np.abs(samples.astype(np.int32))
    full = loud >= NEAR_FULL_SCALE
    middle = samples[1:-1]
    flat = (samples[:-2] == middle) & (samples[2:] == middle) & (loud[1:-1] >= FLAT_TOP_LEVEL)
    full[1:-1] |= flat
    return int(np.count_nonzero(full))


def find_percentile(histogram: NDArray[np.int64], percent: int) -> int:
    """The level (dBFS times ten) under which `percent` of the frames lie; the floor if there are none."""
    total = int(histogram.sum())
    if not total:
        return FLOOR_DB10
    rank = max(1, -(-total * percent // 100))
    return FLOOR_DB10 + BIN_DB10 * int(np.searchsorted(np.cumsum(histogram), rank))


def count_needed_speech_ms(total_ms: int) -> int:
    """How much speech makes a recording "heard": a fiftieth of it, but 60 ms at least and 1 s at most."""
    return max(60, min(1000, total_ms // 50))


def _open_resampler(rate: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(rate, FRAME_RATE, 1, dtype="int16", quality="LQ")


def _decide_about_speech(measured: Judgement, usual_speech_db10: int | None) -> Verdict:
    speech = measured.speech_db10
    if usual_speech_db10 is not None and speech < usual_speech_db10 - NEIGHBOUR_DROP_DB10:
        return Verdict.neighbour
    if speech < QUIET_DB10:
        return Verdict.too_quiet
    if measured.clipped_per_mille >= CLIPPED_PER_MILLE:
        return Verdict.clipped
    if speech - measured.noise_db10 < NOISE_MARGIN_DB10:
        return Verdict.noisy
    return Verdict.heard
