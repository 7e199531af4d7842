"""Noises of classrooms and bad cables: takes a kind, a length and chance, gives a wave at 24 kHz at 0 dBFS."""

from collections.abc import Callable

import numpy as np

from tests.audio.verdicts.recipe import Voice
from tests.audio.verdicts.rooms import put_in_room
from tests.audio.verdicts.texts import SENTENCES
from tests.audio.verdicts.voices import RATE, Wave, speak

Chance = np.random.Generator
SPEECH_BAND = (200, 7000)
# Tones and hum are measured whole: almost nothing of 50 Hz lies in the band of speech.
TONAL = frozenset(("hum", "tone", "beeps", "melody", "chord", "siren"))


def make_noise(kind: str, length: int, chance: Chance) -> Wave:
    """Its level is that of the whole for tones and hum, else of the band of speech."""
    wave = KINDS[kind](length, chance)
    measured = wave if kind in TONAL else keep_band(wave, *SPEECH_BAND)
    return wave / np.sqrt(np.mean(measured * measured) + 1e-20)


def keep_band(wave: Wave, low: float, high: float) -> Wave:
    spectrum = np.fft.rfft(wave)
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(spectrum, len(wave))


def tilt(wave: Wave, power: float) -> Wave:
    """Each octave weaker by `power` times 6 dB, from 30 Hz on."""
    spectrum = np.fft.rfft(wave)
    hertz = np.maximum(np.fft.rfftfreq(len(wave), 1 / RATE), 30)
    return np.fft.irfft(spectrum / hertz ** power, len(wave))


def make_white(length: int, chance: Chance) -> Wave:
    return chance.normal(0, 1, length)


def make_pink(length: int, chance: Chance) -> Wave:
    return tilt(make_white(length, chance), 0.5)


def make_hum(length: int, chance: Chance) -> Wave:
    return _add_harmonics(length, 50, [1, 0.4, 0.25, 0.1, 0.06], chance)


def make_buzz(length: int, chance: Chance) -> Wave:
    """A broken shield: harmonics of 50 Hz up to the treble."""
    return _add_harmonics(length, 50, [1 / number for number in range(1, 120)], chance)


def make_rectifier(length: int, chance: Chance) -> Wave:
    """A bad power supply: harmonics of 100 Hz."""
    return _add_harmonics(length, 100, [1 / number ** 0.7 for number in range(1, 40)], chance)


def make_fan(length: int, chance: Chance) -> Wave:
    """A computer's fan: falling noise and the tones of its blades."""
    air = tilt(make_white(length, chance), 0.8)
    blades = _add_harmonics(length, chance.uniform(90, 180), [1, 0.5, 0.3, 0.1], chance)
    return air / air.std() + 0.4 * blades / blades.std()


def make_street(length: int, chance: Chance) -> Wave:
    """Cars that pass: deep noise that swells and fades."""
    seconds = np.arange(length) / RATE
    swell = sum(np.sin(2 * np.pi * (chance.uniform(0.05, 0.4) * seconds + chance.random())) for _ in range(3))
    return tilt(make_white(length, chance), 0.9) * 10 ** (4 * swell / 20)


def make_keyboard(length: int, chance: Chance) -> Wave:
    """Keys struck four to eight times a second: a click, a thump, a click of release."""
    wave = np.zeros(length + RATE)
    at = chance.uniform(0, 0.3)
    while at * RATE < length:
        strength = chance.uniform(0.3, 1)
        _add_click(wave, int(at * RATE), strength, chance)
        _add_click(wave, int((at + chance.uniform(0.05, 0.09)) * RATE), strength / 2, chance)
        at += chance.uniform(0.12, 0.25) if chance.random() < 0.85 else chance.uniform(0.5, 2)
    return wave[:length]


def make_breath(length: int, chance: Chance) -> Wave:
    """Breathing into the microphone: soft bursts of noise."""
    return keep_band(make_white(length, chance), 150, 3500) * _repeat_bursts(length, 0.5, 1.1, chance)


def make_rustle(length: int, chance: Chance) -> Wave:
    """Paper and sleeves: short irregular bursts of bright noise."""
    return keep_band(make_white(length, chance), 800, 9000) * _repeat_bursts(length, 0.08, 0.5, chance)


