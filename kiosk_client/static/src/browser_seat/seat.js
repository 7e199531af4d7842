// The seat's state machine: kiosk_client/seat.py in this language, held to it by tests/kiosk_client/browser_seat. What a
// candidate does, what the server directs and what time does, journalled first. Whoever calls lets one call end before
// the next begins.
import { applyDirective } from "./directives.js";
import { WORK_TIMER } from "./fold.js";
import { notNow, refuse } from "./refusals.js";
import * as route from "./route.js";
import * as rules from "./rules.js";
import { Speaking } from "./speaking.js";
import { nameBreakTimer, nextPlay } from "./timers.js";
import { Walking } from "./walking.js";

const TICK_MS = 5000;
// A page tells every second how far a hearing is: one that tells nothing is gone.
const HEARING_SILENT_MS = 4000;
const DEFAULT_AUTO_CREDIT_MS = 300000;
const CALL = "call";

export class Seat {
  /** `log`: AttemptLog; `lastSignMs`: the newest event before this seat took over, null if none. */
  constructor(log, recorder, lastSignMs) {
    Object.assign(this, { log, recorder, lastSignMs, bareItems: [], moved: false, playing: null, present: false,
      directivesVersion: 0, lastTickMono: 0, heardMono: 0, faults: [] });
    this.planned = { plan: null, items: [] };
    this.speaking = new Speaking(log, recorder);
    this.walking = new Walking(this);
    recorder.onFault = (fault) => this.faults.push(fault);
  }

  get state() { return this.log.state; }

  get items() {
    const plan = this.state.start_body.plan ?? null;
    if (this.planned.plan !== plan || this.planned.of !== this.bareItems) {
      this.planned = { plan, of: this.bareItems, items: plan ? route.applyPlan(this.bareItems, plan) : this.bareItems };
    }
    return this.planned.items;
  }

  get item() { return rules.findItem(this.items, this.state.item); }

  get autoCreditMs() {
    const seconds = this.state.start_body.auto_credit_s;
    return Number.isInteger(seconds) ? seconds * 1000 : DEFAULT_AUTO_CREDIT_MS;
  }

  get isRunning() {
    const { state } = this;
    return state.started && !state.finished && !state.isPaused && !state.absence && !this.moved;
  }

  // Coming and going.

  async takeItems(items) {
    this.bareItems = items;
    await this.resume();
  }

  async comeBack() {
    if (this.present || this.moved) return;
    this.present = true;
    await this.resume();
  }

  async resume() {
    const { state } = this;
    if (!this.present || !this.items.length || !state.started || state.finished || this.moved) return;
    await this.creditOutage(state);
    this.lastSignMs = null;
    await this.goOnSpeaking();
  }

  async creditOutage(state) {
    const stopped = route.findWorkStoppedMs(state, this.lastSignMs);
    const draft = rules.findOutage(stopped, this.log.time.nowMs(), this.autoCreditMs);
    if (draft && !state.isPaused && !state.absence) await this.log.append(draft);
  }

  async leaveForOtherSeat() {
    const drafts = await this.speaking.stop("moved");
    if (drafts.length) await this.log.append(...drafts);
    this.moved = true;
    this.playing = null;
    await this.log.revoke();
  }

  async goOnSpeaking() {
    const { item } = this;
    if (!item || this.state.stage !== "speak" || !this.isRunning || this.speaking.isRecording || this.state.breakNow) return;
    const rule = this.state.start_body.on_move ?? "continue";
    if (rule === "repeat_prompt") await this.enter(item, "choose");
    else if (rule === "next_item") await this.leaveSpeech(item, []);
    else if (this.log.leftMs(rules.nameTimer(item.id, "speak")) !== 0) await this.speaking.record(item, false);
  }

  async leaveRoom() {
    this.require(rules.mayLeave(this.state));
    await this.goOut("candidate");
  }

  async sendOut(by) {
    const { state } = this;
    if (state.started && !state.finished && !this.moved && !state.absence) await this.goOut(by);
  }

