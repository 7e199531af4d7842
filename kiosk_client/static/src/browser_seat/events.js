// Events of the journal, byte for byte as testing_server/contracts/events.py writes them: one line, hashed once, chained.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

export const MAX_BATCH_EVENTS = 200;
export const MAX_BATCH_BYTES = 128 * 1024;
const MAX_LINE_BYTES = 96 * 1024;
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/** Lower-case hex SHA-256 of bytes or of a text's UTF-8. */
export function digest(data) {
  return bytesToHex(sha256(typeof data === "string" ? utf8ToBytes(data) : data));
}

/** The line of an event; half a letter, which no UTF-8 can hold, becomes a question mark in a box. */
export function writeEvent({ attempt, lease, number, kind, at_ms, err_ms, mono_ms, boot_id, body, prev }) {
  const line = JSON.stringify({ attempt, lease, number, kind, at_ms, err_ms, mono_ms, boot_id, body, prev }, mend);
  if (utf8ToBytes(line).length > MAX_LINE_BYTES) throw new RangeError("an event is too long");
  return line;
}

/** Rows {attempt, lease, number, line, digest} of drafts {kind, body, at?} that follow a head {attempt, lease, number,
 * digest}; `stamp()` gives the time of a draft without one. */
export function chainDrafts({ attempt, lease, number, digest: prev }, drafts, stamp) {
  const rows = [];
  for (const { kind, body, at } of drafts) {
    const before = rows.at(-1) ?? { number, digest: prev };
    const line = writeEvent({ attempt, lease, number: before.number + 1, kind, ...(at ?? stamp()), body, prev: before.digest });
    rows.push({ attempt, lease, number: before.number + 1, line, digest: digest(line) });
  }
  return rows;
}

function mend(key, value) {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError(`a number that is no integer at ${key}`);
  return typeof value === "string" ? value.replace(LONE_SURROGATE, "\ufffd") : value;
}

/** As many lines from the start as one request may carry; always at least one. */
export function cutBatch(lines) {
  let total = 1024;
  const batch = [];
  for (const line of lines.slice(0, MAX_BATCH_EVENTS)) {
    total += utf8ToBytes(line).length + 8 + (line.match(/["\\]/g) ?? []).length;
    if (batch.length && total > MAX_BATCH_BYTES) break;
    batch.push(line);
  }
  return batch;
}
