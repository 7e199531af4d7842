// The live grid of a sitting: seats from snapshots, faults first, and commands to one, some or all of them.
import {ANSWER_WITHIN_MS, sendCommand} from "./_command_line.js";
import {make} from "./_drawing.js";
import {drawCard, tickCard} from "./_live_card.js";
import {listGroups, listRange, listUnconfirmed, nameSeats} from "./_live_choosing.js";
import {watch} from "./live.js";

const SNAPSHOT_EVERY_MS = 5000;
// Between these only what changed is asked for.
const WHOLE_EVERY_MS = 60_000;
// A seat that is there confirms much sooner; then what it has not confirmed can be sent again.
const CONFIRMED_WITHIN_MS = 6000;
// What nobody refreshes for so long must not look like the present.
const STALE_AFTER_MS = 15_000;
const OVER = ["finished", "absent", "spoiled", "transferred"];
const LIVE = ["open", "running", "paused"];
// acts beside a seat's sentence that are commands at once
const ACT_COMMANDS = {start: "start", let_out: "leave_room", return: "return_to_room", tell_again: "tell_again"};

export class LiveRoom {
  constructor(root) {
    this.texts = root.dataset;
    this.sitting = root.dataset.sitting;
    this.list = document.getElementById("live-seats");
    this.seats = new Map();
    this.cards = new Map();
    this.chosen = new Set();
    this.lastChosen = null;
    this.followed = null;
    this.snapshot = null;
    this.offsetMs = 0;
    this.shownAt = Date.now();
    this.loading = null;
    this.fullAt = 0;
    this.acts = {
      choose: (seat, checked, isRange) => this.chooseOne(seat, checked, isRange),
      act: (seat) => (seat.act === "move" ? this.askMove(seat) : this.command(ACT_COMMANDS[seat.act], {}, [seat.attempt])),
      giveBack: (seat, owed) => this.giveBack(seat, owed),
    };
  }

  start() {
    watch(`sitting:${this.sitting}`, () => this.load());
    watch("workstations", () => this.load());
    document.addEventListener("live-level", (event) => this.showLevel(event.detail));
    document.addEventListener("live-connection", (event) => this.say(event.detail.connected ? "" : this.texts.textOffline));
    document.getElementById("live-find").addEventListener("input", () => this.filter());
    document.getElementById("live-none")?.addEventListener("click", () => this.choose([]));
    document.getElementById("live-again")?.addEventListener("click", () => this.tellAgain());
    document.getElementById("live-group")?.addEventListener("change", (event) => this.chooseGroup(event.target));
    window.setInterval(() => this.load(), SNAPSHOT_EVERY_MS);
    window.setInterval(() => this.tick(), 1000);
    this.prepareCommands();
    this.load();
  }

  // One request at a time: hints that come meanwhile are answered by one more.
  async load() {
    if (this.loading) {
      this.again = true;
      return;
    }
    const isFull = Date.now() - this.fullAt > WHOLE_EVERY_MS;
    if (isFull) this.fullAt = Date.now();
    const since = this.snapshot && !isFull ? `?since=${this.snapshot.feed}` : "";
    // a request that never ends must not keep the others from being asked
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    this.loading = fetch(`/v1/sittings/${this.sitting}/live${since}`, {signal}).catch(() => null);
    const answer = await this.loading;
    if (answer?.status === 401) {
      // the sign-in is over
      window.location.reload();
      return;
    }
    const snapshot = answer?.ok ? await answer.json().catch(() => null) : null;
    if (snapshot) this.show(snapshot);
    this.loading = null;
    if (this.again) {
      this.again = false;
      this.load();
    }
  }

