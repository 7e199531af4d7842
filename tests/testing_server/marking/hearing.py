"""What comes out of the browser's loudspeaker: a tap before the destination, and measures of what it caught.

Takes a page whose context got `TAP` as an init script, from a server that gives `WORKLET` at `WORKLET_PATH`. Gives
samples, levels in dB, pitches in Hz. The tap is part of the graph of sound: it gets every sample in its turn, however
late a busy machine is, so all measures are of the sound and none of the clock.
"""
from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy
from playwright.sync_api import Page

WORKLET_PATH = "/tap-of-the-tests.js"
WORKLET = """
registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.caught = [];
    this.port.onmessage = () => {
      const whole = new Int16Array(this.caught.length * 128);
      this.caught.forEach((block, number) => whole.set(block, number * 128));
      this.caught = [];
      this.port.postMessage(whole, [whole.buffer]);
    };
  }
  process([[samples = new Float32Array(128)]]) {
    this.caught.push(Int16Array.from(samples, (one) => Math.max(-1, Math.min(1, one)) * 32767));
    if (samples.some((one) => Math.abs(one) > 0.003)) this.port.postMessage("sound");
    return true;
  }
});
"""
# everything that is connected to the loudspeaker is written down as well
TAP = """
const connect = AudioNode.prototype.connect;
let tap = null;
let tell = () => {};
AudioNode.prototype.connect = function (target, ...rest) {
  if (target === this.context.destination && !this.context.hasTap) {
    this.context.hasTap = true;
    window.rate = this.context.sampleRate;
    this.context.audioWorklet.addModule("%s").then(() => {
      tap = new AudioWorkletNode(this.context, "tap", {channelCount: 1, channelCountMode: "explicit"});
      tap.port.onmessage = ({data}) => {
        if (data !== "sound") tell(data);
        else if (!window.soundAt) window.soundAt = performance.now();
      };
      connect.call(this, tap);
      connect.call(tap, target);
      window.isTapped = true;
    });
  }
  return connect.call(this, target, ...rest);
};
window.takeCaught = async () => {
  const samples = await new Promise((resolve) => { tell = resolve; tap.port.postMessage("take"); });
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
    reader.readAsDataURL(new Blob([samples]));
  });
};
""" % WORKLET_PATH


def take_caught(page: Page) -> numpy.ndarray:
    """Samples heard since the last time, -1 to 1."""
    return numpy.frombuffer(base64.b64decode(page.evaluate("() => window.takeCaught()")), dtype="<i2") / 32768


def play_whole(page: Page) -> numpy.ndarray:
    """Presses the space bar and waits until the recording is over; gives what was heard."""
    page.wait_for_function("() => window.isTapped")
    page.evaluate("() => { window.played.length = 0; }")
    # the graph sleeps until something is played for the first time: then nothing was caught
    if page.evaluate("() => window.wasPlayed"):
        take_caught(page)
    page.keyboard.press("Space")
    page.wait_for_function("() => window.played.length && (window.played[0].ended || window.played[0].currentTime"
                           " >= window.played[0].duration - 0.05) && window.played[0].paused", timeout=60_000)
    page.evaluate("() => { window.wasPlayed = true; }")
    return take_caught(page)


def list_played(page: Page) -> list[tuple[float, float]]:
    """Stretches of the recording that were played, in its own seconds: however long a leap between them took."""
    found = page.evaluate("() => { const {played} = window.played[0];"
                          " return [...Array(played.length).keys()].map("
                          "(place) => [played.start(place), played.end(place)]); }")
    return [(start, end) for start, end in found]


def measure_loudness(heard: numpy.ndarray) -> float:
    """Level in dB of the loud frames of 20 ms: pauses do not count."""
    frames = heard[:len(heard) // 960 * 960].reshape(-1, 960)
    power = numpy.mean(frames ** 2, axis=1)
    return float(10 * numpy.log10(numpy.mean(power[power >= power.max() / 100])))


def follow_pitch(heard: numpy.ndarray, rate: float, hop_s: float = 0.005, width_s: float = 0.04) -> numpy.ndarray:
    """The strongest tone in Hz of each stretch of `width_s`, every `hop_s`; 0 where nothing sounds."""
    width, hop = int(width_s * rate), int(hop_s * rate)
    window, found = numpy.hanning(width), []
    for start in range(0, len(heard) - width, hop):
        piece = heard[start:start + width]
        if numpy.sqrt(numpy.mean(piece ** 2)) < 0.01:
            found.append(0.0)
            continue
        spectrum = numpy.log(numpy.abs(numpy.fft.rfft(piece * window, 8 * width)) + 1e-12)
        peak = int(numpy.clip(numpy.argmax(spectrum), 1, len(spectrum) - 2))
        left, middle, right = spectrum[peak - 1:peak + 2]
        found.append((peak + 0.5 * (left - right) / (left - 2 * middle + right)) * rate / (8 * width))
    return numpy.array(found)


def time_steps(pitches: numpy.ndarray, steps: Sequence[float], hop_s: float = 0.005) -> float:
    """Seconds from the middle of a step of a ladder of tones to that of the next: the middle one of all."""
    places = [numpy.flatnonzero(numpy.abs(pitches / step - 1) < 0.02) for step in steps]
    middles = [hop_s * float(numpy.median(one)) for one in places if len(one)]
    return float(numpy.median(numpy.diff(middles)))


def measure_sounding(heard: numpy.ndarray, rate: float) -> float:
    """Seconds in which something sounds, counted by hundredths."""
    width = int(rate // 100)
    pieces = heard[:len(heard) // width * width].reshape(-1, width)
    return float(numpy.count_nonzero(numpy.abs(pieces).max(axis=1) > 0.02) / 100)
