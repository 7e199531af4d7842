// The agent of a seat without installation, inside the page: journal, outbox, recorder, link. `start` brings back what the
// journal holds; every step that changes the seat is done alone, one after another.
import { openMaterials } from "./bundles.js";
import { digest } from "./events.js";
import { MAX_ATTEMPT_BYTES, MAX_FILE_BYTES } from "./file_names.js";
import { Connection } from "./connection.js";
import { Hints } from "./hints.js";
import { openKey } from "./identity.js";
import { Journal } from "./journal.js";
import { listFindings, lookAtBrowser, SOFTWARE } from "./limits.js";
import { fetchMissing, sendEvents, sendFile, sendPart, Sender } from "./outbox.js";
import { askState, beginPairing, finishPairing } from "./pairing.js";
import { Purging } from "./purging.js";
import { Recorder } from "./recorder.js";
import { notNow, refuse } from "./refusals.js";
import { Seating } from "./seating.js";
import { pageClock, ServerTime } from "./server_time.js";
import { SoundChecking } from "./sound_check.js";

const POLL_MS = 2000;
// Two people stand at the seat and wait.
const PAIRING_MS = 500;
const TICK_MS = 100;
const SEND_AT_ONCE = 20;
// A page that was not run for so long slept with its computer: nobody could work meanwhile.
const SLEPT_MS = 10000;

export class PlainAgent {
  static async start({ onChange, onLevel }) {
    const journal = await Journal.open();
    const agent = new PlainAgent(journal, await openKey(journal), { onChange, onLevel });
    await agent.begin();
    return agent;
  }

  constructor(journal, key, { onChange, onLevel }) {
    const time = new ServerTime(pageClock, journal.get("time"), (data) => journal.set("time", data).catch(() => undefined));
    const recorder = new Recorder(journal);
    Object.assign(this, { journal, key, time, recorder, notify: onChange, seating: new Seating(journal, time, recorder),
      connection: null, pairing: null, pairingState: "", senders: [], findings: [], checkedMs: 0, urls: new Map(), tail: Promise.resolve(),
      lastTick: { at_ms: 0, mono_ms: 0 } });
    Object.assign(recorder, { onLevel: (heard) => { onLevel(heard); this.tellLevel(heard); }, device: journal.get("chosen_input") ?? "", onPart: () => this.hurry() });
    this.checking = new SoundChecking(this);
    this.purging = new Purging(this);
  }

  get seat() { return this.seating.seat; }

  /** Do `work` when everything begun before it is done; its result or refusal. */
  alone(work) {
    const done = this.tail.then(work);
    this.tail = done.catch(() => undefined);
    return done.finally(() => this.notify());
  }

  async begin() {
    await this.seating.restore();
    if (this.seat) await this.seat.comeBack();
    const paired = this.journal.get("paired");
    if (paired) this.connect(paired);
    setInterval(() => this.tick(), TICK_MS);
    this.pollForEver();
  }

  // The server.

  connect(paired) {
    this.connection = new Connection(paired, this.key, this.journal, this.time, (welcome) => this.hearWelcome(welcome));
    this.hints = new Hints(() => this.connection.link.token, () => this.pollNow?.());
    this.senders = [sendEvents, sendPart, sendFile, fetchMissing].map((send) => new Sender(() => send(this)));
    this.senders.forEach((sender) => sender.run());
  }

  tellLevel(heard) {
    if (this.seat) this.hints?.tellLevel(this.seat.log.attempt, heard);
  }

  hearWelcome({ hub_root: root }) {
    this.purging.pinRoot(root);
    this.lookSoon();
  }

  hurry() { this.senders.forEach((sender) => sender.wake()); }

  async pollForEver() {
    for (;;) {
      await this.poll().catch((refusal) => {
        if (!refusal.status || !this.connection) return;
        this.connection.noteContact();
        this.connection.refusal = refusal.code;
      });
      this.notify();
      await new Promise((resolve) => { setTimeout(resolve, this.connection ? POLL_MS : PAIRING_MS); this.pollNow = resolve; });
    }
  }

  async poll() {
    const { connection, seat } = this;
    if (!connection) {
      if (this.pairing && this.pairingState === "waiting") this.pairingState = (await askState(this.pairing.pairing)).state;
      return;
    }
    await connection.keepTime();
    const { behind } = connection;
    connection.behind = null;
    if (behind) await this.renewLease(behind);
    if (!seat || seat.state.finished) await connection.exchangeTime();
    else {
      const told = await connection.link.fetchDirectives(seat.log.attempt, seat.log.lastDirective);
      connection.noteContact();
      await this.alone(async () => {
        await seat.log.keepDirectives(told.directives);
        seat.directivesVersion = told.version;
        await this.seating.goForward(openMaterials);
      });
    }
    await this.purging.look(connection.link);
    connection.refusal = "";
  }

  hearAck(attempt, reply) {
    const { seat } = this;
    if (seat?.log.attempt === attempt && reply.directives_version > seat.directivesVersion) this.pollNow?.();
    this.notify();
  }

  async hearRevoked({ attempt, lease }) {
    await this.journal.changeLease(attempt, lease, { state: "revoked" });
    const { seat } = this;
    if (seat?.log.attempt === attempt && seat.log.lease === lease) await this.alone(() => seat.leaveForOtherSeat());
  }

  renewLease(lease) { return this.alone(() => this.seating.renewLease(this.connection, lease)); }

  // Time.

