// The server's time estimated in the browser: kiosk_client/clock.py with the clocks a page has. A page's monotonic clock
// begins anew with every load, so every load is a boot of its own; the wall clock carries the estimate across a reload.

const EXCHANGES_KEPT = 8;
const DRIFT_PER_MILLION = 50;
const JUMP_MS = 2000;
const UNKNOWN_ERR_MS = 60000;
// How far a wall clock may be wrong that nobody has been seen to change.
const RELOAD_ERR_MS = 2000;

export const pageClock = {
  bootId: crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16)).join(""),
  monoMs: () => Math.round(performance.now()),
  wallMs: () => Date.now(),
};

export class ServerTime {
  /** `isKnown`: whether the server has been asked since the page was loaded. `saved`: what `save` was last called with, by an earlier load of the page; null = never. */
  constructor(clock, saved = null, save = () => undefined) {
    Object.assign(this, { clock, save, lastAtMs: 0, exchanges: [], isKnown: false });
    this.wallOffset = clock.wallMs() - clock.monoMs();
    if (saved) {
      this.lastAtMs = saved.last_at_ms;
      this.keep(this.wallOffset + saved.server_minus_wall_ms, RELOAD_ERR_MS * 2, clock.monoMs());
    }
  }

  keep(offset, roundTrip, mono) {
    this.exchanges = [...this.exchanges, { offset, roundTrip, mono }].slice(-EXCHANGES_KEPT);
  }

  /** Sent at t0 and answered at t3 (page, monotonic); received at t1 and answered at t2 (server). */
  addExchange(t0, t1, t2, t3) {
    this.isKnown = true;
    this.keep(Math.floor((t1 - t0 + t2 - t3) / 2), Math.max(0, t3 - t0 - (t2 - t1)), t3);
    this.save({ server_minus_wall_ms: t3 + this.best(t3).offset - this.clock.wallMs(), last_at_ms: this.lastAtMs });
  }

  errOf({ roundTrip, mono }, now) {
    return Math.floor(roundTrip / 2) + 1 + Math.floor(Math.abs(now - mono) * DRIFT_PER_MILLION / 1000000);
  }

  best(mono) {
    if (!this.exchanges.length) return { offset: this.wallOffset, roundTrip: UNKNOWN_ERR_MS * 2, mono };
    return this.exchanges.reduce((best, one) => this.errOf(one, mono) < this.errOf(best, mono) ? one : best);
  }

  nowMs() {
    const mono = this.clock.monoMs();
    return Math.max(this.lastAtMs, mono + this.best(mono).offset);
  }

  stamp() {
    const mono = this.clock.monoMs();
    const best = this.best(mono);
    this.lastAtMs = Math.max(this.lastAtMs, mono + best.offset);
    return { at_ms: this.lastAtMs, err_ms: this.errOf(best, mono), mono_ms: mono, boot_id: this.clock.bootId };
  }

  wallOffsetMs() { return this.nowMs() - this.clock.wallMs(); }

  /** By how much the machine's clock was changed (or it slept), null if by 2 s or less. */
  takeJumpMs() {
    const offset = this.clock.wallMs() - this.clock.monoMs();
    const jump = offset - this.wallOffset;
    if (Math.abs(jump) <= JUMP_MS) return null;
    this.wallOffset = offset;
    return jump;
  }
}
