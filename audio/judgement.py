"""From measures to a verdict: takes what was counted in a recording, gives one word and keeps the numbers beside it.

The limits were chosen on the tuning half of the labelled set (docs/verdicts.md); `make verdicts` shows how they do.
"""

from dataclasses import dataclass, replace

from audio.levels import FLOOR_DB10
from audio.verdicts import Verdict

# A device that gives the very same sample at the end for so long is dead; a shorter piece tells nothing.
STILL_MS = 3000
STILL_PIECE_MS = 1000
FIRST_MS = 20
# Four frames in a row are the shortest vowel; a tone, a hum or a chord keeps its colour longer than any voice.
VOICE_MS = 80
MOVING_PER_CENT = 36
# A vowel may be held for long too, but it ends at once.
HELD_MOVING_PER_CENT, FAST_FALL_DB10 = 20, 120
# Softer than this nobody understands a word, however silent the room.
INAUDIBLE_DB10 = -610
# A voice stands this much above the rest of the sound; little more than noise may be noise, unless it goes on.
FAR_ABOVE_NOISE_DB10 = 60
# Softer than the candidate and hardly above the noise: a class that murmurs.
MURMUR_DB10 = 80
ABOVE_NOISE_DB10 = 30
GOES_ON_PER_CENT = 3
# Under this level an expert strains to hear.
QUIET_DB10 = -405
# Loudest speech less than this above the rest of the sound: words drown. Where little of the sound is voiced, only
# the loudest vowels rose out of the noise, and more is asked of them.
NOISE_MARGIN_DB10 = 118
RARELY_PER_CENT, RARE_MARGIN_DB10 = 10, 30
# Someone else in the room: softer than the candidate's own voice at the sound check, and blurred by reflections, so
# that the level falls slowly after a syllable. Noise hides the fall: then it is compared with what could be seen.
NEIGHBOUR_DROP_DB10 = 90
NEIGHBOUR_MS = 250
SLOW_FALL_DB10 = 135
SLOW_FALL_SHARE = 0.48
MUSIC_MS = 1000
FALLS_SEEN_DB10, NO_FALL_DB10 = 200, 100
# The rarest samples of a voice are at least so much louder than its loud ones; at a ceiling they are not.
FLAT_TOPS_DB10 = 13
LOUD_TOPS_DB10 = -120


@dataclass(frozen=True)
class Judgement:
    """A verdict and the numbers it was made of; levels in dBFS times ten, durations in ms.

    `speech_db10`: level of the loudest tenth of voiced frames; `noise_db10`: of the soft quarter of the rest.
    `floor_db10`: of the softest tenth of all frames. `speech_ms`: voiced speech.
    `moving_per_cent` of the loud voiced frames change colour as speech does.
    `fall_db10`: how fast the level falls within 60 ms after loud speech: near voices fall fast, far ones ring on.
    `tops_db10`: how far the rarest samples stand above the loud ones; `top_db10`: their level.
    `clipped_per_mille`: samples at full scale or on flat tops, in a thousand of speech.
    `still_ms`: for how long the device has given one and the same sample at the end.
    """

    verdict: Verdict = Verdict.no_data
    speech_db10: int = FLOOR_DB10
    noise_db10: int = FLOOR_DB10
    floor_db10: int = FLOOR_DB10
    peak_db10: int = FLOOR_DB10
    clipped_per_mille: int = 0
    speech_ms: int = 0
    total_ms: int = 0
    moving_per_cent: int = 0
    fall_db10: int = 0
    tops_db10: int = 0
    top_db10: int = FLOOR_DB10
    still_ms: int = 0

    @property
    def above_noise_db10(self) -> int:
        """How far the loudest speech stands above the rest of the sound."""
        return self.speech_db10 - self.noise_db10

    @property
    def above_floor_db10(self) -> int:
        """How far the level can fall after the loudest speech."""
        return self.speech_db10 - self.floor_db10


