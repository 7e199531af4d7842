// The journal of a seat without installation, in IndexedDB: kiosk_client/journal.py as far as a page can hold to it.
// Small things are kept in memory as well, so that a snapshot needs no waiting; sound and files are read when they are sent.
import { get, list, openDatabase, under, write } from "./database.js";
import { chainDrafts, digest } from "./events.js";

const UNDER_ATTEMPT = ["leases", "events", "directives", "recordings", "parts", "files"];
const randomHex = (count) => [...crypto.getRandomValues(new Uint8Array(count))].map((one) => one.toString(16).padStart(2, "0")).join("");
const leaseKey = (attempt, lease) => `${attempt}/${lease}`;
const nameOf = ({ attempt, lease, number }) => `${attempt}/${lease}/${number}`;

export class Journal {
  static async open(name) {
    const journal = new Journal(await openDatabase(name));
    await journal.load();
    return journal;
  }

  constructor(database) {
    Object.assign(this, { database, settings: new Map(), attempts: new Map(), leases: new Map(), heads: new Map(),
      recordings: new Map(), parts: new Map(), files: new Map(), bundles: new Map() });
  }

  async load() {
    const { database } = this;
    const keys = await new Promise((resolve, reject) => {
      const asking = database.transaction("settings").objectStore("settings").getAllKeys();
      asking.onsuccess = () => resolve(asking.result);
      asking.onerror = () => reject(asking.error);
    });
    const values = await list(database, "settings");
    keys.forEach((key, index) => this.settings.set(key, values[index]));
    for (const row of await list(database, "attempts")) this.attempts.set(row.attempt, row);
    for (const row of await list(database, "leases")) this.leases.set(leaseKey(row.attempt, row.lease), row);
    for (const row of await list(database, "events")) this.note(row);
    for (const row of await list(database, "recordings")) this.recordings.set(nameOf(row), row);
    for (const { pcm, ...row } of await list(database, "parts")) this.parts.set(`${nameOf(row)}/${row.part_no}`, row);
    for (const { blob, ...row } of await list(database, "files")) this.files.set(`${row.attempt}/${row.sha256}`, row);
    for (const { data, ...row } of await list(database, "bundles")) this.bundles.set(row.sha256, row);
    if (!this.get("journal_id")) await this.renewId();
  }

  note({ attempt, lease, number, digest: found }) {
    const key = leaseKey(attempt, lease);
    if (number >= (this.heads.get(key)?.number ?? 0)) this.heads.set(key, { attempt, lease, number, digest: found });
  }

  // Settings.

  get id() { return this.get("journal_id"); }
  get(key) { return this.settings.get(key) ?? null; }

  async set(key, value) {
    await write(this.database, ["settings"], (store) => store("settings").put(value, key));
    this.settings.set(key, value);
  }

  async renewId() { await this.set("journal_id", randomHex(16)); }

  // Attempts and leases.

  async keepAttempt(attempt, login, signedIn) {
    const row = { attempt, login, signed_in: signedIn };
    const key = leaseKey(attempt, signedIn.lease);
    const known = this.leases.get(key);
    const lease = known?.granted ? known
      : { attempt, lease: signedIn.lease, granted: signedIn.grant, journal: this.id, acked: known?.acked ?? 0, state: "granted" };
    await write(this.database, ["attempts", "leases"], (store) => { store("attempts").put(row); store("leases").put(lease); });
    this.attempts.set(attempt, row);
    this.leases.set(key, lease);
  }

  /** Everything of an attempt goes with its sound, and a setting that says so is kept, in one transaction. */
  async forgetAttempt(attempt, key, value) {
    const bundles = this.listOwnBundles(attempt);
    const steps = [...this.settings.keys()].filter((one) => one.includes(`:${attempt}`));
    await write(this.database, ["settings", "bundles", "attempts", ...UNDER_ATTEMPT], (store) => {
      UNDER_ATTEMPT.forEach((name) => store(name).delete(under(attempt)));
      store("attempts").delete(attempt);
      bundles.forEach((sha256) => store("bundles").delete(sha256));
      steps.forEach((step) => store("settings").delete(step));
      store("settings").put(value, key);
    });
    this.settings.set(key, value);
    this.forget(attempt, steps, bundles);
  }

