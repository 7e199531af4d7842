// How loud the page plays: the candidate's own choice, kept by the agent, applied to what sounds now.
import { make, write } from "./dom.js";

const LEAST = 10;
const STEP = 5;
let percent = 100;
const sounding = new Set();

// A sound at the chosen volume, as long as it plays.
export function makeSound(address) {
  const sound = new Audio(address);
  sound.volume = percent / 100;
  sounding.add(sound);
  for (const name of ["ended", "error"]) sound.addEventListener(name, () => sounding.delete(sound));
  return sound;
}

export function playSound(address) {
  const sound = makeSound(address);
  return new Promise((resolve, reject) => {
    sound.addEventListener("ended", resolve);
    sound.addEventListener("error", () => reject(new Error("sound")));
    sound.play().catch(reject);
  });
}

// What the snapshot says: after a reload, a restart, another candidate.
export function takeVolume(chosen) {
  percent = chosen ?? 100;
}

let number = 0;

export function makeVolume({ agent, words }) {
  const id = `volume-${number += 1}`;
  const value = make("output", { for: id, class: "volume-value" });
  const slider = make("input", { id, type: "range", min: String(LEAST), max: "100", step: String(STEP) });
  let isHeld = false;
  const apply = (chosen) => {
    percent = chosen;
    write(value, `${chosen} %`);
    for (const sound of sounding) sound.volume = chosen / 100;
  };
  slider.addEventListener("input", () => { isHeld = true; apply(Number(slider.value)); });
  slider.addEventListener("change", async () => {
    await agent.act("set_volume", { percent: Number(slider.value) }).catch(() => undefined);
    isHeld = false;
  });
  slider.value = String(percent);
  apply(percent);
  return {
    element: make("div", { class: "volume" }, make("label", { for: id }, words.volume), slider, value),
    update({ volume }) {
      if (isHeld || volume === undefined || Number(slider.value) === volume) return;
      slider.value = String(volume);
      apply(volume);
    },
  };
}