def decide(measured: Judgement, usual_speech_db10: int | None = None, device_matches: bool = True) -> Judgement:
    """The same measures with their verdict.

    `usual_speech_db10`: the candidate's own `speech_db10` from the sound check, where known: without it nobody is
    called a neighbour. `device_matches`: False when the sound came from another device, or the device was lost.
    """
    return replace(measured, verdict=_find_verdict(measured, usual_speech_db10, device_matches))


def _find_verdict(measured: Judgement, usual_speech_db10: int | None, device_matches: bool) -> Verdict:
    if not measured.total_ms:
        return Verdict.no_data
    if not device_matches or is_dead(measured):
        return Verdict.wrong_device
    if not has_speech(measured):
        return Verdict.noisy if drowns_speech(measured, usual_speech_db10) else Verdict.silent
    if usual_speech_db10 is not None and measured.speech_db10 < usual_speech_db10 - NEIGHBOUR_DROP_DB10:
        if measured.above_noise_db10 < MURMUR_DB10:
            return Verdict.silent
        if sounds_far(measured):
            return Verdict.neighbour
    return Verdict.silent if is_music(measured) else _judge_speech(measured)


def drowns_speech(measured: Judgement, usual_speech_db10: int | None) -> bool:
    """Whether the candidate's usual voice would not have been heard in this noise."""
    return usual_speech_db10 is not None and usual_speech_db10 - measured.noise_db10 < NOISE_MARGIN_DB10


def is_dead(measured: Judgement) -> bool:
    """Whether the device gave nothing but one sample, or so for its last seconds."""
    is_all_still = measured.still_ms >= measured.total_ms - FIRST_MS
    return measured.still_ms >= (STILL_PIECE_MS if is_all_still else STILL_MS)


def has_speech(measured: Judgement) -> bool:
    """Whether somebody was heard to speak at all."""
    if measured.speech_ms < VOICE_MS or measured.speech_db10 < INAUDIBLE_DB10 or not moves(measured):
        return False
    goes_on = measured.speech_ms * 100 >= measured.total_ms * GOES_ON_PER_CENT
    return measured.above_noise_db10 >= (ABOVE_NOISE_DB10 if goes_on else FAR_ABOVE_NOISE_DB10)


def moves(measured: Judgement) -> bool:
    """Whether the sound changes as speech does, and not as a hum or an instrument."""
    is_held = measured.fall_db10 >= FAST_FALL_DB10
    return measured.moving_per_cent >= (HELD_MOVING_PER_CENT if is_held else MOVING_PER_CENT)


def is_music(measured: Judgement) -> bool:
    """Whether the level never falls as it does at the end of syllables, although it could."""
    could_fall = measured.speech_ms >= MUSIC_MS and measured.above_floor_db10 >= FALLS_SEEN_DB10
    return could_fall and measured.fall_db10 < NO_FALL_DB10


def sounds_far(measured: Judgement) -> bool:
    """Whether the voice rings on as one does that crossed the room."""
    if measured.speech_ms < NEIGHBOUR_MS:
        return False
    return measured.fall_db10 < min(SLOW_FALL_DB10, measured.above_floor_db10 * SLOW_FALL_SHARE)


def is_drowned(measured: Judgement) -> bool:
    """Whether the loudest speech hardly rises out of the noise."""
    is_rare = measured.speech_ms * 100 < measured.total_ms * RARELY_PER_CENT
    return measured.above_noise_db10 < NOISE_MARGIN_DB10 + (RARE_MARGIN_DB10 if is_rare else 0)


def _judge_speech(measured: Judgement) -> Verdict:
    if measured.speech_db10 < QUIET_DB10:
        return Verdict.too_quiet
    if is_drowned(measured):
        return Verdict.noisy
    if measured.top_db10 >= LOUD_TOPS_DB10 and measured.tops_db10 <= FLAT_TOPS_DB10:
        return Verdict.clipped
    return Verdict.heard
