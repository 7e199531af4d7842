// The picture of a recording: speech tall and dark, silence faint, and the places where somebody marked or remarked.
import WaveSurfer from "wavesurfer.js";
import {make} from "./_desk_dom.js";

const BAR = 3;

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

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {speech: read("--ink"), silence: read("--line"), accent: read("--accent")};
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

  // `pins`: {ms, label, title, whose}; a press plays from a little before
  showPins(pins, onPress) {
    this.#pins.replaceChildren(...pins.map((pin) => {
      const button = make("button", {type: "button", class: `desk-pin desk-pin-${pin.whose}`, title: pin.title,
        "aria-label": pin.title}, pin.label);
      button.style.left = `${100 * pin.ms / Math.max(1, this.recording.durationMs)}%`;
      button.addEventListener("click", () => onPress(pin));
      return button;
    }));
  }

  // the picture goes, the sound is its owner's
  destroy() {
    this.#surfer.destroy();
  }
}