  forget(attempt, steps, bundles) {
    steps.forEach((step) => this.settings.delete(step));
    bundles.forEach((sha256) => this.bundles.delete(sha256));
    this.attempts.delete(attempt);
    for (const kept of [this.leases, this.heads, this.recordings, this.parts, this.files]) {
      for (const [name, row] of kept) if (row.attempt === attempt) kept.delete(name);
    }
  }

  // Bundles that no other attempt kept here needs.
  listOwnBundles(attempt) {
    const listOf = (name) => (this.attempts.get(name)?.signed_in.bundles ?? []).map(({ sha256 }) => sha256);
    const others = new Set([...this.attempts.keys()].filter((name) => name !== attempt).flatMap(listOf));
    return listOf(attempt).filter((sha256) => !others.has(sha256));
  }

  listLeases(attempt = null) {
    return [...this.leases.values()].filter((one) => attempt === null || one.attempt === attempt)
      .sort((one, other) => one.lease - other.lease);
  }

  isOwn({ journal }) { return journal === this.id; }

  async changeLease(attempt, lease, change) {
    const known = this.leases.get(leaseKey(attempt, lease));
    if (!known || Object.entries(change).every(([name, value]) => known[name] === value)) return;
    const row = { ...known, ...change };
    await write(this.database, ["leases"], (store) => store("leases").put(row));
    this.leases.set(leaseKey(attempt, lease), row);
  }

  // Events.

  /** {number, digest} a lease ends with; before its first event 0 and the digest of the grant. */
  head(attempt, lease) {
    const key = leaseKey(attempt, lease);
    return this.heads.get(key) ?? { number: 0, digest: digest(this.leases.get(key)?.granted ?? "") };
  }

  /** Number, chain and keep the drafts; durable when this resolves. Gives the events. */
  async append(attempt, lease, drafts, stamp) {
    const rows = chainDrafts({ attempt, lease, ...this.head(attempt, lease) }, drafts, stamp);
    await write(this.database, ["events"], (store) => rows.forEach((row) => store("events").add(row)));
    rows.forEach((row) => this.note(row));
    return rows.map((row) => JSON.parse(row.line));
  }

  /** Events of other leases, as they came; a repeat is harmless. */
  async storeHistory(lines) {
    const rows = lines.map((line) => {
      const { attempt, lease, number } = JSON.parse(line);
      return { attempt, lease, number, line, digest: digest(line) };
    });
    const leases = new Map();
    for (const { attempt, lease, number } of rows) {
      const key = leaseKey(attempt, lease);
      const known = leases.get(key) ?? this.leases.get(key)
        ?? { attempt, lease, granted: "", journal: "", acked: 0, state: "foreign" };
      leases.set(key, known.state === "foreign" ? { ...known, acked: Math.max(known.acked, number) } : known);
    }
    const kept = new Set((await list(this.database, "events")).map(nameOf));
    const fresh = rows.filter((row) => !kept.has(nameOf(row)));
    await write(this.database, ["events", "leases"], (store) => {
      fresh.forEach((row) => store("events").put(row));
      for (const row of leases.values()) store("leases").put(row);
    });
    fresh.forEach((row) => this.note(row));
    for (const [key, row] of leases) this.leases.set(key, row);
  }

  /** Events that the server does not have under their numbers: out of the work, kept beside it. */
  async setAside(attempt, lease, rows) {
    const key = `aside:${attempt}:${lease}`;
    await write(this.database, ["events", "settings"], (store) => {
      store("settings").put(rows, key);
      rows.forEach(({ number }) => store("events").delete([attempt, lease, number]));
    });
    this.heads.delete(leaseKey(attempt, lease));
    for (const row of await this.listRows(attempt)) this.note(row);
  }

  async listRows(attempt) { return list(this.database, "events", under(attempt)); }

