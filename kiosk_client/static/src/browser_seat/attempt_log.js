// One attempt as its journal knows it: appends to the seat's own lease, gives the folded state.
import { fold, keyOf } from "./fold.js";
import { makeReceiptCode } from "./receipt_code.js";

const compareKeys = (one, other) => one.generation - other.generation || one.number - other.number;

export class AttemptLog {
  /** `signedIn`: what the server answered at the sign-in that granted the lease written to here. */
  constructor(journal, time, signedIn) {
    Object.assign(this, { journal, time, signedIn, attempt: signedIn.attempt, lease: signedIn.lease, events: [],
      directives: [], folded: null });
  }

  async load() {
    this.events = (await this.journal.listRows(this.attempt)).map(({ line }) => JSON.parse(line));
    this.directives = (await this.journal.listDirectives(this.attempt)).sort(compareKeys);
    this.folded = null;
    return this;
  }

  async append(...drafts) {
    const events = await this.journal.append(this.attempt, this.lease, drafts, () => this.time.stamp());
    this.events.push(...events);
    this.folded = null;
    return events;
  }

  get state() {
    this.folded ??= fold(this.events, this.directives);
    return this.folded;
  }

  get lastAtMs() { return this.state.last_at_ms || null; }
  leftMs(timer) { return this.state.leftMs(timer, this.time.nowMs()); }
  isOurs(lease) { return this.journal.listLeases(this.attempt).some((one) => one.lease === lease && one.state !== "foreign"); }
  revoke() { return this.journal.changeLease(this.attempt, this.lease, { state: "revoked" }); }

  async keepDirectives(texts) {
    const known = new Set(this.directives.map(keyOf));
    const fresh = (await this.journal.keepDirectives(this.attempt, texts)).filter((told) => !known.has(keyOf(told)));
    if (!fresh.length) return;
    this.directives = [...this.directives, ...fresh].sort(compareKeys);
    this.folded = null;
  }

  listUnapplied() { return this.directives.filter((told) => !this.state.applied.has(keyOf(told))); }

  /** "generation.number" of the newest directive kept here. */
  get lastDirective() { return this.directives.length ? keyOf(this.directives.at(-1)) : "0.0"; }

  makeReceipt() {
    const heads = Object.keys(this.state.heads).map((lease) => [Number(lease), this.journal.head(this.attempt, Number(lease))]);
    return makeReceiptCode(heads, this.state.recordings.map(({ sha256 }) => sha256));
  }
}
