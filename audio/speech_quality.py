"""Whether speech was heard: takes 16-bit mono samples, whole or as they come, gives a verdict with its measures.

Judged on the loudest voiced frames, never on the mean: pauses cannot make speech "too quiet". Memory is constant,
whatever the length: frames are counted in histograms. The same code runs at the seat and at the server.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from audio.frames import FRAME_MS, TOP_BINS, TOPS_PER_DB, BlockFacts, Frame, FrameReader, count_clipped
from audio.judgement import VOICE_MS, Judgement, decide
from audio.levels import FLOOR_DB10, Samples, convert_to_db10
from audio.verdicts import Verdict

BIN_DB10 = 5
BINS = -FLOOR_DB10 // BIN_DB10 + 1
FALL_BIN_DB10 = 5
FALL_BINS = 100
FALL_START_DB10 = 20
FALL_STARTS = -FLOOR_DB10 // FALL_START_DB10 + 1

VOICE_FRAMES = VOICE_MS // FRAME_MS
# A shorter stretch of exact silence may be chance; a longer one in the middle shows a device that mutes pauses.
MUTED_MS = 100
# What belongs to the loud speech: vowels this far below the loudest.
LOUD_SPEECH_DB10 = 120
FALLS_FROM_DB10 = 140
FALL_PER_CENT = 95
# Of a thousand samples of speech: the loud ones, and the rare ones above them.
RARE_PER_MILLE = 0.5
LOUD_FOR_EACH_RARE = 20
FEWEST_RARE = 16
# With fewer other frames than this share the softest tenth of all stands for the noise.
REST_PER_CENT = 20
# The rest holds consonants and echoes too: its soft quarter is the noise.
NOISE_PER_CENT = 25

Histogram = NDArray[np.int64]


def _new_histogram() -> Histogram:
    return np.zeros(BINS, dtype=np.int64)


@dataclass
class Tally:
    """Counts of frames; two tallies fed by one reader judge a part and the whole recording."""

    rate: int
    samples: int = 0
    peak: int = 0
    clipped: int = 0
    everything: Histogram = field(default_factory=_new_histogram)
    voice: Histogram = field(default_factory=_new_histogram)
    moving: Histogram = field(default_factory=_new_histogram)
    falls: Histogram = field(default_factory=lambda: np.zeros((FALL_STARTS, FALL_BINS), dtype=np.int64))
    tops: Histogram = field(default_factory=lambda: np.zeros(TOP_BINS, dtype=np.int64))
    still_samples: int = 0
    mutes_pauses: bool = False
    run: list[Frame] = field(default_factory=list)

    def add(self, facts: BlockFacts) -> None:
        self.samples += facts.samples
        self.peak = max(self.peak, facts.peak)
        self.clipped += facts.clipped
        if facts.tops is not None:
            self.tops += facts.tops
        for frame in facts.frames:
            self._add_frame(frame)
        for length, is_still in facts.stretches:
            self._follow_stillness(length, is_still)

    def judge(self, usual_speech_db10: int | None = None, device_matches: bool = True) -> Judgement:
        """The verdict on all that was counted; the arguments are those of `audio.judgement.decide`."""
        return decide(self.measure(), usual_speech_db10, device_matches)

    def measure(self) -> Judgement:
        """The measures alone, without a verdict."""
        speech_frames = int(self.voice.sum())
        spoken_samples = max(1, speech_frames * FRAME_MS * self.rate // 1000)
        speech_db10 = find_percentile(self.voice, 90)
        loud, rare = self._find_tops(spoken_samples)
        return Judgement(
            speech_db10=speech_db10,
            noise_db10=self._measure_noise(),
            floor_db10=find_percentile(self.everything, 10),
            peak_db10=convert_to_db10(self.peak),
            clipped_per_mille=min(1000, self.clipped * 1000 // spoken_samples),
            speech_ms=speech_frames * FRAME_MS,
            total_ms=self.samples * 1000 // self.rate,
            moving_per_cent=self._measure_motion(speech_db10),
            fall_db10=self._measure_falls(speech_db10),
            tops_db10=rare - loud,
            top_db10=rare,
            still_ms=self._measure_stillness(),
        )

    # Counting.

    def _add_frame(self, frame: Frame) -> None:
        self.everything[_find_bin(frame.level_db10)] += 1
        fall = min(FALL_BINS - 1, max(0, frame.before_db10 - frame.level_db10) // FALL_BIN_DB10)
        self.falls[(frame.before_db10 - FLOOR_DB10) // FALL_START_DB10, fall] += 1
        self._follow_voice(frame)

    def _follow_stillness(self, length: int, is_still: bool) -> None:
        if is_still:
            self.still_samples += length
            return
        self.mutes_pauses = self.mutes_pauses or self.still_samples * 1000 >= MUTED_MS * self.rate
        self.still_samples = 0

    def _follow_voice(self, frame: Frame) -> None:
        """Voiced frames count once four have come in a row."""
        if not frame.is_voiced:
            self.run = []
            return
        if len(self.run) < VOICE_FRAMES:
            self.run.append(frame)
            fresh = self.run if len(self.run) == VOICE_FRAMES else []
        else:
            fresh = [frame]
        for voiced in fresh:
            self.voice[_find_bin(voiced.level_db10)] += 1
            self.moving[_find_bin(voiced.level_db10)] += voiced.is_moving

    # Measuring.

    def _measure_noise(self) -> int:
        rest = self.everything - self.voice
        if rest.sum() * 100 < self.everything.sum() * REST_PER_CENT:
            return find_percentile(self.everything, 10)
        return find_percentile(rest, NOISE_PER_CENT)

    def _measure_motion(self, speech_db10: int) -> int:
        loud = slice(max(0, _find_bin(speech_db10 - LOUD_SPEECH_DB10)), None)
        return int(100 * self.moving[loud].sum() // max(1, self.voice[loud].sum()))

    def _measure_falls(self, speech_db10: int) -> int:
        first = max(0, (speech_db10 - FALLS_FROM_DB10 - FLOOR_DB10) // FALL_START_DB10 + 1)
        falls = self.falls[first:].sum(axis=0)
        return _find_rank(falls, FALL_PER_CENT) * FALL_BIN_DB10

    def _find_tops(self, spoken_samples: int) -> tuple[int, int]:
        """The levels that the loud and the rare samples of speech reach."""
        counted = np.cumsum(self.tops)
        rarely = max(FEWEST_RARE, spoken_samples * RARE_PER_MILLE / 1000)
        loud, rare = (int(np.searchsorted(counted, rank)) for rank in (rarely * LOUD_FOR_EACH_RARE, rarely))
        return -loud * 10 // TOPS_PER_DB, -rare * 10 // TOPS_PER_DB

    def _measure_stillness(self) -> int:
        return 0 if self.mutes_pauses else self.still_samples * 1000 // self.rate


def join_tallies(tallies: Iterable[Tally]) -> Tally:
    """What follows one another, as one; at least one, all of one rate."""
    first, *others = tallies
    joined = replace(first, run=[])
    for tally in others:
        is_whole = tally.still_samples >= tally.samples - tally.rate * FRAME_MS // 1000
        joined = Tally(
            tally.rate, joined.samples + tally.samples, max(joined.peak, tally.peak), joined.clipped + tally.clipped,
            joined.everything + tally.everything, joined.voice + tally.voice, joined.moving + tally.moving,
            joined.falls + tally.falls, joined.tops + tally.tops,
            tally.still_samples + (joined.still_samples if is_whole else 0), joined.mutes_pauses or tally.mutes_pauses)
    return joined


class SpeechJudge:
    """Judges a stream: `add` blocks, ask for `judge()` at any time."""

    def __init__(self, rate: int) -> None:
        self._reader = FrameReader(rate)
        self._tally = Tally(rate)

    def add(self, samples: Samples) -> None:
        self._tally.add(self._reader.read(samples))

    def judge(self, usual_speech_db10: int | None = None, device_matches: bool = True) -> Judgement:
        return self._tally.judge(usual_speech_db10, device_matches)


def judge(
    samples: Samples, rate: int, usual_speech_db10: int | None = None, device_matches: bool = True
) -> Judgement:
    """The verdict on a whole piece of 16-bit mono sound at `rate` Hz."""
    speech_judge = SpeechJudge(rate)
    for start in range(0, len(samples), rate):
        speech_judge.add(samples[start:start + rate])
    return speech_judge.judge(usual_speech_db10, device_matches)


def find_percentile(histogram: Histogram, percent: int) -> int:
    """The level (dBFS times ten) under which `percent` of the frames lie; the floor if there are none."""
    return FLOOR_DB10 + BIN_DB10 * _find_rank(histogram, percent)


def _find_rank(histogram: Histogram, percent: int) -> int:
    total = int(histogram.sum())
    rank = max(1, -(-total * percent // 100))
    return int(np.searchsorted(np.cumsum(histogram), rank)) if total else 0


def _find_bin(level_db10: int) -> int:
    return (level_db10 - FLOOR_DB10) // BIN_DB10


__all__ = ["BlockFacts", "FrameReader", "Judgement", "SpeechJudge", "Tally", "Verdict", "count_clipped", "judge"]