def make_babble(length: int, chance: Chance) -> Wave:
    """Six people talking far away, in the languages of the school."""
    wave = np.zeros(length)
    for number in range(6):
        language = ("ru", "en", "de", "fr")[int(chance.integers(4))]
        speaker = f"{language}+{('m1', 'm3', 'm7', 'f2', 'f4')[int(chance.integers(5))]}"
        said = tuple(SENTENCES[language][int(one)] for one in chance.permutation(len(SENTENCES[language])))
        voice = Voice(speaker, said, 0.0, words_per_minute=int(chance.integers(13, 19)) * 10)
        heard = put_in_room(speak(voice, 0.2), chance.uniform(2, 5), chance)
        wave += np.roll(np.resize(heard, length), int(chance.integers(length)))
    return wave


def make_tone(length: int, chance: Chance) -> Wave:
    return np.sin(2 * np.pi * chance.uniform(200, 2000) * np.arange(length) / RATE)


def make_beeps(length: int, chance: Chance) -> Wave:
    """A device that complains: the same tone on and off."""
    return make_tone(length, chance) * _repeat_bursts(length, 0.2, 0.3, chance)


def make_siren(length: int, chance: Chance) -> Wave:
    """A tone that glides up and down."""
    hertz = 700 + 300 * np.sin(2 * np.pi * chance.uniform(0.2, 1.5) * np.arange(length) / RATE)
    return np.sin(2 * np.pi * np.cumsum(hertz) / RATE)


def make_melody(length: int, chance: Chance) -> Wave:
    """Plucked notes with overtones, two to four a second."""
    wave, at, step = np.zeros(length + 2 * RATE), 0, int(RATE / chance.uniform(2, 4))
    while at < length:
        hertz = 220 * 2 ** (int(chance.choice([0, 2, 4, 7, 9, 12, 14])) / 12)
        note = _add_harmonics(RATE, hertz, [1, 0.5, 0.35, 0.2, 0.1], chance) * np.exp(-np.arange(RATE) / (0.25 * RATE))
        wave[at:at + RATE] += note
        at += step
    return wave[:length]


def make_chord(length: int, chance: Chance) -> Wave:
    """Chords held for a second each, swelling."""
    wave = np.zeros(length)
    for start in range(0, length, RATE):
        root = 130 * 2 ** (int(chance.integers(12)) / 12)
        size = min(RATE, length - start)
        sound = sum(_add_harmonics(size, root * ratio, [1, 0.5, 0.25], chance) for ratio in (1, 1.25, 1.5))
        wave[start:start + size] = sound * np.hanning(size + 2)[1:-1]
    return wave


def _add_harmonics(length: int, hertz: float, strengths: list[float], chance: Chance) -> Wave:
    phase = 2 * np.pi * hertz * np.arange(length) / RATE
    wave = np.zeros(length)
    for number, strength in enumerate(strengths, start=1):
        if hertz * number < RATE / 2:
            wave += strength * np.sin(number * phase + chance.uniform(0, 2 * np.pi))
    return wave


def _add_click(wave: Wave, at: int, strength: float, chance: Chance) -> None:
    length = int(0.02 * RATE)
    times = np.arange(length)
    click = chance.normal(0, 1, length) * np.exp(-times / (0.002 * RATE))
    thump = np.sin(2 * np.pi * 150 * times / RATE) * np.exp(-times / (0.006 * RATE))
    wave[at:at + length] += strength * (click + 0.5 * thump)


def _repeat_bursts(length: int, burst_s: float, pause_s: float, chance: Chance) -> Wave:
    wave, at = np.zeros(length), int(chance.uniform(0, pause_s) * RATE)
    while at < length:
        size = max(2, min(length - at, int(burst_s * chance.uniform(0.6, 1.4) * RATE)))
        wave[at:at + size] = np.hanning(size)[:length - at]
        at += size + int(pause_s * chance.uniform(0.5, 1.5) * RATE)
    return wave


KINDS: dict[str, Callable[[int, Chance], Wave]] = {
    "white": make_white, "pink": make_pink, "hum": make_hum,
    "buzz": make_buzz, "rectifier": make_rectifier, "fan": make_fan,
    "street": make_street, "keyboard": make_keyboard, "breath": make_breath, "rustle": make_rustle,
    "babble": make_babble, "tone": make_tone, "beeps": make_beeps, "siren": make_siren, "melody": make_melody,
    "chord": make_chord,
}
