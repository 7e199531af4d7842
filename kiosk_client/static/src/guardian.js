// What the page keeps out while somebody works: keys of the browser, the clipboard, drags from outside, other windows.
// Focus that was lost and a screen that changed are told to the organizer, together and seldom; nothing is punished.
import { make } from "./dom.js";

// With Ctrl only what typing, moving the cursor and the size of the print need; a reload is harmless.
const EDITING = new Set(["KeyA", "KeyZ", "KeyY", "KeyC", "KeyV", "KeyX", "KeyR", "Backspace", "Delete", "Insert", "Enter",
  "Space", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Equal", "Minus", "Digit0", "NumpadAdd",
  "NumpadSubtract", "Numpad0"]);
const SELECTING = new Set(["KeyZ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Equal", "Minus"]);
const WALKING_AWAY = new Set(["ArrowLeft", "ArrowRight", "Home", "KeyD", "KeyE", "KeyF"]);
const BROWSER_KEYS = /^(F([1-4]|[6-9]|1[0-2])|Browser.*|Launch.*|ContextMenu|PrintScreen)$/;
const FROM_OUTSIDE = new Set(["insertFromPaste", "insertFromPasteAsQuotation", "insertFromDrop", "insertFromYank"]);
const REPORT_EVERY_MS = 10_000;
const SETTLE_MS = 800;
const NOTE_MS = 5000;

// Whether a key may have its usual effect. By its place, not its letter: the layout may be Cyrillic.
export function isAllowedKey(event) {
  const { code, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (BROWSER_KEYS.test(code)) return false;
  if (event.getModifierState?.("AltGraph")) return true;
  if (altKey) return ctrlKey || !WALKING_AWAY.has(code);
  if (!ctrlKey && !metaKey) return true;
  return (shiftKey ? SELECTING : EDITING).has(code) || /^(Control|Shift|Meta|Alt)/.test(code);
}

// `getState()`: the newest snapshot, null before the first; `getWords()`: its language's words.
export function guardPage({ agent, getState, getWords, openExit }) {
  // A technician may paste an address while the workstation is being connected.
  const isGuarded = () => getState()?.screen !== "pairing";
  const tell = makeNote(getWords);

  addEventListener("keydown", (event) => {
    if (event.code === "KeyQ" && event.ctrlKey && event.shiftKey) openExit();
    if (!isAllowedKey(event)) event.preventDefault();
  }, true);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  keepTextInside(isGuarded, tell);
  keepWindowsOut();
  watchFocus(agent, getState);
  watchScreen(agent, getState);
}

function keepTextInside(isGuarded, tell) {
  let isOwnDrag = false;
  const refuse = (event) => {
    if (!isGuarded()) return;
    event.preventDefault();
    tell();
  };
  for (const name of ["copy", "cut", "paste"]) document.addEventListener(name, refuse, true);
  document.addEventListener("beforeinput", (event) => FROM_OUTSIDE.has(event.inputType) && refuse(event), true);
  // Things of a task that are meant to be dragged are; text, pictures and files from outside are not.
  document.addEventListener("dragstart", (event) => {
    isOwnDrag = Boolean(event.target.closest?.('[draggable="true"]'));
    if (!isOwnDrag) event.preventDefault();
  }, true);
  document.addEventListener("dragend", () => { isOwnDrag = false; }, true);
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (isOwnDrag) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
    }, true);
  }
}

// A link with a key held, or the middle button, would open a window of its own.
function keepWindowsOut() {
  const refuse = (event) => {
    const link = event.target.closest?.("a[href]");
    const opens = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank";
    if (link && (opens || new URL(link.href, location.href).origin !== location.origin)) event.preventDefault();
  };
  document.addEventListener("click", refuse, true);
  document.addEventListener("auxclick", refuse, true);
}

// A calm line at the bottom, once for a while.
function makeNote(getWords) {
  const note = make("p", { class: "guard-note", role: "status", hidden: true });
  let timer = null;
  document.body.append(note);
  return () => {
    note.textContent = getWords().guard.blocked;
    note.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { note.hidden = true; }, NOTE_MS);
  };
}

const send = (agent, name, body) => agent.act(name, body).catch(() => undefined);

function watchFocus(agent, getState) {
  let lostAt = null;
  let [times, awayMs, timer, sentAt] = [0, 0, null, -REPORT_EVERY_MS];
  const report = () => {
    timer = null;
    const now = performance.now();
    if (lostAt !== null) [awayMs, lostAt] = [awayMs + now - lostAt, now];
    if (!times && !awayMs) return;
    if (getState()?.screen === "work") {
      send(agent, "focus_lost", { times: Math.min(times, 1000), away_ms: Math.min(Math.round(awayMs), 86_400_000) });
      sentAt = now;
    }
    [times, awayMs] = [0, 0];
  };
  const plan = () => { timer ??= setTimeout(report, Math.max(0, sentAt + REPORT_EVERY_MS - performance.now())); };
  const lose = () => {
    if (lostAt !== null) return;
    lostAt = performance.now();
    times += 1;
    plan();
  };
  const regain = () => {
    if (lostAt === null) return;
    awayMs += performance.now() - lostAt;
    lostAt = null;
    plan();
  };
  addEventListener("blur", lose);
  addEventListener("focus", regain);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? lose() : regain()));
}

function watchScreen(agent, getState) {
  const full = matchMedia("(display-mode: fullscreen)");
  const look = () => ({ width: outerWidth, height: outerHeight, isFull: full.matches, isExtended: Boolean(screen.isExtended) });
  let [known, timer] = [look(), null];
  const name = (now) => {
    if (now.isExtended !== known.isExtended) return "screens";
    if (now.isFull !== known.isFull) return "full_screen";
    return now.width !== known.width || now.height !== known.height ? "size" : "";
  };
  const report = () => {
    timer = null;
    const now = look();
    const change = name(now);
    known = now;
    if (!change || getState()?.screen !== "work") return;
    send(agent, "screen_changed", { change, width: now.width, height: now.height, is_full: now.isFull, is_extended: now.isExtended });
  };
  // A window that is being dragged changes many times: what it came to is one change.
  const plan = () => { timer ??= setTimeout(report, SETTLE_MS); };
  addEventListener("resize", plan);
  full.addEventListener("change", plan);
  document.addEventListener("fullscreenchange", plan);
  screen.addEventListener?.("change", plan);
}
