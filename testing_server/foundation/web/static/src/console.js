// The room console: parts of pages that follow hints, the live grid of a sitting, commands under one number each.
// Everything shown comes from a snapshot of the server; a hint or a level meter may be lost without harm.
import {mountItem} from "player";
import {ANSWER_WITHIN_MS, sendCommand} from "./_command_line.js";
import {showSpan} from "./_drawing.js";
import {LiveRoom} from "./_live_room.js";
import {watch} from "./live.js";

// ---- parts of a page that fetch themselves again
function isBusy(part) {
  return isTyping(part) || isChosen(part) || [...part.querySelectorAll("audio")].some((sound) => !sound.paused);
}

function isTyping(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input, textarea, select") && active.value !== active.defaultValue;
}

// The selector of a field that comes again under the same name, "" for anything else.
function nameField(field) {
  return field.matches("input[form][name]") ? `input[form="${field.getAttribute("form")}"][name="${field.name}"]` : "";
}

// What somebody picked must not jump back to the first one under the finger.
function isChosen(part) {
  return [...part.querySelectorAll("input[type=radio]")].some((one) => one.checked !== one.defaultChecked);
}

async function refreshPart(part) {
  if (isBusy(part)) return;
  const answer = await fetch(part.dataset.partFrom, {signal: AbortSignal.timeout(ANSWER_WITHIN_MS)}).catch(() => null);
  // led to the sign-in: the page has to go there, not this part of it
  if (answer?.redirected) window.location.reload();
  const text = answer?.ok && !answer.redirected ? await answer.text().catch(() => null) : null;
  // Looked at only now: somebody may have typed while the answer was on its way.
  if (text === null || isBusy(part)) return;
  const kept = [...part.querySelectorAll("input[aria-label]")].filter((input) => input.value !== input.defaultValue)
    .map((input) => [input.getAttribute("form"), input.name, input.value]);
  if (part.dataset.shown === text) return;
  const focused = part.contains(document.activeElement) ? nameField(document.activeElement) : "";
  part.dataset.shown = text;
  part.innerHTML = text;
  for (const [form, name, value] of kept) {
    const again = part.querySelector(`input[form="${form}"][name="${name}"]`);
    if (again) again.value = value;
  }
  // Somebody is about to type: the first digit must not go nowhere.
  if (focused) part.querySelector(focused)?.focus();
  prepare(part);
  showWhatIsDue(part);
}

// What is typed into must not be fetched again with the part: it stands beside it and appears when its state has come.
function showWhatIsDue(part) {
  const state = part.querySelector("[data-state-now]")?.dataset.stateNow;
  if (!state) return;
  for (const node of document.querySelectorAll("[data-shown-when]")) {
    node.hidden = !node.dataset.shownWhen.split(" ").includes(state);
  }
}

function followPart(part) {
  watch(part.dataset.part, () => refreshPart(part));
  if (part.dataset.partEvery) window.setInterval(() => refreshPart(part), Number(part.dataset.partEvery));
}

// ---- countdowns
function tickCountdowns() {
  for (const node of document.querySelectorAll("[data-countdown-to]")) {
    const left = Math.ceil((Number(node.dataset.countdownTo) - Date.now()) / 1000);
    node.textContent = left > 0 ? showLong(left) : "";
  }
}

function showLong(seconds) {
  const days = Math.floor(seconds / 86400);
  return days ? `${days} д ${showSpan(seconds % 86400)}` : showSpan(seconds);
}

// ---- forms
function prepare(root) {
  for (const form of root.querySelectorAll("form[data-ask]")) {
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.ask)) event.preventDefault();
    });
  }
}

function prepareCipher() {
  const groups = [...document.querySelectorAll(".cipher input")];
  groups.forEach((input, place) => {
    input.addEventListener("input", () => {
      const digits = input.value.replace(/\D/g, "");
      input.value = digits.slice(0, 5);
      if (digits.length > 5 && groups[place + 1]) {
        groups[place + 1].value = digits.slice(5);
        groups[place + 1].dispatchEvent(new Event("input"));
      }
      if (input.value.length === 5 && document.activeElement === input) groups[place + 1]?.focus();
    });
    input.addEventListener("paste", (event) => {
      event.preventDefault();
      input.value = event.clipboardData.getData("text");
      input.removeAttribute("maxlength");
      input.dispatchEvent(new Event("input"));
    });
  });
}

function prepareChecks() {
  for (const [selector, checked] of [["[data-check-all]", true], ["[data-check-none]", false]]) {
    for (const button of document.querySelectorAll(selector)) {
      button.addEventListener("click", () => {
        for (const box of button.closest("fieldset").querySelectorAll(".check:not(.taken) input")) box.checked = checked;
      });
    }
  }
}

function prepareOneSeat(bar) {
  for (const button of bar.querySelectorAll("[data-one-command]")) {
    button.addEventListener("click", async () => {
      if (button.dataset.ask && !window.confirm(button.dataset.ask)) return;
      const reason = button.dataset.reason ? window.prompt(button.dataset.reason) : "";
      if (reason === null) return;
      const body = {...JSON.parse(button.dataset.body ?? "{}"), ...(reason ? {reason} : {})};
      if (button.dataset.item) body.item = button.dataset.item;
      const reply = await sendCommand(bar.dataset.sitting, button.dataset.oneCommand, body, [bar.dataset.oneSeat], () => {});
      if (reply && !reply.code) window.location.reload();
      else document.getElementById("one-say").textContent = reply ? [reply.message, reply.remedy].filter(Boolean).join(" ") : bar.dataset.textGivenUp;
    });
  }
}

function prepareLook(place) {
  const base = place.dataset.media;
  mountItem(place, JSON.parse(place.dataset.item), {state: {}, mediaUrl: (sha256) => base + sha256, onAnswer: () => {}, readOnly: false});
}

for (const part of document.querySelectorAll("[data-part-from]")) followPart(part);
for (const bar of document.querySelectorAll("[data-one-seat]")) prepareOneSeat(bar);
prepare(document);
prepareCipher();
prepareChecks();
tickCountdowns();
window.setInterval(tickCountdowns, 1000);
const live = document.getElementById("room-live");
if (live) new LiveRoom(live).start();
const look = document.getElementById("look");
if (look) prepareLook(look);
