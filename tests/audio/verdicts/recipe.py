"""What a clip is made of and the label that follows from it; nothing here hears the clip.

Levels are dBFS: of a voice, of the loudest tenth of its 20 ms frames; of a noise, its root mean square between 200 and
7000 Hz (for hum and tones, of the whole). Times are seconds, distances metres.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from audio.verdicts import Verdict

# The limits of the labels, and the width left empty on both sides of each: where two listeners would not agree.
QUIET_DB, QUIET_DOUBT_DB = -42.0, 2.0
INAUDIBLE_DB, INAUDIBLE_DOUBT_DB = -62.0, 4.0
DROWNED_BELOW_DB, DROWNED_DOUBT_DB = 11.0, 3.0
OTHERS_BELOW_DB, OTHERS_DOUBT_DB = 5.0, 8.0
LASTING = frozenset(("white", "pink", "fan", "buzz", "rectifier", "street", "babble", "tone", "siren", "melody"))
OVERDRIVEN_PER_MILLE, OVERDRIVEN_DOUBT = 1.0, 5.0


class Device(StrEnum):
    """What the microphone did."""

    right = "right"
    gated = "gated"  # gives exact silence in pauses, as noise suppression of drivers does
    zero = "zero"
    constant = "constant"
    lost_zero = "lost_zero"  # zeros from some moment on
    lost_event = "lost_event"  # the stream ended; the recorder says so
    other = "other"  # sound of another source; the recorder says so
    none = "none"  # not one sample


DEVICE_TROUBLES = frozenset(
    (Device.zero, Device.constant, Device.lost_zero, Device.lost_event, Device.other)
)


class Overdrive(StrEnum):
    """How the top of the wave was lost."""

    none = "none"
    hard = "hard"  # at full scale
    low = "low"  # at a lower ceiling, before the converter
    resampled = "resampled"  # at full scale, then another rate: the flat tops ripple
    soft = "soft"  # rounded, as in an overloaded amplifier


@dataclass(frozen=True)
class Voice:
    """Who says what, how loud it arrives and from how far."""

    speaker: str
    sentences: tuple[str, ...]
    level_db: float
    distance_m: float = 0.05
    words_per_minute: int = 150
    pitch: int = 50


@dataclass(frozen=True)
class Noise:
    kind: str
    level_db: float


@dataclass(frozen=True)
class Recipe:
    """One clip. `usual_db`: the candidate's level at the sound check; `overdriven_per_mille` of spoken samples."""

    group: str
    seed: int
    rate: int = 24000
    voice: Voice | None = None
    neighbour: Voice | None = None
    noises: tuple[Noise, ...] = ()
    seconds: float = 4.0
    before_s: float = 0.5
    between_s: float = 0.3
    after_s: float = 0.5
    overdrive: Overdrive = Overdrive.none
    overdriven_per_mille: float = 0.0
    pops: int = 0
    dropouts: int = 0
    offset: float = 0.0
    device: Device = Device.right
    usual_db: float | None = None

    @property
    def name(self) -> str:
        """The same for the same recipe, on every machine."""
        content = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def half(self) -> str:
        return "tuning" if int(self.name, 16) % 2 else "test"


def label(recipe: Recipe) -> Verdict:
    """The verdict a careful listener who knows how the clip was made would give; the first rule that fits."""
    if recipe.device is Device.none:
        return Verdict.no_data
    if recipe.device in DEVICE_TROUBLES:
        return Verdict.wrong_device
    return _label_voice(recipe, recipe.voice) if recipe.voice else _label_without_voice(recipe)


def _label_without_voice(recipe: Recipe) -> Verdict:
    if find_neighbour_db(recipe) > INAUDIBLE_DB:
        return Verdict.neighbour
    return Verdict.noisy if find_usual_above_noise(recipe) < DROWNED_BELOW_DB else Verdict.silent


def _label_voice(recipe: Recipe, voice: Voice) -> Verdict:
    if recipe.neighbour and voice.level_db - recipe.neighbour.level_db < OTHERS_BELOW_DB:
        return Verdict.neighbour
    if voice.level_db < QUIET_DB:
        return Verdict.too_quiet
    if voice.level_db - loudest_noise_db(recipe) < DROWNED_BELOW_DB:
        return Verdict.noisy
    return Verdict.clipped if recipe.overdriven_per_mille > OVERDRIVEN_PER_MILLE else Verdict.heard


def is_doubtful(recipe: Recipe) -> bool:
    """Whether a measure of the recipe lies so near a limit that its label would be a matter of taste."""
    if recipe.device in DEVICE_TROUBLES or recipe.device is Device.none:
        return False
    return recipe.voice is None and _is_doubtful_without_voice(recipe) or \
        recipe.voice is not None and _is_doubtful_voice(recipe, recipe.voice)


def _is_doubtful_without_voice(recipe: Recipe) -> bool:
    return (abs(find_neighbour_db(recipe) - INAUDIBLE_DB) < INAUDIBLE_DOUBT_DB
            or abs(find_usual_above_noise(recipe) - DROWNED_BELOW_DB) < DROWNED_DOUBT_DB)


def _is_doubtful_voice(recipe: Recipe, voice: Voice) -> bool:
    share = recipe.overdriven_per_mille
    others = voice.level_db - recipe.neighbour.level_db if recipe.neighbour else 99.0
    above_noise = voice.level_db - loudest_noise_db(recipe)
    return (
        abs(voice.level_db - QUIET_DB) < QUIET_DOUBT_DB
        or abs(above_noise - DROWNED_BELOW_DB) < DROWNED_DOUBT_DB
        or abs(others - OTHERS_BELOW_DB) < OTHERS_DOUBT_DB
        or OVERDRIVEN_PER_MILLE / OVERDRIVEN_DOUBT < share < OVERDRIVEN_PER_MILLE * OVERDRIVEN_DOUBT
    )


def loudest_noise_db(recipe: Recipe) -> float:
    return max((noise.level_db for noise in recipe.noises), default=-99.0)


def find_neighbour_db(recipe: Recipe) -> float:
    """How loud one other person is heard; a class that murmurs is a noise."""
    return recipe.neighbour.level_db if recipe.neighbour else -99.0


def find_usual_above_noise(recipe: Recipe) -> float:
    """How far the candidate's usual voice would stand above the noise that goes on without a pause."""
    lasting = max((noise.level_db for noise in recipe.noises if noise.kind in LASTING), default=-99.0)
    return 99.0 if recipe.usual_db is None else recipe.usual_db - lasting
