// Who sits here: signs a login in, opens its lease, brings back what the journal holds: kiosk_client/seating.py in this
// language. A lease belongs to one journal: where the server knows more of it, the journal gets a new id and a new lease.
import { AttemptLog } from "./attempt_log.js";
import { digest } from "./events.js";
import { readLogin } from "./receipt_code.js";
import { notNow, refuse } from "./refusals.js";
import { Seat } from "./seat.js";

const CURRENT = "current_attempt";
// Not journalled again under another lease: they say something of the old lease or of a moment that is over.
const NOT_REPEATED = new Set(["lease_opened", "timer_tick", "play_progress"]);

export function requireLogin(typed) {
  const login = readLogin(typed);
  if (!login) throw refuse("login_wrong");
  return login;
}

export class Seating {
  constructor(journal, time, recorder) { Object.assign(this, { journal, time, recorder, seat: null, materials: null }); }

  async signIn(connection, typed) {
    const login = requireLogin(typed);
    if (this.seat && !this.seat.state.finished && !this.seat.moved) throw notNow("somebody is signed in");
    await connection.exchangeTime();
    const seat = await this.seatLogin(connection, login);
    if (seat.state.absence && !seat.moved && !seat.state.finished) await seat.comeIn();
    return seat;
  }

  checkLogin(typed) {
    if (this.journal.attempts.get(this.seat?.log.attempt)?.login !== requireLogin(typed)) throw refuse("login_wrong");
  }

  async seatLogin(connection, login) {
    let signedIn = await this.askLease(connection, login);
    const acked = Number(connection.welcome?.acked[signedIn.attempt]?.[signedIn.lease] ?? 0);
    if (acked > this.journal.head(signedIn.attempt, signedIn.lease).number) {
      // Events that this browser once confirmed are gone: number them anew under another lease.
      await this.journal.renewId();
      signedIn = await this.askLease(connection, login);
    }
    const history = await connection.link.fetchHistory(signedIn.attempt);
    await this.journal.keepAttempt(signedIn.attempt, login, signedIn);
    return this.takeSeat(...await this.openLog(connection, signedIn, history));
  }

  askLease(connection, login) {
    return connection.link.signIn({ login, workstation: connection.paired.workstation, journal: this.journal.id, plain: true });
  }

  async openLog(connection, signedIn, history) {
    await this.journal.storeHistory(history.events);
    const log = await new AttemptLog(this.journal, this.time, signedIn).load();
    await log.keepDirectives(history.directives);
    const lastSign = log.lastAtMs;
    if (this.journal.head(signedIn.attempt, signedIn.lease).number === 0) {
      const body = { workstation: connection.paired.workstation, generation: signedIn.generation };
      await log.append({ kind: "lease_opened", body });
      await this.journal.changeLease(signedIn.attempt, signedIn.lease, { state: "open" });
    }
    await this.journal.set(CURRENT, signedIn.attempt);
    return [log, lastSign];
  }

  async takeSeat(log, lastSign) {
    this.materials = null;
    const seat = new Seat(log, this.recorder, lastSign);
    seat.moved = this.journal.listLeases(log.attempt).find(({ lease }) => lease === log.lease)?.state === "revoked";
    await seat.speaking.recover();
    this.seat = seat;
    return seat;
  }

  /** The attempt that was here when the page was closed, from the journal alone. */
  async restore() {
    const kept = this.journal.attempts.get(this.journal.get(CURRENT));
    if (!kept) return;
    const log = await new AttemptLog(this.journal, this.time, kept.signed_in).load();
    const lease = this.journal.listLeases(log.attempt).find((one) => one.lease === log.lease);
    if (lease && this.journal.isOwn(lease)) await this.takeSeat(log, log.lastAtMs);
  }

  async leave() {
    const { seat } = this;
    if (seat?.state.started && !seat.state.finished && !seat.moved) throw notNow("the work goes on");
    await this.journal.set(CURRENT, null);
    this.seat = this.materials = null;
  }

  // Materials.

  findStart() {
    return this.seat?.log.directives.filter(({ kind }) => kind === "start").at(-1)?.body ?? null;
  }

  listBundles() {
    if (!this.seat) return [];
    const listed = new Map(this.seat.log.signedIn.bundles.map((one) => [one.sha256, one]));
    const start = this.findStart() ?? {};
    for (const [plain, sha256] of Object.entries(start.media ?? {})) {
      if (!listed.has(sha256)) listed.set(sha256, { sha256, bytes: 0, plain, type: "" });
    }
    if (start.variant_bundle && !listed.has(start.variant_bundle)) {
      listed.set(start.variant_bundle, { sha256: start.variant_bundle, bytes: 0, plain: "", type: "" });
    }
    return [...listed.values()];
  }

  listMissing() { return this.listBundles().filter(({ sha256 }) => !this.journal.hasBundle(sha256)); }

  /** Open the materials if `start` came, then apply what the server directed. */
  async goForward(openMaterials) {
    const { seat } = this;
    if (!seat) return;
    const start = this.findStart();
    if (!this.materials && start && !this.listMissing().length) {
      this.materials = await openMaterials(this.journal, start, this.listBundles());
      await seat.takeItems(this.materials.items);
    }
    if (seat.log.listUnapplied().length) await seat.applyDirectives();
  }

  // Another lease.

  /** The server keeps other events under this lease, or more of it: go on under a new one. */
  async renewLease(connection, { attempt, lease }) {
    const { seat } = this;
    const kept = this.journal.attempts.get(attempt);
    if (!seat || !kept || seat.log.lease !== lease) {
      await this.journal.changeLease(attempt, lease, { state: "conflicted" });
      return;
    }
    await seat.log.append(...await seat.speaking.stop("lease"));
    await this.journal.renewId();
    const fresh = await this.askLease(connection, kept.login);
    const history = await connection.link.fetchHistory(attempt);
    const known = new Set(history.events.map(digest));
    const unsent = (await this.journal.listRows(attempt)).filter((row) => row.lease === lease && !known.has(row.digest));
    await this.journal.setAside(attempt, lease, unsent);
    await this.journal.changeLease(attempt, lease, { state: "conflicted" });
    await this.journal.keepAttempt(attempt, kept.login, fresh);
    const [log, lastSign] = await this.openLog(connection, fresh, history);
    await repeatEvents(log, unsent.map(({ line }) => JSON.parse(line)).filter(({ kind }) => !NOT_REPEATED.has(kind)));
    await this.moveTo(seat, log, lastSign);
  }

  async moveTo(seat, log, lastSign) {
    const { materials } = this;
    const moved = await this.takeSeat(log, lastSign);
    this.materials = materials;
    await moved.takeItems(seat.bareItems);
    if (seat.present) await moved.comeBack();
  }
}

// Events again under the log's lease, each with its own time; recordings keep their sound.
async function repeatEvents(log, events) {
  const renamed = new Map();
  for (const { kind, body: told, lease, number, at_ms, err_ms, mono_ms, boot_id } of events) {
    const body = { ...told };
    if (body.started && renamed.has(String(body.started))) body.started = renamed.get(String(body.started));
    const [again] = await log.append({ kind, body, at: { at_ms, err_ms, mono_ms, boot_id } });
    if (kind !== "recording_started") continue;
    renamed.set(String([lease, number]), [again.lease, again.number]);
    await log.journal.renameRecording({ attempt: log.attempt, lease, number }, again);
  }
}
