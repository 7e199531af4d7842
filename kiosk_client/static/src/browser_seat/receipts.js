// The hub's receipt, and what may be deleted because of it: contracts/receipts.py, hub_statements.py and statements.py in
// this language. A receipt is believed from the fingerprint of the hub's root that was told first.
import { ed25519 } from "@noble/curves/ed25519.js";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { digest } from "./events.js";

const TYPES = { hub_keys: "application/vnd.testing-server.hub-keys+json;v=1", receipt: "application/vnd.testing-server.receipt+json;v=1" };

const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const readPayload = (payload) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
const nameKey = (publicKey) => digest(publicKey).slice(0, 32);

function readEnvelope(envelope) {
  const { payload, payloadType, signatures } = JSON.parse(envelope);
  return { payload: fromBase64(payload), type: payloadType, signatures: signatures.map(({ keyid, sig }) => [keyid, fromBase64(sig)]) };
}

// The payload, if one of the trusted keys (key id → raw public bytes) signed it; throws otherwise.
function verify(envelope, trusted, wanted) {
  const { payload, type, signatures } = readEnvelope(envelope);
  const signed = new Uint8Array([...utf8ToBytes(`DSSEv1 ${type.length} ${type} ${payload.length} `), ...payload]);
  const isGood = signatures.some(([name, signature]) => trusted.has(name) && ed25519.verify(signature, signed, trusted.get(name)));
  if (type !== wanted || !isGood) throw new Error("not signed by a trusted key");
  return readPayload(payload);
}

/** The receipt that an order brings, signed by the hub of this root; null when it is not to be believed. */
export function readOrder({ receipt, hub_keys: keys }, rootFingerprint) {
  try {
    const root = hexToBytes(readPayload(readEnvelope(keys).payload).root);
    if (digest(root) !== rootFingerprint) return null;
    const { signing, revoked } = verify(keys, new Map([[nameKey(root), root]]), TYPES.hub_keys);
    const trusted = new Map(signing.filter(({ id }) => !revoked.includes(id)).map((one) => [one.id, hexToBytes(one.public)]));
    return verify(receipt, trusted, TYPES.receipt);
  } catch {
    return null;
  }
}

/** done where everything kept is covered and the day has come, else the first reason why not. `kept`: {leases: Map of lease
 * → {number, digest, acked}, recordings: digests, files: digests}. */
export function judgePurge(receipt, attempt, kept, nowMs) {
  const received = receipt.attempts.find((one) => one.attempt === attempt);
  if (!received || receipt.verdict !== "accepted") return "not_in_receipt";
  if (nowMs < receipt.purge_not_before_ms) return "too_early";
  const heads = new Map(received.heads.map((head) => [head.lease, head]));
  if (![...kept.leases].every(([lease, head]) => covers(heads.get(lease), head))) return "events_not_covered";
  if (!kept.recordings.every((one) => (received.recordings ?? []).includes(one))) return "sound_not_covered";
  return kept.files.every((one) => (received.files ?? []).includes(one)) ? "done" : "files_not_covered";
}

// The same last event; or a later one, where the server confirmed every event kept here as the one it has.
function covers(received, kept) {
  if (!received || received.number < kept.number) return false;
  return received.number === kept.number ? received.digest === kept.digest : kept.acked >= kept.number;
}
