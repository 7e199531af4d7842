// Speaking: choose, prepare, speak, after. The ring and the time show what is left; the microphone is the agent's.
import { Countdown, everyQuarter, formatTime } from "./clock.js";
import { draw, make, once, show, write } from "./dom.js";
import { makeLevelBar } from "./level.js";
import { playSound } from "./volume.js";

const RADIUS = 52;
const AROUND = 2 * Math.PI * RADIUS;

export function makeSpeaking(context, item) {
  const { agent, words, walk } = context;
  const said = words.speaking;
  const ring = makeRing();
  const time = make("span", { class: "stage-time", role: "timer" });
  const itself = make("p", { class: "hint", role: "timer", hidden: true });
  const level = makeLevelBar(words);
  const act = (name) => () => walk(() => agent.act(name));
  const checkAgain = once(words.check.before, act("check_again"));
  const parts = {
    choose: make("div", { class: "stage-part" }, make("p", {}, said.plan(item.speaking)), itself,
      make("div", { class: "actions" }, once(said.prepare, act("prepare"), { class: "primary" }), checkAgain)),
    prepare: make("div", { class: "stage-part stage-row" }, ring.element,
      make("div", { class: "stage-words" }, make("h2", {}, said.preparing), make("p", {}, said.soon)),
      item.speaking.early_start && once(said.early, act("speak"), { class: "primary" })),
    speak: make("div", { class: "stage-part stage-row" },
      make("div", { class: "speak-state" }, make("p", { class: "recording-light" }, said.recording), make("p", { class: "speak-time" }, time, " ", said.left)),
      level.element, item.speaking.early_finish && once(`■ ${said.stop}`, act("stop_speaking"), { class: "primary" })),
    opening: make("div", { class: "stage-part" }, make("p", {}, said.opening)),
    after: make("div", { class: "stage-part" }),
  };
  const element = make("section", { class: "stage stage-speaking", "aria-label": said.recording }, Object.values(parts));
  const clock = new Countdown();
  let whole = 1;
  const tick = () => {
    if (!clock.isSet) return;
    ring.set(clock.left() / whole, formatTime(clock.left()));
    write(time, formatTime(clock.left()));
    write(itself, said.itself(formatTime(clock.left())));
  };
  const stopClock = everyQuarter(tick);
  let shown = "";
  return {
    element,
    level: (heard) => level.set(heard),
    update({ work, check }) {
      show(checkAgain, Boolean(check?.may_begin_again));
      whole = work.stage_ms || 1;
      clock.set(work.stage_left_ms, work.rate);
      show(itself, work.stage === "choose" && clock.isSet);
      tick();
      element.classList.toggle("stage-bound", !work.way_on);
      const isOpening = work.stage === "speak" && !work.recording;
      const name = isOpening ? "opening" : work.stage;
      for (const [part, one] of Object.entries(parts)) show(one, part === name && !(isOpening && work.trouble));
      show(element, !(isOpening && work.trouble));
      const key = `${name}:${work.recordings.length}:${work.takes_left}`;
      if (name === "after" && shown !== key) drawAfter(parts.after, context, work);
      // The focus follows the stage, but the text that is to be read stays where it is.
      if (shown && shown.split(":")[0] !== name) element.querySelector(".stage-part:not([hidden]) .primary")?.focus({ preventScroll: true });
      shown = key;
    },
    destroy: stopClock,
  };
}

function drawAfter(root, { agent, words, walk }, work) {
  const said = words.speaking;
  const last = work.recordings.at(-1);
  const seconds = work.recordings.reduce((sum, one) => sum + one.seconds, 0);
  const listen = () => playSound(last.address).catch(() => undefined);
  root.replaceChildren(...[
    make("h2", {}, said.after),
    last && make("p", { class: `verdict verdict-${last.verdict}`, role: "status" }, words.verdicts[last.verdict] ?? ""),
    make("p", { class: "hint" }, said.seconds(seconds)),
    make("div", { class: "actions" }, last?.address && once(`▶ ${said.playback}`, listen),
      work.takes_left > 0 && once(said.again, () => walk(() => agent.act("speak_again")))),
  ].filter(Boolean));
}

function makeRing() {
  const text = draw("text", { x: 60, y: 68, "text-anchor": "middle", class: "ring-text" });
  const left = draw("circle", { cx: 60, cy: 60, r: RADIUS, class: "ring-left", "stroke-dasharray": AROUND, transform: "rotate(-90 60 60)" });
  const element = draw("svg", { viewBox: "0 0 120 120", class: "ring", role: "timer" },
    draw("circle", { cx: 60, cy: 60, r: RADIUS, class: "ring-whole" }), left, text);
  return {
    element,
    set(part, words) {
      left.setAttribute("stroke-dashoffset", String(AROUND * (1 - Math.min(1, Math.max(0, part)))));
      write(text, words);
    },
  };
}