  async goOut(by) {
    this.playing = null;
    const stands = this.log.signedIn.assessment.leaving?.work_clock === "stands";
    const drafts = await this.speaking.stop("left");
    await this.log.append(...drafts, { kind: "room_left", body: { by, work_clock: stands ? "stands" : "runs" } });
  }

  async comeIn(by = "candidate") {
    if (!this.state.absence || this.state.finished || this.moved) throw notNow("nobody is out of the room");
    await this.log.append({ kind: "room_returned", body: { by } });
    await this.goOnSpeaking();
  }

  // Answers and ways.

  /** Journal an answer; {lease, number} once it is durable. */
  async answer(id, response, value) {
    const item = this.requireOpen(id);
    const wrong = rules.judgeValue(item, response, value) || this.judgeReference(item, response, value);
    if (wrong) throw refuse("bad_answer", wrong);
    const [{ lease, number }] = await this.log.append(rules.draftAnswer(id, response, value));
    return { lease, number };
  }

  judgeReference(item, response, value) {
    const asksFile = item.interactions.some((one) => one.id === response && one.base_type === "file");
    if (value === null || !asksFile) return "";
    return this.state.files[String(value).split(" ")[0]] ? "" : `${response}: the file was not kept`;
  }

  requireOpen(id) {
    const [item, now] = [this.find(id), this.log.time.nowMs()];
    const isOpen = route.isOpen(this.items, item, this.state, now);
    if (this.moved || !isOpen || !rules.mayAnswer(item, this.state, now)) throw notNow("answers of this item are closed");
    return item;
  }

  find(id) {
    const item = rules.findItem(this.items, id);
    if (!item) throw refuse("unknown_item", id);
    return item;
  }

  require(allowed) {
    if (!allowed || !this.isRunning) throw notNow(`stage ${this.state.stage}`);
  }

  requireStage(stage) {
    if (!this.item || this.state.breakNow || this.state.stage !== stage || !this.isRunning) {
      throw notNow(`stage ${this.state.stage}`);
    }
    return this.item;
  }

  async enter(item, stage) {
    await this.log.append(...rules.enterStage(item, stage, this.state, true));
  }

  // Listening.

  async play(id, volume = 100) {
    const item = this.requireStage("listen");
    if (item.id !== id || this.playing) throw notNow("a hearing goes on");
    const found = nextPlay(this.state.plays[id] ?? [], Math.trunc(item.listening.plays));
    if (!found) throw refuse("no_plays_left");
    await this.log.append({ kind: "play_started", body: { item: id, play: found.play, volume } });
    this.playing = { item: id, play: found.play };
    this.heardMono = this.log.time.stamp().mono_ms;
    return { ...found, media: item.listening.media };
  }

  isPlaying(item, play) { return this.playing?.item === item && this.playing.play === play; }

  async playProgress(item, play, position) {
    if (!this.isPlaying(item, play) || !this.isRunning) return;
    const body = { item, play, position_ms: Math.max(0, position) };
    [{ mono_ms: this.heardMono }] = await this.log.append({ kind: "play_progress", body });
  }

  async playBroken(item, play) {
    if (this.isPlaying(item, play)) this.playing = null;
  }

  async playEnded(item, play) {
    if (!this.isPlaying(item, play)) throw notNow("no such hearing goes on");
    this.playing = null;
    await this.log.append({ kind: "play_ended", body: { item, play } });
  }

  // Speech.

  async prepare() { await this.beginPreparing(this.requireStage("choose")); }

  async beginPreparing(item) {
    if (rules.allotMs(item, "prepare") === null) await this.speaking.enter(item, true);
    else await this.enter(item, "prepare");
  }

  async speak() {
    const item = this.requireStage("prepare");
    this.require(Boolean(item.speaking.early_start));
    await this.speaking.enter(item, true);
  }