  tick() {
    if (this.isTicking || !this.seat) return;
    this.isTicking = true;
    this.alone(() => this.tickSeat()).catch((error) => console.error(error)).finally(() => { this.isTicking = false; });
  }

  async tickSeat() {
    const { seat } = this;
    if (!seat) return;
    if (!this.seating.materials || seat.log.listUnapplied().length) await this.seating.goForward(openMaterials);
    await this.noteSleep(seat);
    await seat.tick();
    if (this.journal.countUnacked() >= SEND_AT_ONCE) this.senders[0]?.wake();
  }

  // A page that is only hidden is run seldom too: nothing is given back for looking elsewhere.
  async noteSleep(seat) {
    const now = this.time.nowMs();
    const [last, wasHidden] = [this.lastTick.at_ms, this.wasHidden];
    this.lastTick = { at_ms: now };
    this.wasHidden = document.hidden;
    if (!last || wasHidden || document.hidden || now - last < SLEPT_MS || !seat.present || seat.speaking.isRecording) return;
    Object.assign(seat, { present: false, playing: null, lastSignMs: last });
    await seat.comeBack();
  }

  // Pairing.

  async beginPairing() {
    this.pairing = await beginPairing(this.key);
    this.pairingState = "waiting";
    return this.pairing.code;
  }

  async confirmPairing(isGreen) {
    const { pairing } = this;
    if (!pairing) throw notNow("no pairing goes on");
    if (!isGreen) {
      [this.pairing, this.pairingState] = [null, ""];
      throw refuse("pairing_refused", "the console is not green");
    }
    const paired = finishPairing(await askState(pairing.pairing));
    await this.journal.set("paired", paired);
    [this.pairing, this.pairingState] = [null, ""];
    this.connect(paired);
  }

  // The candidate.

  requireConnection() {
    if (!this.connection) throw refuse("server_away", "this seat is not paired");
    return this.connection;
  }

  requireSeat() {
    if (!this.seat) throw notNow("nobody is signed in");
    return this.seat;
  }

  async signIn(login) {
    const connection = this.requireConnection();
    await this.report();
    await this.seating.signIn(connection, login);
    this.checking.beginAnew();
    await this.seat.comeBack();
    this.hurry();
  }

  getStep(name) { return this.seat ? this.journal.get(`${name}:${this.seat.log.attempt}`) : null; }
  setStep(name, value = true) { return this.journal.set(`${name}:${this.requireSeat().log.attempt}`, value); }

  // Files of answers and one's own voice, as addresses that live as long as the page.

  /** Keep a file of an answer; its reference once file and journal are durable. */
  async keepFile(item, response, blob, { type, name }) {
    const seat = this.requireSeat();
    const asked = seat.requireOpen(item).interactions.some((one) => one.id === response && one.base_type === "file");
    if (!asked) throw refuse("bad_answer", `${response} asks for no file`);
    const { attempt } = seat.log;
    const total = this.journal.listFiles(attempt).reduce((sum, { bytes }) => sum + bytes, blob.size);
    if (!blob.size || blob.size > MAX_FILE_BYTES || total > MAX_ATTEMPT_BYTES) throw refuse("file_too_large");
    const sha256 = digest(new Uint8Array(await blob.arrayBuffer()));
    await this.journal.keepFile({ attempt, sha256, bytes: blob.size, durable: -1 }, blob.slice(0, blob.size, type));
    await seat.log.append({ kind: "file_kept", body: { item, response, sha256, bytes: blob.size, type, name } });
    await this.findFile(sha256);
    return `${sha256} ${blob.size} ${type} ${name}`;
  }

  findFileUrl(sha256) {
    if (!this.urls.has(sha256)) this.findFile(sha256).then(() => this.notify());
    return this.urls.get(sha256) ?? "";
  }

  async findFile(sha256) {
    const blob = await this.journal.readFile(this.seat?.log.attempt, sha256);
    if (blob) this.urls.set(sha256, URL.createObjectURL(blob));
  }

  /** Where a recording may be played back, "" until it has been put together. */
  findPlayback(started) {
    const name = `${started.lease}/${started.number}`;
    if (!this.urls.has(name)) {
      this.urls.set(name, "");
      this.recorder.read(started).then((sound) => { this.urls.set(name, URL.createObjectURL(sound)); this.notify(); });
    }
    return this.urls.get(name);
  }

  forgetUrls() {
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls.clear();
  }

  // What this browser is, for the readiness table.

  lookSoon() {
    if (this.seat) return;
    this.report().catch(() => undefined).finally(() => this.notify());
  }

  async report({ screen = `${globalThis.screen.width}×${globalThis.screen.height}`, browser = "", verdict = "" } = {}) {
    const facts = await lookAtBrowser(this.key);
    this.findings = listFindings(facts);
    this.checkedMs = this.time.nowMs();
    if (!this.connection) return;
    const body = { verdict, disk_free_bytes: facts.freeBytes, clock_offset_ms: this.time.wallOffsetMs(), screen, browser,
      input_device: this.journal.get("input_device") ?? "", software: SOFTWARE, findings: this.findings };
    await this.connection.link.reportCheck(this.connection.paired.workstation, body);
  }

  /** The phrase of the sound check for the organizer's table. Nothing fails with it: a seat is as ready without. */
  async sendPhrase() {
    const sound = await this.recorder.readPhrase();
    if (sound) await this.connection.link.sendTestRecording(this.connection.paired.workstation, sound).catch(() => undefined);
  }
}