  // A snapshot holds every seat, or those that changed since the one before it.
  show(snapshot) {
    if (this.snapshot && !LIVE.includes(snapshot.state)) {
      window.location.reload();
      return;
    }
    this.snapshot = snapshot;
    this.shownAt = Date.now();
    this.offsetMs = snapshot.server_at_ms - Date.now();
    document.getElementById("live-state").replaceChildren(
      make("span", {class: `state state-${snapshot.style}`}, snapshot.state_text));
    document.getElementById("live-counts").replaceChildren(...Object.entries(snapshot.counts).map(
      ([state, count]) => make("span", {class: "count"}, make("b", {}, String(count)), ` ${snapshot.counts_text[state]}`)));
    for (const seat of snapshot.seats) {
      this.seats.set(seat.attempt, seat);
      this.drawSeat(seat);
    }
    if (snapshot.order) this.order = snapshot.order;
    const places = this.order.map((attempt) => this.cards.get(attempt));
    // moving a card would take the focus from its button: only when the order really changed
    if (places.some((card, place) => this.list.children[place] !== card)) this.list.append(...places);
    this.showGroups();
    this.showFollowed();
    this.filter();
    this.tick();
  }

  drawSeat(seat) {
    let card = this.cards.get(seat.attempt);
    if (!card) {
      card = make("li");
      this.cards.set(seat.attempt, card);
    }
    card.seat = seat;
    card.className = `seat seat-${seat.style}`;
    const focused = card.contains(document.activeElement) ? document.activeElement.dataset.part : null;
    card.replaceChildren(...drawCard(seat, this.texts, this.chosen.has(seat.attempt), this.acts));
    if (focused) card.querySelector(`[data-part="${focused}"]`)?.focus();
  }

  // A light that shows the past says so.
  showStale() {
    const isStale = Date.now() - this.shownAt > STALE_AFTER_MS;
    const text = isStale ? this.texts.textStale.replace("{time}", this.showClock(this.shownAt + this.offsetMs, {timeStyle: "medium"})) : "";
    const node = document.getElementById("live-stale");
    if (node.textContent !== text) node.textContent = text;
    this.list.classList.toggle("is-stale", isStale);
  }

  tick() {
    this.showStale();
    if (!this.snapshot) return;
    const now = Date.now() + this.offsetMs;
    document.getElementById("live-now").textContent = this.showClock(now, {timeStyle: "medium"});
    document.getElementById("live-end").textContent = this.snapshot.forecast_end_at_ms
      ? this.showClock(this.snapshot.forecast_end_at_ms, {timeStyle: "short"}) : "—";
    for (const card of this.cards.values()) tickCard(card, now, this.snapshot.pace, this.texts);
    this.showFollowed();
  }

