// The picture of a recording: speech tall and dark, silence faint, and the places where somebody marked or remarked.
import WaveSurfer from "wavesurfer.js";
import {make} from "./_desk_dom.js";

const BAR = 3;
// whose pins hang in which row, the upper one first
const ROWS = ["other-1", "other-2", "own"];
// a sign of a pin and what stands around its signs, in pixels
const SIGN = 7.5;
const AROUND = 12;

function isSpeech(recording, ms) {
  return (recording.speech ?? []).some(([from, to]) => from <= ms && ms < to);
}

// bars of the loudest moment under each, coloured by what the server measured: no guess of the eye
function drawBars(recording, colours, peaks, canvas) {
  const {width, height} = canvas.canvas;
  const bar = BAR * window.devicePixelRatio;
  const count = Math.max(1, Math.floor(width / bar));
  const loudest = peaks.reduce((most, one) => Math.max(most, one), 0.01);
  for (let place = 0; place < count; place += 1) {
    const from = Math.floor(place * peaks.length / count);
    const to = Math.max(from + 1, Math.floor((place + 1) * peaks.length / count));
    const peak = peaks.subarray(from, to).reduce((most, one) => Math.max(most, one), 0) / loudest;
    const spoken = isSpeech(recording, (place + 0.5) / count * recording.durationMs);
    canvas.fillStyle = spoken ? colours.speech : colours.silence;
    const tall = Math.max(2, peak * height * 0.92);
    canvas.fillRect(place * bar, (height - tall) / 2, bar * 0.66, tall);
  }
}

// Pins of one row; those that would cover each other become one, which bears the names of all and plays from the first.
// `perMs`: pixels of a millisecond. → [{pin, label, title, left}], none beyond the right end of `width`
function joinPins(pins, width, perMs) {
  const found = [];
  for (const pin of [...pins].sort((one, other) => one.ms - other.ms)) {
    const last = found.at(-1);
    if (last && pin.ms * perMs < last.left + measure(last.label) + 2) {
      last.label += ` ${pin.label}`;
      last.title += `; ${pin.title}`;
    } else found.push({pin, label: pin.label, title: pin.title, left: pin.ms * perMs});
  }
  for (const one of found) one.left = Math.max(0, Math.min(one.left, width - measure(one.label)));
  return found;
}

function measure(label) {
  return label.length * SIGN + AROUND;
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {speech: read("--ink"), silence: read("--line"), accent: read("--accent")};
}

function drawLine(pin, row, left) {
  const line = make("i", {class: `desk-pin-line desk-pin-${pin.whose}`});
  line.style.left = `${left}px`;
  line.style.setProperty("--pin-row", row);
  return line;
}

function drawPin({pin, label, title, left}, row, onPress) {
  const button = make("button", {type: "button", class: `desk-pin desk-pin-${pin.whose}`, title, "aria-label": title}, label);
  button.style.left = `${left}px`;
  button.style.setProperty("--pin-row", row);
  button.addEventListener("click", () => onPress(pin));
  return button;
}

export class Wave {
  #surfer;
  #pins;

  constructor(root, recording, nonce) {
    const colours = readColours();
    this.recording = recording;
    this.#pins = make("div", {class: "desk-pins"});
    this.box = make("div", {class: "desk-wave"}, this.#pins);
    root.append(this.box);
    this.#surfer = WaveSurfer.create({
      container: this.box, media: recording.audio, peaks: [recording.peaks], duration: recording.durationMs / 1000,
      height: 72, dragToSeek: true, cursorColor: colours.accent, cursorWidth: 2, progressColor: colours.accent,
      waveColor: colours.speech, cspNonce: nonce,
      renderFunction: (channels, canvas) => drawBars(recording, colours, recording.peaks, canvas),
    });
  }

  // `pins`: {ms, label, title, whose}; a press plays from a little before. Every expert has a row of pins, every pin its
  // line on the picture.
  showPins(pins, onPress) {
    const width = this.box.clientWidth;
    const perMs = width / Math.max(1, this.recording.durationMs);
    const rows = ROWS.filter((whose) => pins.some((pin) => pin.whose === whose));
    this.box.style.setProperty("--pin-rows", rows.length || 1);
    this.#pins.replaceChildren(...rows.flatMap((whose, row) => {
      const own = pins.filter((pin) => pin.whose === whose);
      return [...own.map((pin) => drawLine(pin, row, pin.ms * perMs)),
        ...joinPins(own, width, perMs).map((one) => drawPin(one, row, onPress))];
    }));
  }

  // the picture goes, the sound is its owner's
  destroy() {
    this.#surfer.destroy();
  }
}
