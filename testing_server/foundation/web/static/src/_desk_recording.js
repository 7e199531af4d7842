// One recording: its sound through equal loudness, its speed without change of pitch, its silence left out. Prepared
// before it is shown, so that the next answer sounds at once.
import {get} from "./_desk_server.js";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
// a jump over silence lands a little before the voice: the stretches have margins of their own
const LOOK_MS = 40;
let context = null;
let limiter = null;

// What is turned up must not crack: peaks are held under full scale.
function findOutput() {
  if (!context) {
    context = new AudioContext({latencyHint: "interactive"});
    limiter = new DynamicsCompressorNode(context, {threshold: -3, knee: 0, ratio: 20, attack: 0.003, release: 0.1});
    limiter.connect(context.destination);
  }
  return limiter;
}

export class Recording {
  #gain;
  #timer = 0;
  #address = "";
  speech = null;
  skipsSilence = false;

  // `ahead`: fetched whole, so that it sounds at once and without the network; else heard while it comes, by ranges
  constructor(found, ahead) {
    this.sha256 = found.sha256;
    this.seconds = found.seconds;
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.audio.preservesPitch = true;
    this.#gain = new GainNode(findOutput().context);
    findOutput().context.createMediaElementSource(this.audio).connect(this.#gain).connect(findOutput());
    this.measured = this.#measure();
    this.loaded = this.#load(`/marking/recordings/${this.sha256}`, ahead);
    this.audio.addEventListener("play", () => this.#watch());
    this.audio.addEventListener("pause", () => window.clearInterval(this.#timer));
  }

  get isPlaying() {
    return !this.audio.paused;
  }

  get atMs() {
    return Math.round(this.audio.currentTime * 1000);
  }

  get durationMs() {
    return this.listening?.duration_ms ?? this.seconds * 1000;
  }

  async play() {
    if (context.state !== "running") await context.resume();
    if (this.audio.ended) this.audio.currentTime = 0;
    await this.audio.play().catch(() => {});
  }

  pause() {
    this.audio.pause();
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.play();
  }

  seek(ms) {
    this.audio.currentTime = Math.max(0, Math.min(ms, this.durationMs)) / 1000;
  }

  set speed(value) {
    this.audio.playbackRate = value;
    this.audio.defaultPlaybackRate = value;
  }

  destroy() {
    window.clearInterval(this.#timer);
    this.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.#gain.disconnect();
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.isGone = true;
  }

  async #load(address, ahead) {
    const reply = ahead ? await fetch(address).catch(() => null) : null;
    if (reply?.ok) this.#address = URL.createObjectURL(await reply.blob());
    if (this.isGone) return;
    this.audio.src = this.#address || address;
  }

  async #measure() {
    this.listening = await get(`/v1/marking/listening/${this.sha256}`);
    if (!this.listening) return null;
    this.speech = this.listening.speech;
    this.peaks = Float32Array.from(atob(this.listening.peaks), (letter) => letter.charCodeAt(0) / 255);
    this.#gain.gain.value = 10 ** (this.listening.gain_db10 / 200);
    return this.listening;
  }

  #watch() {
    window.clearInterval(this.#timer);
    this.#timer = window.setInterval(() => this.skipsSilence && this.#skip(), LOOK_MS);
  }

  // silence at the end ends the playing; a recording without any speech is heard as it is
  #skip() {
    const now = this.atMs;
    if (!this.speech?.length || this.audio.seeking || this.speech.some(([from, to]) => from <= now && now < to)) return;
    const next = this.speech.find(([from]) => from > now);
    if (next) this.seek(next[0]);
    else {
      this.pause();
      this.seek(this.durationMs);
    }
  }
}
