// One seat of the live grid: what is drawn of it, and what its clocks show between two snapshots.
import {make, showSpan} from "./_drawing.js";

const WORKING = ["started", "interrupted"];

// sound an expert can mark
function isFine(verdict) {
  return ["heard", "clipped", "noisy"].includes(verdict);
}

// `acts`: {choose(seat, checked, isRange), act(seat), giveBack(seat)}
export function drawCard(seat, texts, checked, acts) {
  const head = make("div", {class: "seat-head"},
    texts.mayCommand ? drawBox(seat, texts, checked, acts) : "",
    make("a", {class: "seat-number-big", href: texts.seatAddress + seat.attempt, "data-part": "link"},
      seat.seat ? `${texts.textSeat} ${seat.seat}` : texts.textNoSeat),
    make("span", {class: "seat-code"}, seat.code));
  const facts = [make("p", {class: "seat-state"}, make("span", {class: `state state-${seat.style}`}, seat.state_text))];
  if (seat.trouble) facts.push(drawTrouble(seat, texts, acts));
  if (seat.outage.owed_ms >= 1000) facts.push(drawOutage(seat, texts, acts));
  facts.push(...drawWork(seat, texts));
  if (seat.stage === "speak") facts.push(drawLevel(seat, texts), drawHeard(seat));
  if (seat.recordings.length) facts.push(drawRecordings(seat, texts));
  if (seat.last_command) facts.push(drawCommand(seat.last_command, texts));
  return [head, ...facts];
}

function drawBox(seat, texts, checked, acts) {
  const box = make("input", {type: "checkbox", "data-part": "box", "aria-label": `${texts.textChoose} ${seat.code}`});
  box.checked = checked;
  box.addEventListener("click", (event) => acts.choose(seat, box.checked, event.shiftKey));
  return make("label", {class: "seat-box"}, box);
}

function drawWork(seat, texts) {
  const lines = [];
  if (seat.stage === "break") lines.push(make("p", {class: "seat-item"}, `${texts.textBreak} `, make("b", {"data-rest": ""})));
  const needs = nameNeeds(seat.needs, texts);
  if (needs) lines.push(make("p", {class: "seat-command"}, needs));
  if (seat.position) {
    if (seat.stage !== "break") lines.push(make("p", {class: "seat-item"}, `${texts.textItem} ${seat.position}${seat.stage_text ? ` · ${seat.stage_text}` : ""}`));
    lines.push(make("p", {class: "seat-time"}, make("span", {}, `${texts.textAnswered} ${seat.answered}/${seat.items}`),
      make("span", {"data-left": ""})));
  }
  if (seat.last_saved_at_ms) lines.push(make("p", {class: "seat-time"}, make("span", {"data-saved": ""})));
  if (seat.noticed) lines.push(make("p", {class: "seat-command"}, `${texts.textNoticed} ${seat.noticed}`));
  return lines;
}

function nameNeeds({extra_percent: percent, large_print: isLarge, high_contrast: isHigh}, texts) {
  return [percent ? `+${percent} % ${texts.textTime}` : "", isLarge ? texts.textLargePrint : "",
    isHigh ? texts.textHighContrast : ""].filter(Boolean).join(" · ");
}

function drawLevel(seat, texts) {
  return make("meter", {class: "seat-level", min: "-600", max: "0", low: "-420", high: "-30", optimum: "-200",
    value: String(seat.level ?? -600), "aria-label": texts.textLevel});
}

// What is heard just now, from the parts that have come; nothing in a pause.
function drawHeard(seat) {
  const style = isFine(seat.heard) ? "ready" : "attention";
  return make("p", {class: "seat-heard"}, seat.heard ? make("span", {class: `state state-${style}`}, seat.heard_text) : "");
}

function drawRecordings(seat, texts) {
  const list = make("ul", {class: "seat-recordings"});
  for (const one of seat.recordings) {
    const style = one.verdict ? (isFine(one.verdict) ? "ready" : "attention") : "waiting";
    list.append(make("li", {}, make("span", {class: `state state-${style}`},
      `${texts.textRecording} ${one.position ?? ""}: ${one.verdict_text}`)));
  }
  return list;
}

function drawTrouble(seat, texts, acts) {
  const line = make("p", {class: "seat-trouble"}, seat.trouble_text);
  if (seat.act === "look") line.append(" ", make("a", {href: texts.seatAddress + seat.attempt, "data-part": "act"}, seat.act_text));
  else if (seat.act && texts.mayCommand) line.append(" ", drawButton("act", seat.act_text, () => acts.act(seat)));
  return line;
}

// Time that a fault took and nobody has given back yet.
function drawOutage(seat, texts, acts) {
  const lost = showSpan(Math.floor(seat.outage.lost_ms / 1000));
  const owed = showSpan(Math.floor(seat.outage.owed_ms / 1000));
  const line = make("p", {class: "seat-outage"}, `${texts.textOutage} ${lost}, ${texts.textOwed} ${owed}`);
  if (texts.mayCommand) line.append(" ", drawButton("credit", `${texts.textGiveBack} ${owed}`, () => acts.giveBack(seat, owed)));
  return line;
}

function drawButton(part, text, onClick) {
  const button = make("button", {"data-part": part, class: "seat-act"}, text);
  button.addEventListener("click", onClick);
  return button;
}

function drawCommand(last, texts) {
  const who = last.by ? ` · ${last.by}` : "";
  return make("p", {class: `seat-command${last.confirmed ? "" : " seat-unconfirmed"}`},
    `${last.text}: ${last.confirmed ? texts.textConfirmed : texts.textUnconfirmed}${who}`);
}

// Clocks go on between snapshots: a seat's own figures are of `at_ms`.
export function tickCard(card, nowMs, pace, texts) {
  const {left_s: leftS, last_saved_at_ms: savedAt, state, stage, break_left_s: restS, at_ms: atMs} = card.seat;
  const since = Math.max(0, Math.round((nowMs - atMs) / 1000)) * pace;
  const isWorking = WORKING.includes(state);
  const rest = card.querySelector("[data-rest]");
  if (rest) rest.textContent = showSpan(Math.max(0, restS - (isWorking ? since : 0)));
  const left = card.querySelector("[data-left]");
  const isRunning = isWorking && stage !== "break";
  if (left && leftS !== null) left.textContent = `${texts.textLeft} ${showSpan(Math.max(0, leftS - (isRunning ? since : 0)))}`;
  const saved = card.querySelector("[data-saved]");
  if (saved) saved.textContent = `${texts.textSaved} ${showAge(Math.max(0, Math.round((nowMs - savedAt) / 1000)), texts)}`;
}

function showAge(seconds, texts) {
  const shown = seconds < 100 ? `${seconds} ${texts.textSeconds}` : `${Math.round(seconds / 60)} ${texts.textMinutes}`;
  return `${shown} ${texts.textAgo}`;
}
