// Sound on the desk: the recordings of the answer in hand, one row of buttons for all, and those of the next answer kept
// ready. Nothing of an answer goes on sounding after clear().
import {clock, make} from "./_desk_dom.js";
import {Recording, SPEEDS} from "./_desk_recording.js";
import {Wave} from "./_desk_wave.js";

const BACK_S = 3;
// somebody who wants to hear a place again wants to hear what led to it
const LEAD_MS = 1500;
const HABITS = "desk-habits";

function readHabits() {
  return {speed: 1, skipsSilence: false, startsAtOnce: false, ...JSON.parse(localStorage.getItem(HABITS) ?? "{}")};
}

export class Sound {
  #texts;
  #habits = readHabits();
  #ready = new Map();
  #recordings = [];
  #waves = new Map();
  #current = null;
  #bar;
  onPlace = () => [];

  constructor(texts) {
    this.#texts = texts;
    this.#bar = this.#makeBar();
  }

  // the recordings of answers that will come, so that they sound at once
  prepare(recordings) {
    for (const found of recordings) {
      if (!this.#ready.has(found.sha256)) this.#ready.set(found.sha256, new Recording(found, true));
    }
  }

  show(root, recordings) {
    this.#recordings = recordings.map((found) => this.#take(found));
    this.#current = this.#recordings[0] ?? null;
    if (!this.#current) return;
    this.#recordings.forEach((recording, index) => this.#showRecording(root, recording, index));
    root.append(this.#bar.box);
    this.#apply();
    if (this.#habits.startsAtOnce) this.#current.play();
  }

  clear() {
    for (const wave of this.#waves.values()) wave.destroy();
    for (const recording of this.#recordings) recording.destroy();
    this.#waves.clear();
    this.#recordings = [];
    this.#current = null;
  }

  get isHere() {
    return Boolean(this.#current);
  }

  // {recording, at_ms} of this moment, null where there is no sound
  get moment() {
    return this.#current ? {recording: this.#current.sha256, at_ms: this.#current.atMs} : null;
  }

  toggle() {
    this.#recordings.filter((one) => one !== this.#current).forEach((one) => one.pause());
    this.#current?.toggle();
  }

  pause() {
    this.#recordings.forEach((one) => one.pause());
  }

  jump(seconds) {
    this.#current?.seek(this.#current.atMs + seconds * 1000);
  }

  changeSpeed(step) {
    const place = SPEEDS.indexOf(this.#habits.speed) + step;
    this.#habits.speed = SPEEDS[Math.max(0, Math.min(place, SPEEDS.length - 1))];
    this.#apply();
  }

  toggleHabit(name) {
    this.#habits[name] = !this.#habits[name];
    this.#apply();
  }

  // plays from a little before a place of a recording; of the one in hand where the place names none
  hear({recording, at_ms: ms}) {
    const wanted = this.#recordings.find((one) => one.sha256 === recording) ?? this.#current;
    if (!wanted) return;
    this.pause();
    this.#choose(wanted);
    wanted.seek(ms - LEAD_MS);
    wanted.play();
  }

  // `pins`: [{recording, at_ms, label, title, whose}]
  showPins(pins) {
    for (const [recording, wave] of this.#waves) {
      const own = pins.filter((pin) => (pin.recording ?? this.#recordings[0].sha256) === recording.sha256);
      wave.showPins(own.map((pin) => ({...pin, ms: pin.at_ms})), (pin) => this.hear(pin));
    }
  }

  #take(found) {
    const ready = this.#ready.get(found.sha256);
    this.#ready.delete(found.sha256);
    return ready ?? new Recording(found, false);
  }

  #choose(recording) {
    this.#current = recording;
    for (const [one, wave] of this.#waves) wave.box.classList.toggle("desk-wave-current", one === recording);
    this.#tick();
  }

  #showRecording(root, recording, index) {
    const title = this.#recordings.length > 1
      ? make("p", {class: "desk-recording-title"}, `${this.#texts.textRecording} ${index + 1}`) : "";
    const box = make("div", {class: "desk-recording", "data-sha256": recording.sha256}, title);
    root.append(box);
    this.#listen(recording);
    recording.measured.then((measured) => {
      if (recording.isGone) return;
      if (!measured) {
        box.append(make("p", {class: "desk-no-wave"}, this.#texts.textNoWave));
        return;
      }
      const wave = new Wave(box, recording, this.#texts.nonce);
      this.#waves.set(recording, wave);
      wave.box.addEventListener("pointerdown", () => this.#choose(recording));
      box.setAttribute("data-ready", "yes");
      this.#choose(this.#current);
      this.showPins(this.onPlace());
    });
  }

  #listen(recording) {
    for (const name of ["play", "pause", "ended", "timeupdate", "seeked", "loadedmetadata"]) {
      recording.audio.addEventListener(name, () => this.#tick());
    }
    recording.audio.addEventListener("error", () => {
      if (!recording.isGone) this.#bar.time.textContent = this.#texts.textNoSound;
    });
  }

  #tick() {
    if (!this.#current) return;
    const label = this.#current.isPlaying ? this.#texts.textPause : this.#texts.textPlay;
    if (this.#bar.play.textContent !== label) this.#bar.play.textContent = label;
    this.#bar.time.textContent = `${clock(this.#current.atMs)} / ${clock(this.#current.durationMs)}`;
  }

  #apply() {
    localStorage.setItem(HABITS, JSON.stringify(this.#habits));
    for (const recording of this.#recordings) {
      recording.speed = this.#habits.speed;
      recording.skipsSilence = this.#habits.skipsSilence;
    }
    this.#bar.speed.textContent = `${String(this.#habits.speed).replace(".", ",")}×`;
    this.#bar.skip.setAttribute("aria-pressed", String(this.#habits.skipsSilence));
    this.#bar.atOnce.setAttribute("aria-pressed", String(this.#habits.startsAtOnce));
    this.#tick();
  }

  #makeBar() {
    const texts = this.#texts;
    const button = (name, label, act, title = "") => {
      const made = make("button", {type: "button", class: `desk-${name}`, ...(title ? {title, "aria-label": title} : {})}, label);
      made.addEventListener("click", act);
      return made;
    };
    const bar = {
      play: button("play", texts.textPlay, () => this.toggle()),
      back: button("back", `−${BACK_S} ${texts.textSeconds}`, () => this.jump(-BACK_S), `−${BACK_S} ${texts.textSeconds}, ${texts.textBack}`),
      slower: button("slower", "−", () => this.changeSpeed(-1), texts.textSlower),
      speed: make("span", {class: "desk-speed", role: "status", title: texts.textSpeed}),
      faster: button("faster", "+", () => this.changeSpeed(1), texts.textFaster),
      skip: button("skip", texts.textSkip, () => this.toggleHabit("skipsSilence")),
      atOnce: button("at-once", texts.textAtOnce, () => this.toggleHabit("startsAtOnce")),
      time: make("span", {class: "desk-time"}),
    };
    bar.box = make("div", {class: "desk-player", role: "group", "aria-label": texts.textPlayer}, ...Object.values(bar));
    return bar;
  }
}
