// The outbox: sends what the journal holds, in order, for ever; what the server says it has decides what goes next.
import { cutBatch, MAX_BATCH_EVENTS } from "./events.js";
import { fetchBundle } from "./bundles.js";

const SEND_MS = 500;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15000;
const PIECE_BYTES = 192 * 1024;
const SENT = 1;
const CONFLICT = 2;

/** Calls `send() → whether there is more` again and again, with growing pauses while it fails. */
export class Sender {
  constructor(send) { Object.assign(this, { send, pause: FIRST_PAUSE_MS, isStopped: false, wake: () => undefined }); }

  async run() {
    while (!this.isStopped) {
      const pause = await this.attempt();
      if (pause) await this.rest(pause);
    }
  }

  // Only a short rest may be cut short: a server that refuses is not asked at once again.
  rest(pause) {
    return new Promise((resolve) => {
      setTimeout(resolve, pause);
      this.wake = pause <= SEND_MS ? resolve : () => undefined;
    });
  }

  async attempt() {
    try {
      const hasMore = await this.send();
      this.pause = FIRST_PAUSE_MS;
      return hasMore ? 0 : SEND_MS;
    } catch (refusal) {
      const { pause } = this;
      this.pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
      return refusal.wait ? Math.max(50, refusal.wait * 1000) : pause;
    }
  }

  stop() { this.isStopped = true; }
}

/** Events of every lease; `agent` hears of acknowledgements, conflicts and revoked leases. */
export async function sendEvents(agent) {
  let hasMore = false;
  let refusal = null;
  for (const lease of agent.journal.listLeases()) {
    if (lease.state === "conflicted" || lease.state === "foreign") continue;
    try {
      hasMore = await sendLease(agent, lease) || hasMore;
    } catch (found) {
      if (!found.status) throw found;
      // One lease that is refused must not hold up the others.
      refusal = found;
      agent.connection.noteContact();
      if (found.code === "event_conflict") await agent.renewLease(lease);
      else if (found.code === "lease_revoked") await agent.hearRevoked(lease);
    }
  }
  if (refusal) throw refusal;
  return hasMore;
}

async function sendLease(agent, { attempt, lease, acked, state }) {
  const { journal, connection } = agent;
  const lines = await journal.listLines(attempt, lease, acked, MAX_BATCH_EVENTS + 1);
  const batch = cutBatch(lines);
  if (!batch.length) return false;
  const reply = await connection.link.sendEvents(attempt, lease, batch);
  connection.noteContact();
  await journal.changeLease(attempt, lease, { acked: reply.acked });
  if (reply.lease_state === "revoked" && state !== "revoked") await agent.hearRevoked({ attempt, lease });
  agent.hearAck(attempt, reply);
  return batch.length < lines.length && reply.acked > acked;
}

/** One part of speech, newest recording first; whether there was one. */
export async function sendPart({ journal, connection, notify }) {
  const [part] = journal.listWaitingParts().sort((one, other) => other.lease - one.lease || other.number - one.number
    || one.part_no - other.part_no);
  if (!part) return false;
  const pcm = await journal.readPart(part);
  const { rate } = journal.recordings.get(`${part.attempt}/${part.lease}/${part.number}`);
  try {
    const { missing } = await connection.link.sendPart(part, rate, pcm);
    await journal.markPart(part, SENT);
    await resend(journal, part, missing);
  } catch (refusal) {
    if (refusal.code !== "part_conflict") throw refusal;
    await journal.markPart(part, CONFLICT);
  }
  notify();
  return true;
}

// The server may have lost what it once had: what it misses before this part goes again.
async function resend(journal, sent, missing) {
  for (const part of journal.listParts(sent)) {
    const isMissed = missing.some(([from, to]) => part.offset < to && from < part.offset + part.length);
    if (isMissed && part.sent === SENT && part.part_no !== sent.part_no) await journal.markPart(part, 0);
  }
}

/** One piece of one file given as an answer; whether there is more. */
export async function sendFile({ journal, connection, notify }) {
  const row = journal.listFiles().find(({ durable, bytes }) => durable < bytes);
  if (!row) return false;
  const blob = await journal.readFile(row.attempt, row.sha256);
  // An empty piece asks how far the server is: after a hello nobody knows.
  const offset = Math.max(row.durable, 0);
  const piece = row.durable < 0 ? new Uint8Array(0)
    : new Uint8Array(await blob.slice(offset, offset + PIECE_BYTES).arrayBuffer());
  const { durable_bytes: durable } = await connection.link.sendPiece(row.attempt, row.sha256, offset, row.bytes, piece);
  journal.noteFile(row, durable);
  notify();
  return true;
}

/** One bundle that is not here yet; whether there was one. */
export async function fetchMissing({ journal, connection, seating, notify }) {
  const [missing] = seating.listMissing();
  if (!missing) return false;
  await fetchBundle(journal, connection.link, missing);
  notify();
  return true;
}
