// Draws the workstation's screens: takes snapshots of the agent, mounts the screen they name, keeps it up to date.
//
// A screen is `mount(root, context) → {update(state), level?(level), destroy?()}`; it is mounted anew only when the
// name of the screen, the language or the item changes, so that focus and typing stay where they are.
import { connectAgent } from "./agent.js";
import { mountAway } from "./away.js";
import { mountBreak } from "./break.js";
import { mountCheck } from "./check.js";
import { makeExitPrompt } from "./exit_prompt.js";
import { guardPage } from "./guardian.js";
import { make, show } from "./dom.js";
import { mountDone, mountInstruction, mountLoading, mountMoved, mountPaused, mountWaiting } from "./plain.js";
import { mountPairing } from "./pairing.js";
import { mountSignIn } from "./sign_in.js";
import { mountTop } from "./top.js";
import { takeVolume } from "./volume.js";
import { wordsIn } from "./words.js";
import { mountWork } from "./work.js";

const SCREENS = {
  pairing: mountPairing, sign_in: mountSignIn, loading: mountLoading, check: mountCheck, instruction: mountInstruction,
  waiting: mountWaiting, work: mountWork, break: mountBreak, paused: mountPaused, away: mountAway, done: mountDone, moved: mountMoved,
};
// In which language to speak before the agent has said anything.
const LANGUAGE = "language";
const main = document.getElementById("main");
const gone = document.getElementById("gone");

let mounted = null;
let mountedKey = "";
let top = null;
let latest = null;

const agent = connectAgent({
  onState: take,
  onLevel: (level) => mounted?.level?.(level),
  onAlive: setAlive,
  onUnsaved: () => latest && mounted?.update(latest),
  onRefused: (entry, error, isFinal) => mounted?.refused?.(entry, error, isFinal),
});

function take(state) {
  latest = state;
  localStorage.setItem(LANGUAGE, state.language);
  const words = wordsIn(state.language);
  const key = `${state.screen}:${state.language}:${state.candidate?.code ?? ""}:${state.break?.number ?? ""}`;
  suit(state.needs ?? {});
  takeVolume(state.volume);
  if (key !== mountedKey) change(key, state, words);
  top.update(state);
  mounted.update(state);
}

// How the screen looks to a candidate who was given a larger print or a stronger contrast.
function suit({ large_print: isLarge, high_contrast: isHigh }) {
  const { dataset } = document.documentElement;
  dataset.print = isLarge ? "large" : "usual";
  dataset.contrast = isHigh ? "high" : "usual";
  measureRoom();
}

// How much fits, in lines of this print: where little does, nothing may stand in the way of the text.
const SHORT_LINES = 33;
const NARROW_LETTERS = 42;
function measureRoom() {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const isShort = innerHeight < SHORT_LINES * size || innerWidth < NARROW_LETTERS * size;
  document.documentElement.dataset.room = isShort ? "short" : "usual";
}
addEventListener("resize", measureRoom);
measureRoom();

function change(key, state, words) {
  mounted?.destroy?.();
  mountedKey = key;
  document.documentElement.lang = state.language;
  document.querySelector(".skip").textContent = words.skip;
  const context = { agent, words, language: state.language, state };
  top = mountTop(document.getElementById("top"), context);
  main.replaceChildren();
  main.className = `screen-${state.screen}`;
  mounted = SCREENS[state.screen](main, context);
  const title = main.querySelector("h1");
  document.title = `${title?.textContent ?? words.page} · ${words.page}`;
  // A screen that has put the cursor where typing begins keeps it there.
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

// Without the agent nothing can be saved: say so in words and take no input until it is back.
function setAlive(isAlive) {
  const words = wordsIn(localStorage.getItem(LANGUAGE));
  const count = agent.unsaved;
  main.inert = !isAlive;
  document.getElementById("top").inert = !isAlive;
  show(gone, !isAlive);
  if (isAlive) return;
  gone.replaceChildren(make("div", { class: "gone-box" },
    make("p", { id: "gone-what", class: "gone-what" }, words.gone), make("p", {}, words.goneSafe),
    count ? make("p", { class: "gone-count" }, words.goneUnsaved(count)) : null, make("p", {}, words.goneRemedy)));
}

// What is being typed is handed over before the page can be hidden or closed.
function handOver() {
  document.activeElement?.blur?.();
  agent.flush();
}
addEventListener("pagehide", handOver);
// A reload while the agent is down must not end at the browser's error page.
navigator.serviceWorker?.register("static/page_keeper.js", { scope: "./" }).catch(() => undefined);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && handOver());

const guarded = { agent, getState: () => latest, getWords: () => wordsIn(latest?.language) };
guardPage({ ...guarded, openExit: makeExitPrompt(guarded) });