  async stopSpeaking() {
    const item = this.requireStage("speak");
    this.require(Boolean(item.speaking.early_finish) && !this.speaking.trouble);
    await this.leaveSpeech(item, await this.speaking.stop("candidate"));
  }

  async speakAgain() {
    const item = this.requireStage("after");
    this.require(rules.countTakesLeft(item, this.state) > 0);
    await this.speaking.enter(item, true);
  }

  async leaveSpeech(item, drafts) {
    await this.log.append(...drafts, ...rules.enterStage(item, "after", this.state));
    const following = rules.findFollowing(this.items, item.id);
    if (item.auto_move && following && route.mayWalk(this.items, this.state)) await this.walking.passOn(item);
  }

  async retryMicrophone() {
    if (!this.speaking.trouble) throw notNow("no trouble");
    await this.speaking.endTrouble(this.autoCreditMs);
    await this.goOnSpeaking();
  }

  // The organizer, the end.

  async call(reason) {
    if (this.state.finished || this.moved) throw notNow("the work is over at this seat");
    await this.log.append({ kind: "incident_raised", body: { kind: CALL, text: reason, reason } });
  }

  async noteGuarded(kind, body) {
    if (this.isRunning) await this.log.append({ kind, body });
  }

  async finish(reason = "candidate") {
    const { state } = this;
    if (!state.started || state.finished || this.moved) throw notNow("no work goes on");
    if (reason === "candidate") this.require(rules.mayLeave(state) && route.mayFinish(this.items, state));
    const drafts = await this.speaking.stop("finish");
    this.playing = null;
    await this.log.append(...drafts, { kind: "attempt_finished", body: { reason } });
  }

  // Directives and time.

  async applyDirectives() {
    for (const directive of this.log.listUnapplied()) {
      if (this.moved || this.state.finished || (directive.kind === "start" && !this.items.length)) break;
      await applyDirective(this, directive);
    }
  }

  async pauseSound() {
    this.playing = null;
    return this.speaking.stop("paused");
  }

  async goOnAfterPause() {
    const { item } = this;
    if (item && this.state.stage === "speak" && this.present && this.isRunning) await this.speaking.record(item, false);
  }

  /** Called a few times a second: faults of the microphone, what is due, the tick of the journal. */
  async tick() {
    while (this.faults.length) {
      const fault = this.faults.shift();
      if (this.speaking.isRecording) await this.speaking.noteFault(fault);
    }
    if (this.state.finished || !this.state.started || this.moved || !this.items.length) return;
    await this.doDue();
    if (this.playing && this.log.time.stamp().mono_ms - this.heardMono > HEARING_SILENT_MS) this.playing = null;
    if (this.present && this.isRunning) await this.tickJournal();
  }

  async doDue() {
    const due = rules.findDue(this.items, this.state, this.log.time.nowMs());
    if (!due) return;
    // The PC's own clock, after a reload and before the server was asked, ends nobody's work (docs/decisions/0076).
    if (due.finishes && !this.log.time.isKnown) return;
    if (due.finishes) await this.finish("time");
    else if (this.present && !this.speaking.trouble) await this.walking.moveOn(due);
  }

  async tickJournal() {
    const stamp = this.log.time.stamp();
    if (stamp.mono_ms - this.lastTickMono < TICK_MS) return;
    this.lastTickMono = stamp.mono_ms;
    const jump = this.log.time.takeJumpMs();
    const drafts = jump === null ? [] : [{ kind: "clock_jump", body: { jump_ms: jump } }];
    await this.log.append(...drafts, { kind: "timer_tick", body: { left_ms: this.listLeft(stamp.at_ms) } });
  }

  listLeft(nowMs) {
    const { breakNow } = this.state;
    const own = breakNow ? nameBreakTimer(breakNow.number) : rules.nameTimer(this.state.item, this.state.stage);
    const left = [WORK_TIMER, own].map((name) => [name, this.state.leftMs(name, nowMs)]);
    return Object.fromEntries(left.filter(([, value]) => value !== null));
  }
}
