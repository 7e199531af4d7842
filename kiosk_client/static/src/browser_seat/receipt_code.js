// Digits and letters that people read: the candidate's receipt and the check digit of a login, as contracts/ make them.
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 20;
const DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017",
  "9438617205", "2581436790"];

/** 20 characters over heads [[lease, {number, digest}]] and the recordings' SHA-256s; one that has none is left out. */
export function makeReceiptCode(heads, recordings) {
  const lines = heads.sort(([one], [other]) => one - other).map(([lease, { number, digest }]) => `${lease}:${number}:${digest}\n`);
  const bytes = sha256(utf8ToBytes([...lines, ...recordings.filter(Boolean).sort().map((one) => `${one}\n`)].join("")));
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const places = Array.from({ length: LENGTH }, (_, place) => Number((bits >> BigInt(256 - 5 * (place + 1))) & 31n));
  return places.map((place) => CROCKFORD[place]).join("");
}

/** As it is shown: groups of five, then two check characters (Reed-Solomon over GF(32), as contracts/receipt_code.py). */
export function showReceiptCode(code) {
  let [first, second] = [0, 0];
  for (const sign of code) {
    const over = CROCKFORD.indexOf(sign) ^ first;
    [first, second] = [second ^ multiply(over, 6), multiply(over, 8)];
  }
  return (code + CROCKFORD[first] + CROCKFORD[second]).match(/.{1,5}/g).join("-");
}

function multiply(one, other) {
  let product = 0;
  for (; other; other >>= 1) {
    if (other & 1) product ^= one;
    one = one & 16 ? (one << 1) ^ 0b100101 : one << 1;
  }
  return product;
}

/** The eight digits of a typed login, null when they do not check. */
export function readLogin(typed) {
  const digits = typed.replace(/[\s\-–]/g, "");
  if (!/^[0-9]{8}$/.test(digits)) return null;
  return [...digits].reduce((interim, digit) => DAMM[interim][digit], "0") === "0" ? digits : null;
}
