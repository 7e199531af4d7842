// The paired server as this seat knows it: says hello, keeps the time, notices when nobody answers.
import { Link, askOpenly } from "./link.js";
import { signChallenge } from "./identity.js";
import { SOFTWARE } from "./limits.js";
import { refuse } from "./refusals.js";

const AWAY_MS = 5000;
const EXCHANGE_MS = 15000;
const FIRST_EXCHANGES = 3;

export class Connection {
  /** `onWelcome(welcome)` after each hello, before anything else is sent. */
  constructor(paired, key, journal, time, onWelcome) {
    Object.assign(this, { paired, key, journal, time, onWelcome, welcome: null, refusal: "", behind: null, exchangedMs: null });
    this.heardMs = time.clock.monoMs();
    this.link = new Link(() => this.sayHello());
  }

  noteContact() { this.heardMs = this.time.clock.monoMs(); }
  get isAway() { return this.time.clock.monoMs() - this.heardMs > AWAY_MS; }

  async sayHello() {
    const body = { workstation: this.paired.workstation, protocol: ["1.0", "1.0"], software: SOFTWARE,
      boot_id: this.time.clock.bootId, generation: this.welcome?.generation ?? 0, attempts: this.journal.listHeads() };
    const { challenge } = await askOpenly("POST", "/v1/hello", body);
    const signature = await signChallenge(this.key, challenge);
    const before = this.time.clock.monoMs();
    const welcome = await askOpenly("POST", "/v1/hello", { ...body, challenge, signature });
    await this.checkGeneration(welcome);
    this.time.addExchange(before, welcome.server_at_ms, welcome.server_at_ms, this.time.clock.monoMs());
    this.link.filesUrl = welcome.files_url.replace(/\/$/, "");
    await this.reconcile(welcome);
    this.noteContact();
    this.welcome = welcome;
    this.onWelcome(welcome);
    return welcome.token;
  }

  // Obey only the newest server of a sitting that was ever seen.
  async checkGeneration({ claim, generation }) {
    const sitting = readSitting(claim);
    const known = this.journal.get("claims") ?? {};
    if (generation < (known[sitting] ?? 0)) throw refuse("stale_server", `generation ${generation} after ${known[sitting]}`);
    if (sitting && generation > (known[sitting] ?? 0)) await this.journal.set("claims", { ...known, [sitting]: generation });
  }

  // What the server has, also where it is less than it once said: the outbox sends from there.
  async reconcile({ acked: told, durable }) {
    for (const { attempt, lease, state, journal } of this.journal.listLeases()) {
      if (!told[attempt] || state === "foreign") continue;
      const acked = Number(told[attempt][lease] ?? 0);
      const { number } = this.journal.head(attempt, lease);
      if (acked > number && journal === this.journal.id) this.behind = { attempt, lease };
      await this.journal.changeLease(attempt, lease, { acked: Math.min(acked, number) });
    }
    for (const row of this.journal.listFiles()) this.journal.noteFile(row, -1);
    for (const recording of this.journal.recordings.values()) {
      const has = durable[`${recording.attempt}/${recording.lease}/${recording.number}`];
      if (has === undefined) continue;
      const lost = this.journal.listParts(recording).filter((part) => part.sent === 1 && part.offset + part.length > has);
      for (const part of lost) await this.journal.markPart(part, 0);
    }
  }

  async keepTime() {
    const now = this.time.clock.monoMs();
    if (this.exchangedMs !== null && now - this.exchangedMs < EXCHANGE_MS) return;
    for (let count = this.exchangedMs === null ? FIRST_EXCHANGES : 1; count; count -= 1) await this.exchangeTime();
    this.exchangedMs = now;
  }

  async exchangeTime() {
    const sent = this.time.clock.monoMs();
    const told = await this.link.tellTime(sent);
    this.time.addExchange(sent, told.t1_ms, told.t2_ms, this.time.clock.monoMs());
    this.noteContact();
  }
}

/** The sitting a claim (DSSE envelope) is about, "" when there is none. */
function readSitting(claim) {
  try {
    const bytes = Uint8Array.from(atob(JSON.parse(claim).payload), (sign) => sign.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)).sitting ?? "";
  } catch {
    return "";
  }
}
