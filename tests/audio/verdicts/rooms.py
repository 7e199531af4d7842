"""A room between a mouth and a microphone: takes a dry wave and a distance, gives what arrives, as loud as before."""

import numpy as np

from tests.audio.verdicts.voices import RATE, Wave, measure_loudest_db

# Where direct and reflected sound are equally strong: about a metre in a classroom of 180 m³ that rings for 0.6 s.
CRITICAL_DISTANCE_M = 1.0
FAR_M = 1.0


def put_in_room(wave: Wave, distance_m: float, chance: np.random.Generator) -> Wave:
    """Reflections grow with distance; from a metre on the treble is lost too, as a headset turns away from others."""
    rings_s = chance.uniform(0.35, 0.8)
    heard = convolve(wave, _make_response(distance_m, rings_s, chance))
    if distance_m >= FAR_M:
        heard = _lose_treble(heard, chance.uniform(2500, 5000))
    return heard / 10 ** (measure_loudest_db(heard) / 20)


def convolve(wave: Wave, response: Wave) -> Wave:
    length = len(wave) + len(response) - 1
    size = 1 << length.bit_length()
    product: Wave = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(response, size), size)
    return product[:length]


def _make_response(distance_m: float, rings_s: float, chance: np.random.Generator) -> Wave:
    times = np.arange(int(rings_s * RATE)) / RATE
    tail = chance.normal(0, 1, len(times)) * 10 ** (-3 * times / rings_s)
    tail[:int(0.004 * RATE)] = 0
    response = tail / np.sqrt(np.sum(tail * tail)) * distance_m / CRITICAL_DISTANCE_M
    response[0] = 1.0
    return response


def _lose_treble(wave: Wave, hertz: float) -> Wave:
    spectrum = np.fft.rfft(wave)
    ratio = np.fft.rfftfreq(len(wave), 1 / RATE) / hertz
    return np.fft.irfft(spectrum / np.sqrt(1 + ratio ** 4), len(wave))
