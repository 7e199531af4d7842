"""From a recipe to the clip: mixing, overdriving, what devices do to sound; the same recipe gives the same samples."""

from dataclasses import dataclass

import numpy as np
import soxr

from audio.levels import Samples
from tests.audio.verdicts.noises import make_noise
from tests.audio.verdicts.recipe import Device, Overdrive, Recipe, Voice
from tests.audio.verdicts.rooms import put_in_room
from tests.audio.verdicts.voices import RATE, Wave, find_spoken, speak

FULL = 32767
LOW_CEILING = 0.5
GATE_DB = -45.0


@dataclass(frozen=True)
class Clip:
    """What a recorder would hand to the judge."""

    samples: Samples
    rate: int
    usual_speech_db10: int | None
    device_matches: bool


def make_clip(recipe: Recipe) -> Clip:
    chance = np.random.default_rng(recipe.seed)
    usual = None if recipe.usual_db is None else round(10 * (recipe.usual_db + chance.uniform(-1.5, 1.5)))
    is_right = recipe.device not in (Device.lost_event, Device.other)
    return Clip(_record(recipe, chance), recipe.rate, usual, is_right)


def _record(recipe: Recipe, chance: np.random.Generator) -> Samples:
    if recipe.device is Device.none:
        return np.zeros(0, dtype=np.int16)
    wave, spoken = _mix(recipe, chance)
    wave = _overdrive(wave, spoken, recipe)
    wave = _disturb(wave, recipe, chance)
    if recipe.overdrive is Overdrive.resampled:
        wave = soxr.resample(soxr.resample(wave, RATE, 44100), 44100, recipe.rate)
    elif recipe.rate != RATE:
        wave = soxr.resample(wave, RATE, recipe.rate)
    return _convert(wave, recipe, chance)


def _mix(recipe: Recipe, chance: np.random.Generator) -> tuple[Wave, Wave]:
    """The sound at the microphone, and the candidate's own voice in it."""
    own = _place(recipe.voice, recipe, chance)
    other = _place(recipe.neighbour, recipe, chance)
    length = max(len(own), len(other), int(recipe.seconds * RATE))
    own, other = np.pad(own, (0, length - len(own))), np.pad(other, (0, length - len(other)))
    wave = own + other
    for noise in recipe.noises:
        wave += make_noise(noise.kind, length, chance) * to_amplitude(noise.level_db)
    return wave, own


def _place(voice: Voice | None, recipe: Recipe, chance: np.random.Generator) -> Wave:
    if voice is None:
        return np.zeros(0)
    heard = put_in_room(speak(voice, recipe.between_s), voice.distance_m, chance)
    around = (int(recipe.before_s * RATE), int(recipe.after_s * RATE))
    return np.pad(heard * to_amplitude(voice.level_db), around)


def _overdrive(wave: Wave, own: Wave, recipe: Recipe) -> Wave:
    """Amplified until the wanted share of spoken samples is over the ceiling, then cut or rounded there."""
    if recipe.overdrive is Overdrive.none:
        return wave
    spoken = np.abs(wave[find_spoken(own)])
    ceiling = LOW_CEILING if recipe.overdrive is Overdrive.low else 1.0
    driven = wave * ceiling / np.quantile(spoken, 1 - recipe.overdriven_per_mille / 1000)
    if recipe.overdrive is Overdrive.soft:
        return np.tanh(driven) * LOW_CEILING
    return np.clip(driven, -ceiling, ceiling)


def _disturb(wave: Wave, recipe: Recipe, chance: np.random.Generator) -> Wave:
    disturbed = wave.copy()
    for _ in range(recipe.pops):
        at, size = int(chance.integers(len(wave) - 200)), int(chance.integers(20, 120))
        disturbed[at:at + size] += chance.choice((-1, 1)) * np.exp(-np.arange(size) / (size / 4)) * 1.2
    for _ in range(recipe.dropouts):
        at, size = int(chance.integers(len(wave))), int(chance.uniform(0.02, 0.12) * RATE)
        disturbed[at:at + size] = 0
    if recipe.device is Device.gated:
        disturbed *= _make_gate(wave)
    return disturbed + recipe.offset


def _make_gate(wave: Wave) -> Wave:
    """1 while it is loud and 200 ms longer, else exactly 0."""
    frames = np.pad(wave, (0, -len(wave) % 480)).reshape(-1, 480)
    loud = 10 * np.log10(np.mean(frames * frames, axis=1) + 1e-12) > GATE_DB
    held = np.convolve(loud, np.ones(11))[:len(loud)] > 0
    return np.repeat(held, 480)[:len(wave)].astype(np.float64)


def _convert(wave: Wave, recipe: Recipe, chance: np.random.Generator) -> Samples:
    dithered = wave * FULL + (chance.random(len(wave)) - chance.random(len(wave)))
    samples = np.clip(np.rint(dithered), -FULL - 1, FULL).astype(np.int16)
    if recipe.device is Device.gated:
        samples[wave == recipe.offset] = 0
    if recipe.device is Device.zero:
        samples[:] = 0
    elif recipe.device is Device.constant:
        samples[:] = round(recipe.offset * FULL)
    elif recipe.device in (Device.lost_zero, Device.lost_event):
        return _lose(samples, recipe, chance)
    return samples


def _lose(samples: Samples, recipe: Recipe, chance: np.random.Generator) -> Samples:
    at = int(chance.uniform(0.3, 0.6) * len(samples))
    if recipe.device is Device.lost_event:
        return samples[:at]
    return np.concatenate((samples[:at], np.zeros(max(len(samples) - at, 4 * recipe.rate), dtype=np.int16)))


def to_amplitude(decibels: float) -> float:
    return float(10 ** (decibels / 20))
