"""What comes out of the browser's loudspeaker: a tap before the destination, and measures of what it caught.

Takes a page whose context got `TAP` as an init script. Gives samples, levels in dB, pitch in Hz.
"""
from __future__ import annotations

import base64

import numpy
from playwright.sync_api import Page

# everything that is connected to the loudspeaker is written down as well
TAP = """
const connect = AudioNode.prototype.connect;
window.caught = [];
AudioNode.prototype.connect = function (target, ...rest) {
  if (target === this.context.destination && !this.context.hasTap) {
    this.context.hasTap = true;
    window.rate = this.context.sampleRate;
    const tap = this.context.createScriptProcessor(512, 1, 1);
    tap.onaudioprocess = ({inputBuffer}) => {
      const samples = inputBuffer.getChannelData(0);
      window.caught.push(Int16Array.from(samples, (one) => Math.max(-1, Math.min(1, one)) * 32767));
      if (!window.soundAt && samples.some((one) => Math.abs(one) > 0.003)) window.soundAt = performance.now();
    };
    connect.call(this, tap);
    connect.call(tap, target);
  }
  return connect.call(this, target, ...rest);
};
window.takeCaught = () => {
  const whole = new Blob(window.caught);
  window.caught = [];
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.readAsDataURL(whole);
  });
};
"""


def take_caught(page: Page) -> numpy.ndarray:
    """Samples heard since the last time, -1 to 1."""
    return numpy.frombuffer(base64.b64decode(page.evaluate("() => window.takeCaught()")), dtype="<i2") / 32768


def play_whole(page: Page) -> numpy.ndarray:
    """Presses the space bar and waits until the recording is over; gives what was heard."""
    page.evaluate("() => { window.played.length = 0; }")
    take_caught(page)
    page.keyboard.press("Space")
    page.wait_for_function("() => window.played.length && (window.played[0].ended || window.played[0].currentTime"
                           " >= window.played[0].duration - 0.05) && window.played[0].paused", timeout=60_000)
    return take_caught(page)


def measure_loudness(heard: numpy.ndarray) -> float:
    """Level in dB of the loudest vowels: ten frames of 20 ms, the very loudest two left out.

    Not a mean of all: a busy machine tears holes into what is played, and they must not count as softness.
    """
    frames = heard[:len(heard) // 960 * 960].reshape(-1, 960)
    power = numpy.sort(numpy.mean(frames ** 2, axis=1))
    return float(10 * numpy.log10(numpy.mean(power[-12:-2])))


def measure_pitch(heard: numpy.ndarray, rate: float) -> float:
    """The strongest tone in Hz."""
    spectrum = numpy.abs(numpy.fft.rfft(heard * numpy.hanning(len(heard))))
    return float(numpy.argmax(spectrum) * rate / len(heard))


def measure_sounding(heard: numpy.ndarray, rate: float) -> float:
    """Seconds in which something sounds, counted by hundredths: holes that a busy machine tears are no sound."""
    width = int(rate // 100)
    pieces = heard[:len(heard) // width * width].reshape(-1, width)
    return float(numpy.count_nonzero(numpy.abs(pieces).max(axis=1) > 0.003) / 100)


def find_longest_silence(heard: numpy.ndarray, rate: float) -> float:
    """Seconds of the longest silence between sounds."""
    loud = numpy.flatnonzero(numpy.abs(heard) > 0.003)
    return float(numpy.diff(loud).max() / rate) if len(loud) > 1 else 0.0