  async listLines(attempt, lease, after, most) {
    const range = IDBKeyRange.bound([attempt, lease, after + 1], [attempt, lease, after + most]);
    return (await list(this.database, "events", range)).map(({ line }) => line);
  }

  countUnacked(attempt = null) {
    return this.listLeases(attempt).reduce((sum, one) => sum + Math.max(0, this.head(one.attempt, one.lease).number - one.acked), 0);
  }

  listHeads() {
    const heads = {};
    for (const { attempt, lease, number } of this.heads.values()) (heads[attempt] ??= {})[lease] = number;
    return heads;
  }

  // Directives.

  listDirectives(attempt) { return list(this.database, "directives", under(attempt)); }

  async keepDirectives(attempt, texts) {
    const rows = texts.map((text) => ({ ...JSON.parse(text), attempt })).filter(({ kind }) => kind !== "purge");
    await write(this.database, ["directives"], (store) => rows.forEach((row) => store("directives").put(row)));
    return rows;
  }

  // Recordings: a part is kept with its sound, in one step.

  async keepRecording(started, rate) {
    const row = { ...started, rate };
    await write(this.database, ["recordings"], (store) => store("recordings").put(row));
    this.recordings.set(nameOf(row), row);
  }

  async keepPart(part, pcm) {
    const row = { ...part, sent: 0 };
    await write(this.database, ["parts"], (store) => store("parts").put({ ...row, pcm }));
    this.parts.set(`${nameOf(row)}/${row.part_no}`, row);
  }

  async readPart({ attempt, lease, number, part_no: no }) {
    return (await get(this.database, "parts", [attempt, lease, number, no]))?.pcm ?? null;
  }

  /** A recording whose beginning was journalled again under another lease: its parts go again, under the new name. */
  async renameRecording(old, { attempt, lease, number }) {
    const name = { attempt, lease, number };
    const known = this.recordings.get(nameOf(old));
    if (!known) return;
    await this.keepRecording(name, known.rate);
    for (const part of this.listParts(old)) {
      await this.keepPart({ ...part, ...name }, await this.readPart(part));
      await this.markPart(part, 2);
    }
  }

  listParts(started) {
    return [...this.parts.values()].filter((one) => nameOf(one) === nameOf(started)).sort((one, other) => one.part_no - other.part_no);
  }

  listWaitingParts() { return [...this.parts.values()].filter(({ sent }) => sent === 0); }

  async markPart(part, sent) {
    const row = { ...part, sent };
    const pcm = await this.readPart(part);
    await write(this.database, ["parts"], (store) => store("parts").put({ ...row, pcm }));
    this.parts.set(`${nameOf(row)}/${row.part_no}`, row);
  }

  // Files given as answers.

  async keepFile(row, blob) {
    await write(this.database, ["files"], (store) => store("files").put({ ...row, blob }));
    this.files.set(`${row.attempt}/${row.sha256}`, row);
  }

  async readFile(attempt, sha256) { return (await get(this.database, "files", [attempt, sha256]))?.blob ?? null; }

  listFiles(attempt = null) { return [...this.files.values()].filter((one) => attempt === null || one.attempt === attempt); }

  /** A file's bytes that the server has; kept in memory only, it is asked again after every hello. */
  noteFile(row, durable) { this.files.set(`${row.attempt}/${row.sha256}`, { ...row, durable }); }

  /** Parts of speech and files that the server does not have whole. */
  countWaiting(attempt = null) {
    const isHere = (one) => attempt === null || one.attempt === attempt;
    return this.listWaitingParts().filter(isHere).length
      + this.listFiles(attempt).filter(({ durable, bytes }) => durable < bytes).length;
  }

  // Bundles: encrypted, as they came.

  async keepBundle(row, data) {
    await write(this.database, ["bundles"], (store) => store("bundles").put({ ...row, data }));
    this.bundles.set(row.sha256, row);
  }

  hasBundle(sha256) { return this.bundles.has(sha256); }
  async readBundle(sha256) { return (await get(this.database, "bundles", sha256))?.data ?? null; }
}