  // always the school's own time, wherever the browser thinks it is
  showClock(atMs, style) {
    return new Date(atMs).toLocaleTimeString("ru-RU", {timeZone: this.texts.zone, ...style});
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

  // ---- whom a command is for
  chooseOne(seat, checked, isRange) {
    const shown = this.order.filter((attempt) => !this.cards.get(attempt).hidden);
    const range = isRange && this.lastChosen ? listRange(shown, this.lastChosen, seat.attempt) : [seat.attempt];
    for (const attempt of range) {
      if (checked) this.chosen.add(attempt);
      else this.chosen.delete(attempt);
    }
    this.lastChosen = seat.attempt;
    this.choose(this.chosen);
  }

  choose(attempts) {
    this.chosen = new Set(attempts);
    for (const [attempt, card] of this.cards) {
      const box = card.querySelector("input");
      if (box) box.checked = this.chosen.has(attempt);
    }
    this.showChosen();
  }

  chooseGroup(select) {
    const group = this.groups[Number(select.value)];
    select.selectedIndex = 0;
    if (group) this.choose(group.attempts);
  }

  showGroups() {
    const select = document.getElementById("live-group");
    if (!select) return;
    this.groups = listGroups([...this.seats.values()], this.texts);
    const labels = this.groups.map((group) => `${group.label}: ${group.attempts.length}`);
    // an open list must not change under the hand
    if (select === document.activeElement || select.dataset.shown === labels.join("|")) return;
    select.dataset.shown = labels.join("|");
    select.replaceChildren(select.options[0], ...labels.map((label, place) => make("option", {value: String(place)}, label)));
  }

  showChosen() {
    const node = document.getElementById("live-chosen");
    if (!node) return;
    node.textContent = this.chosen.size ? `${this.texts.textChosen} ${this.chosen.size}` : this.texts.textAll;
    document.getElementById("live-none").hidden = !this.chosen.size;
  }

  describeTargets(attempts = this.chosen) {
    const seats = [...attempts].map((attempt) => this.seats.get(attempt)).filter(Boolean);
    return seats.length ? nameSeats(seats, this.texts) : `${this.texts.textAll} (${this.seats.size})`;
  }

  targets() {
    return this.chosen.size ? [...this.chosen] : "all";
  }

  // ---- commands
  prepareCommands() {
    for (const button of document.querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => {
        if (button.dataset.ask && !window.confirm(`${button.dataset.ask}\n${this.describeTargets()}`)) return;
        this.command(button.dataset.command, JSON.parse(button.dataset.body ?? "{}"), this.targets());
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

  giveBack(seat, owed) {
    const asked = `${this.texts.textGiveBackAsk} ${owed}?\n${this.describeTargets([seat.attempt])}`;
    if (window.confirm(asked)) this.command("credit", {outage: true}, [seat.attempt]);
  }

  async askMove(seat) {
    const answer = await fetch("/v1/workstations").catch(() => null);
    if (!answer?.ok) return;
    const busy = new Set([...this.seats.values()].filter((one) => !OVER.includes(one.state)).map((one) => one.workstation));
    const free = (await answer.json()).workstations.filter((one) => !one.silent && one.state !== "blocked" && !busy.has(one.workstation));
    document.getElementById("move-workstation").replaceChildren(
      ...free.map((one) => make("option", {value: one.workstation}, `${this.texts.textSeat} ${one.seat} · ${one.host_name}`)));
    document.querySelector("#dialog-move [data-code]").textContent = seat.code;
    this.moving = seat.attempt;
    this.openDialog("dialog-move");
  }

  async command(kind, body, targets) {
    const reply = await sendCommand(this.sitting, kind, body, targets, () => this.say(this.texts.textLost));
    if (!reply) {
      this.say(this.texts.textGivenUp, true);
      return;
    }
    this.say(reply.code ? [reply.message, reply.remedy].filter(Boolean).join(" ") : this.describeReply(reply), Boolean(reply.code));
    if (!reply.code) {
      if (kind !== "tell_again") this.follow(reply);
      this.choose([]);
    }
    this.load();
  }

  describeReply(reply) {
    const refused = (reply.refused ?? []).map((one) => one.attempt);
    const rest = refused.length ? `; ${this.texts.textRefused} ${this.describeTargets(refused)}` : "";
    return `${this.texts.textSent} ${reply.told.length}${rest}`;
  }

  // ---- who has confirmed the last command given here
  follow({told, version}) {
    const named = told.filter((one) => one.number !== undefined);
    this.followed = named.length ? {
      atMs: Date.now(), version, told: new Map(named.map((one) => [one.attempt, [one.generation, one.number]]))} : null;
    document.getElementById("live-confirmed").textContent = "";
  }

  showFollowed() {
    const node = document.getElementById("live-confirmed");
    // a snapshot from before the command knows nothing of it
    if (!node || !this.followed || this.snapshot.version < this.followed.version) return;
    const {told, atMs} = this.followed;
    const missing = listUnconfirmed(told, this.seats);
    const isLate = Date.now() - atMs > CONFIRMED_WITHIN_MS;
    const text = `${this.texts.textConfirmedBy} ${told.size - missing.length} ${this.texts.textOf} ${told.size}${
      missing.length && isLate ? `; ${this.texts.textNotConfirmedBy} ${nameSeats(missing, this.texts)}` : ""}`;
    if (node.textContent !== text) node.textContent = text;
    document.getElementById("live-again").hidden = !missing.length || !isLate;
  }

  tellAgain() {
    const missing = listUnconfirmed(this.followed.told, this.seats).map((seat) => seat.attempt);
    if (missing.length) this.command("tell_again", {}, missing);
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
