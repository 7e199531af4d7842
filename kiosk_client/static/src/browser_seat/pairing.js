// Pairing by six digits, protocol.md §1. A page cannot see the certificate of its own connection: that the authority is the
// right one is the browser's judgement of the address, and the digits prove that both ends speak of the same key.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { SOFTWARE } from "./limits.js";
import { askOpenly } from "./link.js";
import { refuse } from "./refusals.js";

/** {pairing, code}: what the screen shows. */
export async function beginPairing(key) {
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const begun = await askOpenly("POST", "/v1/pair", { public_key: key.publicKey, commitment: bytesToHex(sha256(nonce)),
    software: SOFTWARE, host_name: nameBrowser() });
  await askOpenly("POST", `/v1/pair/${begun.pairing}`, { nonce: bytesToHex(nonce) });
  const code = computeCode(nonce, hexToBytes(begun.nonce), hashAuthority(begun.authority_pem), hexToBytes(key.publicKey));
  return { pairing: begun.pairing, code };
}

export const askState = (pairing) => askOpenly("GET", `/v1/pair/${pairing}`);

/** What to keep, once the console is green and a person confirmed it. */
export function finishPairing({ state, workstation, seat, school }) {
  if (state !== "green" || !workstation) throw refuse("pairing_refused", `the console is ${state}`);
  return { workstation, seat, school };
}

export function computeCode(nonce, serverNonce, authority, publicKey) {
  const bytes = sha256(new Uint8Array([...utf8ToBytes("pair1"), ...nonce, ...serverNonce, ...authority, ...publicKey]));
  const number = bytes.reduce((rest, byte) => (rest * 256 + byte) % 1000000, 0);
  return String(number).padStart(6, "0");
}

/** SHA-256 of the SubjectPublicKeyInfo of a certificate in PEM. */
export function hashAuthority(pem) {
  const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (sign) => sign.charCodeAt(0));
  return sha256(findPublicKeyInfo(der));
}

// Certificate → tbsCertificate → the seventh field with the version, the sixth without: RFC 5280 §4.1.
function findPublicKeyInfo(der) {
  const tbs = readElement(der, readElement(der, 0).from);
  let at = tbs.from;
  const hasVersion = der[at] === 0xa0;
  for (let skipped = 0; skipped < (hasVersion ? 6 : 5); skipped += 1) at = readElement(der, at).end;
  return der.slice(at, readElement(der, at).end);
}

function readElement(der, at) {
  const first = der[at + 1];
  const count = first < 0x80 ? 0 : first & 0x7f;
  const length = count ? der.slice(at + 2, at + 2 + count).reduce((sum, byte) => sum * 256 + byte, 0) : first;
  const from = at + 2 + count;
  return { from, end: from + length };
}

const nameBrowser = () => navigator.userAgentData?.platform || navigator.platform || "browser";
