// Plays scripts on the seat that runs in a browser, here without one. Takes {items, signed_in, scripts: [[step]]} as JSON
// on standard input; gives for each script the lines of its journal and what was seen after every step.
import { AttemptLog } from "../../../kiosk_client/static/src/browser_seat/attempt_log.js";
import { chainDrafts, digest } from "../../../kiosk_client/static/src/browser_seat/events.js";
import { EMPTY_RECORDING, draftRecording } from "../../../kiosk_client/static/src/browser_seat/recorded.js";
import * as rules from "../../../kiosk_client/static/src/browser_seat/rules.js";
import { Seat } from "../../../kiosk_client/static/src/browser_seat/seat.js";
import { showReceiptCode } from "../../../kiosk_client/static/src/browser_seat/receipt_code.js";

const RATE = 24000;

class MemoryJournal {
  constructor({ attempt, lease, grant }) { Object.assign(this, { rows: [], told: [], lease: { attempt, lease, state: "open" }, grant }); }
  head() { return this.rows.at(-1) ?? { number: 0, digest: digest(this.grant) }; }
  async append(attempt, lease, drafts, stamp) {
    const { number, digest: last } = this.head();
    const rows = chainDrafts({ attempt, lease, number, digest: last }, drafts, stamp);
    this.rows.push(...rows);
    return rows.map(({ line }) => JSON.parse(line));
  }
  async listRows() { return this.rows; }
  async listDirectives() { return [...this.told]; }
  async keepDirectives(attempt, texts) {
    const rows = texts.map((text) => JSON.parse(text));
    this.told.push(...rows);
    return rows;
  }
  listLeases() { return [this.lease]; }
  async changeLease(attempt, lease, change) { Object.assign(this.lease, change); }
}

class Microphone {
  constructor() { this.running = null; }
  async chooseSource() { return { rate: RATE, name: "stub" }; }
  async begin(started) { this.running = started; }
  async end(reason) {
    const started = this.running;
    this.running = null;
    return started ? draftRecording(started, { ...EMPTY_RECORDING, bytes: 4, samples: 2, end_reason: reason, verdict: "heard" }) : [];
  }
  async recover(recording) { return draftRecording(recording, { ...EMPTY_RECORDING, end_reason: "recovered" }); }
}

class Player {
  constructor({ items, signed_in: signedIn }) {
    Object.assign(this, { items, signedIn, journal: new MemoryJournal(signedIn), now: 1_760_000_000_000 });
    this.time = { isKnown: true, nowMs: () => this.now, takeJumpMs: () => null,
      stamp: () => ({ at_ms: this.now, err_ms: 3, mono_ms: this.now - 1_700_000_000_000, boot_id: "b" }) };
  }

  async sit() {
    const log = await new AttemptLog(this.journal, this.time, this.signedIn).load();
    const lastSign = log.lastAtMs;
    if (!this.journal.rows.length) await log.append({ kind: "lease_opened", body: { workstation: "w1", generation: 4097 } });
    this.seat = new Seat(log, new Microphone(), lastSign);
    await this.seat.speaking.recover();
    await this.seat.comeBack();
    if (log.directives.length) await this.seat.takeItems(this.items);
  }

  async step({ wait = 0, act, args }) {
    this.now += wait;
    try {
      const found = await DEEDS[act](this, ...args);
      return { result: found ?? null, ...this.look() };
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      return { refused: refusal.code, ...this.look() };
    }
  }

  look() {
    const { state, items, item } = this.seat;
    return { item: state.item, stage: state.stage, work_left: state.leftMs("work", this.now), map: rules.summarize(items, state),
      way_on: rules.nameWayOn(items, state), running: this.seat.isRunning,
      left: item ? state.leftMs(rules.nameTimer(item.id, state.stage), this.now) : null,
      answers: Object.fromEntries([...state.responses].map(([key, { value }]) => [key, value])),
      plays: item ? rules.countPlaysLeft(item, state) : 0, takes: item ? rules.countTakesLeft(item, state) : 0,
      trouble: this.seat.speaking.trouble?.code ?? "", since: this.seat.speaking.trouble?.since_ms ?? 0,
      muted: this.seat.speaking.isMuted };
  }
}

const DEEDS = {
  reload: (player) => player.sit(),
  async direct(player, text) {
    await player.seat.log.keepDirectives([text]);
    if (!player.seat.items.length) await player.seat.takeItems(player.items);
    await player.seat.applyDirectives();
  },
  async answer({ seat }, ...args) {
    const { number } = await seat.answer(...args);
    return number;
  },
  go: ({ seat }, item) => seat.walking.go(seat.find(item)),
  go_on: ({ seat }) => seat.walking.goOn(),
  end_break: ({ seat }) => seat.walking.endBreak(),
  play: ({ seat }, item) => seat.play(item),
  play_progress: ({ seat }, ...args) => seat.playProgress(...args),
  play_ended: ({ seat }, ...args) => seat.playEnded(...args),
  play_broken: ({ seat }, ...args) => seat.playBroken(...args),
  prepare: ({ seat }) => seat.prepare(),
  speak: ({ seat }) => seat.speak(),
  stop_speaking: ({ seat }) => seat.stopSpeaking(),
  speak_again: ({ seat }) => seat.speakAgain(),
  async fault({ seat }, code, isOver) {
    seat.recorder.onFault({ code, stops: code !== "maybe_muted", isOver });
    await seat.tick();
  },
  retry_microphone: ({ seat }) => seat.retryMicrophone(),
  call: ({ seat }, reason) => seat.call(reason),
  leave_room: ({ seat }) => seat.leaveRoom(),
  return_to_room: ({ seat }) => seat.comeIn(),
  finish: ({ seat }) => seat.finish(),
  tick: ({ seat }) => seat.tick(),
};

const told = [];
for await (const chunk of process.stdin) told.push(chunk);
const { scripts, ...given } = JSON.parse(Buffer.concat(told));
const played = [];
for (const script of scripts) {
  const player = new Player(given);
  await player.sit();
  const seen = [];
  for (const step of script) seen.push(await player.step(step));
  const receipt = showReceiptCode(player.seat.log.makeReceipt());
  played.push({ seen, lines: player.journal.rows.map(({ line }) => line), receipt });
}
process.stdout.write(JSON.stringify(played));
