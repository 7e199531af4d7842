// Speech at the seat: parts of at most a second, kept in the journal with their sound before they count, on their way to the
// server while the candidate still speaks. At most one recording or check at a time.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { digest } from "./events.js";
import { LoudnessJudge, measure } from "./meter.js";
import { Microphone, MicrophoneRefusal } from "./microphone.js";
import { EMPTY_RECORDING, draftRecording } from "./recorded.js";
import { notNow } from "./refusals.js";
import { Stillness, newHabits } from "./stillness.js";

const PART_S = 1;
const WATCH_MS = 500;
const STILL_MS = 2000;
const SPEECH_DB10 = -450;
// as long as a workstation with a program sends
const PHRASE_S = 15;
const WAV_HEAD = 44;

const bytesOf = (samples) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

// What one opening of the microphone gives, block by block.
class Take {
  constructor(source, { onLevel, onSound, onFault, habits }) {
    Object.assign(this, { source, onLevel, onSound, onFault, judge: new LoudnessJudge(source.rate), heardMs: performance.now(),
      stillness: new Stillness(source.rate, habits), isClosed: false, isMuted: false, isDead: false });
  }

  async begin() {
    try {
      await this.source.start({ onBlock: (block) => this.hear(block), onLost: () => this.onFault("device_lost", true),
        onMuted: (isMuted) => { this.isClosed = isMuted; this.noteMuted(); } });
    } catch (error) {
      this.source.close();
      throw error.isMicrophone ? error : new MicrophoneRefusal("device_busy", String(error));
    }
    this.watch = setInterval(() => {
      if (performance.now() - this.heardMs > STILL_MS) this.onFault("no_callbacks", true);
    }, WATCH_MS);
  }

  hear(block) {
    this.heardMs = performance.now();
    this.judge.add(block);
    const { level, clipped } = measure(block);
    this.onLevel({ dbfs_x10: level, speech: level > SPEECH_DB10, clipped: clipped > 0 });
    this.onSound(block);
    this.stillness.read(block);
    if (this.stillness.isDead && !this.isDead) this.onFault("all_zero", true);
    this.isDead = this.stillness.isDead;
    this.noteMuted();
  }

  // The browser says that the microphone is closed, or its silence does.
  noteMuted() {
    const isMuted = this.isClosed || this.stillness.mayBeMuted;
    if (isMuted !== this.isMuted) this.onFault("maybe_muted", false, !isMuted);
    this.isMuted = isMuted;
  }

  async end() {
    clearInterval(this.watch);
    await this.source.stop();
  }
}

export class Recorder {
  /** `onLevel`, `onPart` are called as sound comes; `onFault({code, stops, isOver})` is the seat's. */
  constructor(journal, openSource = Microphone.open) {
    Object.assign(this, { journal, openSource, onLevel: () => undefined, onPart: () => undefined, onFault: () => undefined,
      device: "", running: null, check: null, checked: null, phrase: null, habits: new Map() });
  }

  chooseSource() { return this.openSource(this.device); }

  // What is known of a device from all its recordings; another candidate has another headset.
  know({ name }) {
    if (!this.habits.has(name)) this.habits.set(name, newHabits());
    return this.habits.get(name);
  }

  forgetDevices() { this.habits.clear(); }

  // Recordings of answers.

  async begin({ attempt, lease, number }, source) {
    if (this.running) throw notNow("a recording goes on");
    this.dropCheck();
    const started = { attempt, lease, number };
    await this.journal.keepRecording(started, source.rate);
    const running = { started, rate: source.rate, blocks: [], count: 0, parts: 0, bytes: 0, whole: sha256.create(),
      kept: Promise.resolve(), failure: null };
    running.take = new Take(source, { habits: this.know(source), onLevel: this.onLevel, onSound: (block) => this.collect(running, block),
      onFault: (code, stops, isOver = false) => this.onFault({ code, stops, isOver }) });
    await running.take.begin();
    this.running = running;
  }

  collect(running, block) {
    running.blocks.push(block);
    running.count += block.length;
    if (running.count >= running.rate * PART_S) this.cut(running);
  }

