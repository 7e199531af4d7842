// The sound check of this seat: audio/sound_check.py's steps. Hear a phrase, say a phrase, hear yourself.
import { notNow } from "./refusals.js";

const TRIES_BEFORE_HELP = 3;
const USABLE = new Set(["heard", "clipped", "noisy"]);
const NOT_THERE = new Set(["no_sound_card", "device_missing"]);

const beginCheck = () => ({ step: "hear", tries: 0, problem: null, verdict: null, usual_speech_db10: null });

export class SoundChecking {
  constructor(agent) { Object.assign(this, { agent, state: beginCheck(), isSaying: false, againAt: null }); }

  get shown() {
    const isPassed = this.state.step === "passed";
    return { ...this.state, needs_person: this.state.tries >= TRIES_BEFORE_HELP, is_passed: isPassed, saying: this.isSaying,
      again: this.isAgain, may_begin_again: this.mayBeginAgain(this.agent.seat) };
  }

  get isAgain() {
    const state = this.agent.seat?.state;
    return Boolean(state && this.againAt) && this.againAt === `${state.item}/${state.stage}`;
  }

  mayBeginAgain(seat) {
    const { assessment } = seat.log.signedIn;
    if (!seat.state.started) return Boolean(assessment.sound_check);
    return Boolean(assessment.sound_check_again) && seat.isRunning && seat.state.stage === "choose";
  }

  beginAnew() {
    this.agent.recorder.forgetDevices();
    Object.assign(this, { state: beginCheck(), isSaying: false, againAt: null });
  }

  async beginAgain() {
    const { seat } = this.agent;
    if (!this.mayBeginAgain(seat)) throw notNow("no sound check here");
    this.beginAnew();
    if (seat.state.started) this.againAt = `${seat.state.item}/${seat.state.stage}`;
    else await this.agent.setStep("checked", false);
  }

  endAgain() {
    this.agent.recorder.dropCheck();
    Object.assign(this, { isSaying: false, againAt: null });
  }

  require(step) {
    if (this.state.step !== step) throw notNow(`${this.state.step} is on, not ${step}`);
  }

  advance(step, change = {}) { this.state = { ...this.state, step, tries: 0, problem: null, ...change }; }
  fail(problem, change = {}) { this.state = { ...this.state, tries: this.state.tries + 1, problem, ...change }; }

  answerHeard(isHeard) {
    this.require("hear");
    if (isHeard) this.advance("say");
    else this.fail("phrase_not_heard");
  }

  async beginSaying() {
    if (this.state.step === "hear_yourself") this.advance("say", { verdict: null });
    if (this.isSaying) throw notNow("a phrase is being said");
    this.require("say");
    try {
      await this.agent.journal.set("input_device", await this.agent.recorder.beginCheck());
    } catch (refusal) {
      if (refusal.isMicrophone) this.fail(NOT_THERE.has(refusal.code) ? "unplugged" : "device_refused");
      throw refusal;
    }
    this.isSaying = true;
  }

  async endSaying() {
    this.isSaying = false;
    const { verdict, speech_db10: level } = await this.agent.recorder.endCheck();
    this.require("say");
    if (USABLE.has(verdict)) this.advance("hear_yourself", { verdict, usual_speech_db10: level });
    else this.fail("phrase_not_said", { verdict });
    await this.note("sound_checked", { verdict, device: this.agent.journal.get("input_device") ?? "" });
    return { verdict };
  }

  answerHeardYourself(isHeard) {
    this.require("hear_yourself");
    if (isHeard) this.advance("passed");
    else this.fail("own_voice_not_heard", { step: "say" });
  }

  async note(kind, body) {
    const { seat } = this.agent;
    if (seat && !seat.state.finished && !seat.moved) await seat.log.append({ kind, body });
  }

  // Devices, as far as a browser names them.

  async listDevices() {
    const shown = { input: [], output: [] };
    for (const { kind, deviceId, label } of await navigator.mediaDevices.enumerateDevices()) {
      if (kind !== "audioinput" || !label) continue;
      const isChosen = this.agent.recorder.device ? deviceId === this.agent.recorder.device : deviceId === "default";
      shown.input.push({ key: deviceId, name: label, state: "ready", is_chosen: isChosen });
    }
    return shown;
  }

  async chooseDevice(direction, key) {
    if (direction !== "input" || this.isSaying || this.agent.recorder.running) throw notNow("not this device now");
    this.agent.recorder.device = key;
    await this.agent.journal.set("chosen_input", key);
    const { input } = await this.listDevices();
    await this.note("device_changed", { device: input.find((one) => one.key === key)?.name ?? key });
    this.state = beginCheck();
  }
}
