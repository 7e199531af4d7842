// The level bar: how loud it is now, with the zone in which a voice is heard well.
import { make, write } from "./dom.js";

const FLOOR = -600;
const GOOD = [-350, -60];
const WORD_MS = 400;

const place = (dbfs10) => `${Math.round(Math.min(1, Math.max(0, (dbfs10 - FLOOR) / -FLOOR)) * 1000) / 10}%`;

export function makeLevelBar(words) {
  const said = words.level;
  const fill = make("div", { class: "level-fill" });
  const zone = make("div", { class: "level-zone" });
  const word = make("span", { class: "level-word" });
  const bar = make("div", { class: "level-bar", role: "meter", "aria-label": said.name, "aria-valuemin": "-60", "aria-valuemax": "0", "aria-valuenow": "-60" },
    zone, fill);
  zone.style.setProperty("left", place(GOOD[0]));
  zone.style.setProperty("right", `calc(100% - ${place(GOOD[1])})`);
  const element = make("div", { class: "level" }, bar, make("div", { class: "level-foot" }, word, make("span", { class: "level-good-here" }, said.zone)));
  let smooth = FLOOR;
  let worded = 0;
  return {
    element,
    set({ dbfs_x10: level, clipped }) {
      smooth = level > smooth ? level : Math.max(level, smooth - 60);
      fill.style.setProperty("width", place(smooth));
      bar.setAttribute("aria-valuenow", String(Math.round(smooth / 10)));
      if (performance.now() - worded < WORD_MS) return;
      worded = performance.now();
      const kind = clipped || smooth > GOOD[1] ? "loud" : smooth < GOOD[0] ? "quiet" : "good";
      fill.className = `level-fill level-${kind}`;
      write(word, said[kind]);
      bar.setAttribute("aria-valuetext", said[kind]);
    },
  };
}