  // The sound so far becomes a part; parts are kept one after another.
  cut(running) {
    if (!running.count) return;
    const samples = new Int16Array(running.count);
    running.blocks.reduce((at, block) => { samples.set(block, at); return at + block.length; }, 0);
    const pcm = bytesOf(samples);
    const part = { ...running.started, part_no: running.parts + 1, offset: running.bytes, length: pcm.length, sha256: digest(pcm) };
    running.whole.update(pcm);
    Object.assign(running, { blocks: [], count: 0, parts: running.parts + 1, bytes: running.bytes + pcm.length });
    running.kept = running.kept.then(() => this.journal.keepPart(part, pcm)).then(() => this.onPart()).catch((error) => {
      if (!running.failure) this.onFault({ code: "storage_full", stops: true });
      running.failure = error;
    });
  }

  /** Stop; drafts that close the recording, nothing if none goes on. */
  async end(reason) {
    const { running } = this;
    if (!running) return [];
    await running.take.end();
    this.cut(running);
    await running.kept;
    this.running = null;
    if (running.failure) return this.recover(running.started);
    const facts = { bytes: running.bytes, samples: running.bytes / 2, sha256: bytesToHex(running.whole.digest()),
      parts: running.parts, end_reason: reason, verdict: running.take.judge.judge().verdict };
    return draftRecording(running.started, facts);
  }

  /** What a closed page left of a recording: the parts that were kept; drafts that close it. */
  async recover({ attempt, lease, number }) {
    const parts = this.journal.listParts({ attempt, lease, number });
    const rate = this.journal.recordings.get(`${attempt}/${lease}/${number}`)?.rate ?? 48000;
    const [whole, judge] = [sha256.create(), new LoudnessJudge(rate)];
    let bytes = 0;
    for (const part of parts) {
      const pcm = await this.journal.readPart(part);
      whole.update(pcm);
      judge.add(new Int16Array(pcm.slice().buffer));
      bytes += pcm.length;
    }
    const facts = parts.length ? { ...EMPTY_RECORDING, bytes, samples: bytes / 2, sha256: bytesToHex(whole.digest()),
      parts: parts.length, verdict: judge.judge().verdict } : EMPTY_RECORDING;
    return draftRecording({ lease, number }, { ...facts, end_reason: "recovered" });
  }

  /** The whole sound of a recording as a WAV. */
  async read(started) {
    const rate = this.journal.recordings.get(`${started.attempt}/${started.lease}/${started.number}`)?.rate ?? 48000;
    const blocks = await Promise.all(this.journal.listParts(started).map((part) => this.journal.readPart(part)));
    return makeWav(blocks, rate);
  }

  // The sound check.

  async beginCheck() {
    if (this.running) throw notNow("a recording goes on");
    const source = await this.chooseSource();
    this.dropCheck();
    const blocks = [];
    const take = new Take(source, { habits: this.know(source), onLevel: this.onLevel, onSound: (block) => blocks.push(bytesOf(block)), onFault: () => undefined });
    await take.begin();
    this.check = { take, blocks };
    return source.name;
  }

  async endCheck() {
    const { check } = this;
    if (!check) throw notNow("no sound check goes on");
    this.check = null;
    await check.take.end();
    const { rate } = check.take.source;
    this.checked = URL.createObjectURL(makeWav(check.blocks, rate));
    this.phrase = makeWav(cutBlocks(check.blocks, PHRASE_S * rate * 2), rate);
    return check.take.judge.judge();
  }

  /** What was said last in the sound check, its first seconds as a WAV; null where nothing was. */
  async readPhrase() {
    return this.phrase && this.phrase.size > WAV_HEAD ? new Uint8Array(await this.phrase.arrayBuffer()) : null;
  }

  dropCheck() {
    this.check?.take.end();
    if (this.checked) URL.revokeObjectURL(this.checked);
    this.check = this.checked = this.phrase = null;
  }
}

/** The first `length` bytes of blocks. */
function cutBlocks(blocks, length) {
  const kept = [];
  let left = length;
  for (const block of blocks) {
    if (left <= 0) break;
    kept.push(block.subarray(0, left));
    left -= block.length;
  }
  return kept;
}

/** Raw 16-bit mono PCM as a WAV file. */
export function makeWav(blocks, rate) {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(WAV_HEAD));
  const text = (at, word) => [...word].forEach((sign, place) => view.setUint8(at + place, sign.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + length, true);
  text(8, "WAVEfmt ");
  [[16, 4, 16], [20, 2, 1], [22, 2, 1], [24, 4, rate], [28, 4, rate * 2], [32, 2, 2], [34, 2, 16]].forEach(([at, size, value]) => {
    if (size === 4) view.setUint32(at, value, true);
    else view.setUint16(at, value, true);
  });
  text(36, "data");
  view.setUint32(40, length, true);
  return new Blob([view, ...blocks], { type: "audio/wav" });
}
