// Who this seat is: an Ed25519 key that never leaves the browser. Where the browser knows the algorithm, not even this page
// can read the key; where it does not (Chromium before 137), its bytes lie in the page's own IndexedDB.
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

const KEY = "key";
const ALGORITHM = "Ed25519";
const HELLO_PREFIX = new TextEncoder().encode("hello1");

/** {publicKey: hex, sign(bytes) → hex}; made at the first call. */
export async function openKey(journal) {
  if (!journal.get(KEY)) await journal.set(KEY, await makeKey());
  const { publicKey, pair, secret } = journal.get(KEY);
  const sign = pair
    ? async (bytes) => new Uint8Array(await crypto.subtle.sign(ALGORITHM, pair, bytes))
    : async (bytes) => ed25519.sign(bytes, secret);
  return { publicKey, isHidden: Boolean(pair), sign: async (bytes) => bytesToHex(await sign(bytes)) };
}

async function makeKey() {
  try {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    return { publicKey: bytesToHex(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))), pair: privateKey };
  } catch {
    const { secretKey, publicKey } = ed25519.keygen();
    return { publicKey: bytesToHex(publicKey), secret: secretKey };
  }
}

/** The answer to a hello's challenge. */
export function signChallenge(key, challenge) {
  return key.sign(new Uint8Array([...HELLO_PREFIX, ...hexToBytes(challenge)]));
}
