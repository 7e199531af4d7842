// The room console: parts of pages that follow hints, the live grid of a sitting, commands under one number each.
// Everything shown comes from a snapshot of the server; a hint or a level meter may be lost without harm.
import {mountItem} from "player";
import {watch} from "./live.js";

const SNAPSHOT_EVERY_MS = 5000;
const RETRIES = 4;
// acts beside a seat's sentence that are commands at once
const ACT_COMMANDS = {start: "start", let_out: "leave_room", return: "return_to_room"};

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

// sound an expert can mark
function isFine(verdict) {
  return ["heard", "clipped", "noisy"].includes(verdict);
}

function showSpan(seconds) {
  const rest = `${String(Math.floor(seconds / 60) % 60).padStart(seconds >= 3600 ? 2 : 1, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

function makeKey() {
  // randomUUID is not there on plain HTTP; a key only has to be new
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function pause(ms) {
  await new Promise((resolve) => window.setTimeout(resolve, ms));
}

// ---- parts of a page that fetch themselves again
function isBusy(part) {
  return isTyping(part) || [...part.querySelectorAll("audio")].some((sound) => !sound.paused);
}

function isTyping(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input, textarea, select") && active.value !== active.defaultValue;
}

async function refreshPart(part) {
  if (isBusy(part)) return;
  const answer = await fetch(part.dataset.partFrom).catch(() => null);
  const text = answer?.ok ? await answer.text() : null;
  // Looked at only now: somebody may have typed while the answer was on its way.
  if (text === null || isBusy(part)) return;
  const kept = [...part.querySelectorAll("input[aria-label]")].filter((input) => input.value !== input.defaultValue)
    .map((input) => [input.getAttribute("form"), input.name, input.value]);
  if (part.dataset.shown === text) return;
  part.dataset.shown = text;
  part.innerHTML = text;
  for (const [form, name, value] of kept) {
    const again = part.querySelector(`input[form="${form}"][name="${name}"]`);
    if (again) again.value = value;
  }
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

// ---- the live grid
class LiveRoom {
  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.sitting = root.dataset.sitting;
    this.list = document.getElementById("live-seats");
    this.cards = new Map();
    this.chosen = new Set();
    this.snapshot = null;
    this.offsetMs = 0;
    this.loading = null;
  }

  start() {
    watch(`sitting:${this.sitting}`, () => this.load());
    watch("workstations", () => this.load());
    document.addEventListener("live-level", (event) => this.showLevel(event.detail));
    document.addEventListener("live-connection", (event) => this.say(event.detail.connected ? "" : this.texts.textOffline));
    document.getElementById("live-find").addEventListener("input", () => this.filter());
    document.getElementById("live-none")?.addEventListener("click", () => this.choose([]));
    window.setInterval(() => this.load(), SNAPSHOT_EVERY_MS);
    window.setInterval(() => this.tick(), 1000);
    this.prepareCommands();
    this.load();
  }

  async load() {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = fetch(`/v1/sittings/${this.sitting}/live`).catch(() => null);
    const answer = await this.loading;
    this.loading = null;
    if (answer?.ok) this.show(await answer.json());
    if (this.again) {
      this.again = false;
      this.load();
    }
  }

  show(snapshot) {
    if (this.snapshot && !["open", "running", "paused"].includes(snapshot.state)) {
      window.location.reload();
      return;
    }
    this.snapshot = snapshot;
    this.offsetMs = snapshot.server_at_ms - Date.now();
    document.getElementById("live-state").replaceChildren(
      make("span", {class: `state state-${snapshot.style}`}, snapshot.state_text));
    document.getElementById("live-counts").replaceChildren(...Object.entries(snapshot.counts).map(
      ([state, count]) => make("span", {class: "count"}, make("b", {}, String(count)), ` ${snapshot.counts_text[state]}`)));
    const places = snapshot.seats.map((seat) => this.card(seat));
    // moving a card would take the focus from its button: only when the order really changed
    if (places.some((card, place) => this.list.children[place] !== card)) this.list.append(...places);
    this.filter();
    this.tick();
  }

  card(seat) {
    let card = this.cards.get(seat.attempt);
    if (!card) {
      card = make("li", {class: "seat"});
      this.cards.set(seat.attempt, card);
    }
    const shown = JSON.stringify(seat);
    if (card.dataset.shown === shown) return card;
    card.dataset.shown = shown;
    card.seat = seat;
    card.className = `seat seat-${seat.style}`;
    const box = card.querySelector("input");
    const focused = card.contains(document.activeElement) ? document.activeElement.dataset.part : null;
    card.replaceChildren(...this.draw(seat, box?.checked ?? this.chosen.has(seat.attempt)));
    if (focused) card.querySelector(`[data-part="${focused}"]`)?.focus();
    return card;
  }

  draw(seat, checked) {
    const head = make("div", {class: "seat-head"},
      this.texts.mayCommand ? this.drawBox(seat, checked) : "",
      make("a", {class: "seat-number-big", href: this.texts.seatAddress + seat.attempt, "data-part": "link"},
        seat.seat ? `${this.texts.textSeat} ${seat.seat}` : this.texts.textNoSeat),
      make("span", {class: "seat-code"}, seat.code));
    const facts = [make("p", {class: "seat-state"}, make("span", {class: `state state-${seat.style}`}, seat.state_text))];
    if (seat.stage === "break") facts.push(make("p", {class: "seat-item"}, `${this.texts.textBreak} `, make("b", {"data-rest": ""})));
    const needs = this.nameNeeds(seat.needs);
    if (needs) facts.push(make("p", {class: "seat-command"}, needs));
    if (seat.position) {
      if (seat.stage !== "break") facts.push(make("p", {class: "seat-item"}, `${this.texts.textItem} ${seat.position}${seat.stage_text ? ` · ${seat.stage_text}` : ""}`));
      facts.push(make("p", {class: "seat-time"}, make("span", {}, `${this.texts.textAnswered} ${seat.answered}/${seat.items}`),
        make("span", {"data-left": ""})));
    }
    if (seat.last_saved_at_ms) facts.push(make("p", {class: "seat-time"}, make("span", {"data-saved": ""})));
    if (seat.noticed) facts.push(make("p", {class: "seat-command"}, `${this.texts.textNoticed} ${seat.noticed}`));
    if (seat.stage === "speak") facts.push(this.drawLevel(seat), this.drawHeard(seat));
    if (seat.recordings.length) facts.push(this.drawRecordings(seat));
    if (seat.trouble) facts.push(this.drawTrouble(seat));
    if (seat.last_command) facts.push(this.drawCommand(seat.last_command));
    return [head, ...facts];
  }

  nameNeeds({extra_percent: percent, large_print: isLarge, high_contrast: isHigh}) {
    return [percent ? `+${percent} % ${this.texts.textTime}` : "", isLarge ? this.texts.textLargePrint : "",
      isHigh ? this.texts.textHighContrast : ""].filter(Boolean).join(" · ");
  }

  drawBox(seat, checked) {
    const box = make("input", {type: "checkbox", "data-part": "box", "aria-label": `${this.texts.textChoose} ${seat.code}`});
    box.checked = checked;
    box.addEventListener("change", () => {
      if (box.checked) this.chosen.add(seat.attempt);
      else this.chosen.delete(seat.attempt);
      this.showChosen();
    });
    return box;
  }

  drawLevel(seat) {
    return make("meter", {class: "seat-level", min: "-600", max: "0", low: "-420", high: "-30", optimum: "-200",
      value: String(seat.level ?? -600), "aria-label": this.texts.textLevel});
  }

  // What is heard just now, from the parts that have come; nothing in a pause.
  drawHeard(seat) {
    const style = isFine(seat.heard) ? "ready" : "attention";
    return make("p", {class: "seat-heard"}, seat.heard ? make("span", {class: `state state-${style}`}, seat.heard_text) : "");
  }

  drawRecordings(seat) {
    const list = make("ul", {class: "seat-recordings"});
    for (const one of seat.recordings) {
      const fine = isFine(one.verdict);
      list.append(make("li", {}, make("span", {class: `state state-${one.verdict ? (fine ? "ready" : "attention") : "waiting"}`},
        `${this.texts.textRecording} ${one.position ?? ""}: ${one.verdict_text}`)));
    }
    return list;
  }

  drawTrouble(seat) {
    const line = make("p", {class: "seat-trouble"}, seat.trouble_text);
    if (seat.act === "look") line.append(" ", make("a", {href: this.texts.seatAddress + seat.attempt, "data-part": "act"}, seat.act_text));
    else if (seat.act && this.texts.mayCommand) {
      const button = make("button", {"data-part": "act", class: "seat-act"}, seat.act_text);
      button.addEventListener("click", () => (seat.act === "move" ? this.askMove(seat)
        : this.command(ACT_COMMANDS[seat.act], {}, [seat.attempt])));
      line.append(" ", button);
    }
    return line;
  }

  drawCommand(last) {
    return make("p", {class: `seat-command${last.confirmed ? "" : " seat-unconfirmed"}`},
      `${last.text}: ${last.confirmed ? this.texts.textConfirmed : this.texts.textUnconfirmed}`);
  }

  tick() {
    if (!this.snapshot) return;
    const now = Date.now() + this.offsetMs;
    document.getElementById("live-now").textContent = this.showClock(now, {timeStyle: "medium"});
    document.getElementById("live-end").textContent = this.snapshot.forecast_end_at_ms
      ? this.showClock(this.snapshot.forecast_end_at_ms, {timeStyle: "short"}) : "—";
    const since = Math.max(0, Math.round((now - this.snapshot.server_at_ms) / 1000));
    for (const card of this.cards.values()) {
      const {left_s: leftS, last_saved_at_ms: savedAt, state, stage, break_left_s: restS} = card.seat;
      const isWorking = state === "started" || state === "interrupted";
      const running = isWorking && stage !== "break";
      const rest = card.querySelector("[data-rest]");
      if (rest) rest.textContent = showSpan(Math.max(0, restS - (isWorking ? since * this.snapshot.pace : 0)));
      const left = card.querySelector("[data-left]");
      const saved = card.querySelector("[data-saved]");
      if (left && leftS !== null) left.textContent = `${this.texts.textLeft} ${showSpan(Math.max(0, leftS - (running ? since * this.snapshot.pace : 0)))}`;
      if (saved) saved.textContent = `${this.texts.textSaved} ${this.showAge(Math.max(0, Math.round((now - savedAt) / 1000)))}`;
    }
  }

  // always the school's own time, wherever the browser thinks it is
  showClock(atMs, style) {
    return new Date(atMs).toLocaleTimeString("ru-RU", {timeZone: this.texts.zone, ...style});
  }

  showAge(seconds) {
    const shown = seconds < 100 ? `${seconds} ${this.texts.textSeconds}` : `${Math.round(seconds / 60)} ${this.texts.textMinutes}`;
    return `${shown} ${this.texts.textAgo}`;
  }

  showLevel({attempt, dbfs_x10: level}) {
    const meter = this.cards.get(attempt)?.querySelector(".seat-level");
    if (meter) meter.value = level;
  }

  filter() {
    const wanted = document.getElementById("live-find").value.trim().toLowerCase();
    for (const card of this.cards.values()) {
      const {code, seat, state_text: state} = card.seat;
      card.hidden = Boolean(wanted) && !code.includes(wanted) && seat.toLowerCase() !== wanted && !state.includes(wanted);
    }
    this.showChosen();
  }

  choose(attempts) {
    this.chosen = new Set(attempts);
    for (const [attempt, card] of this.cards) {
      const box = card.querySelector("input");
      if (box) box.checked = this.chosen.has(attempt);
    }
    this.showChosen();
  }

  showChosen() {
    const node = document.getElementById("live-chosen");
    if (!node) return;
    node.textContent = this.describeTargets();
    document.getElementById("live-none").hidden = !this.chosen.size;
  }

  describeTargets() {
    return this.chosen.size ? `${this.texts.textChosen} ${this.chosen.size}` : this.texts.textAll;
  }

  targets() {
    return this.chosen.size ? [...this.chosen] : "all";
  }

  prepareCommands() {
    for (const button of document.querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => {
        if (button.dataset.ask && !window.confirm(`${button.dataset.ask}\n${this.describeTargets()}`)) return;
        this.command(button.dataset.command, {}, this.targets());
      });
    }
    for (const button of document.querySelectorAll("[data-dialog]")) {
      button.addEventListener("click", () => this.openDialog(button.dataset.dialog));
    }
    for (const button of document.querySelectorAll("[data-close-dialog]")) {
      button.addEventListener("click", () => button.closest("dialog").close());
    }
    for (const form of document.querySelectorAll("[data-command-form]")) {
      form.closest("dialog").addEventListener("close", () => this.sendForm(form));
    }
  }

  openDialog(id) {
    const dialog = document.getElementById(id);
    const line = dialog.querySelector("[data-targets]");
    if (line) line.textContent = this.describeTargets();
    dialog.returnValue = "";
    dialog.showModal();
  }

  sendForm(form) {
    if (form.closest("dialog").returnValue !== "send") return;
    const values = Object.fromEntries(new FormData(form));
    const kind = form.dataset.commandForm;
    if (kind === "extra_time") this.command(kind, {seconds: Number(values.minutes) * 60}, this.targets());
    else if (kind === "needs") this.command(kind, readNeeds(values), this.targets());
    else if (kind === "message") this.command(kind, {text: values.text}, this.targets());
    else if (kind === "move") this.command(kind, {workstation: values.workstation}, [this.moving]);
    form.reset();
  }

  async askMove(seat) {
    const answer = await fetch("/v1/workstations").catch(() => null);
    if (!answer?.ok) return;
    const busy = new Set(this.snapshot.seats.filter((one) => !["finished", "absent", "spoiled", "transferred"].includes(one.state)).map((one) => one.workstation));
    const free = (await answer.json()).workstations.filter((one) => !one.silent && one.state !== "blocked" && !busy.has(one.workstation));
    document.getElementById("move-workstation").replaceChildren(
      ...free.map((one) => make("option", {value: one.workstation}, `${this.texts.textSeat} ${one.seat} · ${one.host_name}`)));
    document.querySelector("#dialog-move [data-code]").textContent = seat.code;
    this.moving = seat.attempt;
    this.openDialog("dialog-move");
  }

  async command(kind, body, targets) {
    const reply = await sendCommand(this.sitting, kind, body, targets, () => this.say(this.texts.textLost));
    if (!reply) return;
    this.say(reply.code ? reply.message : `${this.texts.textSent} ${reply.told.length}`, Boolean(reply.code));
    if (!reply.code) this.choose([]);
    this.load();
  }

  say(text, wrong = false) {
    const node = document.getElementById("live-say");
    node.textContent = text;
    node.classList.toggle("live-wrong", wrong);
  }
}

function readNeeds(values) {
  return {extra_percent: Number(values.extra_percent), large_print: "large_print" in values, high_contrast: "high_contrast" in values};
}

// one click = one number: a repeat after a lost answer gets the first reply
async function sendCommand(sitting, kind, body, targets, onLost) {
  const key = makeKey();
  for (let number = 0; number < RETRIES; number += 1) {
    const answer = await fetch(`/v1/sittings/${sitting}/commands`, {
      method: "POST", headers: {"Content-Type": "application/json", "Idempotency-Key": key},
      body: JSON.stringify({kind, targets, body}),
    }).catch(() => null);
    if (answer) return answer.json();
    onLost();
    await pause(1000 * 2 ** number);
  }
  return null;
}

function prepareOneSeat(bar) {
  for (const button of bar.querySelectorAll("[data-one-command]")) {
    button.addEventListener("click", async () => {
      const reason = button.dataset.reason ? window.prompt(button.dataset.reason) : "";
      if (reason === null) return;
      const reply = await sendCommand(bar.dataset.sitting, button.dataset.oneCommand, {reason}, [bar.dataset.oneSeat], () => {});
      if (reply && !reply.code) window.location.reload();
      else document.getElementById("one-say").textContent = reply?.message ?? "";
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
