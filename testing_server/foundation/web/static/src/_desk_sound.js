// Sound on the desk: a waveform for each recording of the answer. Nothing of it goes on sounding after stop().
import WaveSurfer from "wavesurfer.js";

const SPEEDS = [1, 1.25, 1.5, 0.75];

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export class Sound {
  #texts;
  #players = [];

  constructor(texts) {
    this.#texts = texts;
  }

  show(root, recordings) {
    recordings.forEach((recording, index) => {
      const title = recordings.length > 1 ? `${this.#texts.textRecording} ${index + 1}` : "";
      root.append(this.#showRecording(recording, title));
    });
  }

  stop() {
    this.#players.forEach((player) => { player.pause(); player.destroy(); });
    this.#players = [];
  }

  toggle() {
    const player = this.#current();
    this.#players.filter((one) => one !== player).forEach((one) => one.pause());
    player?.playPause();
  }

  jump(seconds) {
    const player = this.#current();
    player?.setTime(Math.min(player.getDuration(), Math.max(0, player.getCurrentTime() + seconds)));
  }

  // milliseconds of the recording at this moment, null where there is none
  momentMs() {
    const player = this.#current();
    return player ? Math.round(player.getCurrentTime() * 1000) : null;
  }

  #current() {
    return this.#players.find((player) => player.isPlaying()) ?? this.#players[0];
  }

  #showRecording(recording, title) {
    const wave = make("div", {class: "desk-wave"});
    const button = make("button", {type: "button", class: "desk-play"}, this.#texts.textPlay);
    const speed = make("button", {type: "button", class: "desk-speed"}, `${this.#texts.textSpeed} 1×`);
    const time = make("span", {class: "desk-time"}, `0:00 / ${clock(recording.seconds)}`);
    const box = make("div", {class: "desk-recording"}, title, wave, make("p", {class: "desk-player"}, button, speed, time));
    const player = this.#makePlayer(wave, recording);
    player.on("play", () => { button.textContent = this.#texts.textPause; });
    player.on("pause", () => { button.textContent = this.#texts.textPlay; });
    player.on("timeupdate", (now) => { time.textContent = `${clock(now)} / ${clock(player.getDuration())}`; });
    player.on("ready", () => box.setAttribute("data-ready", "yes"));
    player.on("error", () => { time.textContent = this.#texts.textNoSound; });
    button.addEventListener("click", () => player.playPause());
    speed.addEventListener("click", () => {
      const next = SPEEDS[(SPEEDS.indexOf(player.getPlaybackRate()) + 1) % SPEEDS.length];
      player.setPlaybackRate(next, true);
      speed.textContent = `${this.#texts.textSpeed} ${next}×`;
    });
    this.#players.push(player);
    return box;
  }

  #makePlayer(wave, recording) {
    const colours = getComputedStyle(document.documentElement);
    return WaveSurfer.create({
      container: wave, url: `/marking/recordings/${recording.sha256}`, height: 80, normalize: true, dragToSeek: true,
      waveColor: colours.getPropertyValue("--faint"), progressColor: colours.getPropertyValue("--accent"),
      cursorColor: colours.getPropertyValue("--ink"), cursorWidth: 2, cspNonce: this.#texts.nonce,
    });
  }
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
