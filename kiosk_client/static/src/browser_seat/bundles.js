// Materials at the seat: fetched sealed and early, opened in memory at the start. Nothing decrypted is kept.
import { Decrypter } from "age-encryption";
import { digest } from "./events.js";
import { refuse } from "./refusals.js";

const VARIANT_FORMAT = "variant/1";
const wrong = (why) => refuse("bundle_wrong", why);

/** Fetch one bundle {sha256, bytes, plain, type} and keep it once its digest is right. */
export async function fetchBundle(journal, link, { sha256, bytes, plain, type }) {
  const data = await link.fetchBundle(sha256);
  if (digest(data) !== sha256) throw wrong(`${sha256} has another digest`);
  await journal.keepBundle({ sha256, bytes, plain, type }, data);
}

/** {items, media: Map of plain sha256 → {url, type, data}} by the keys of the `start` directive. */
export async function openMaterials(journal, start, bundles) {
  const types = new Map(bundles.map(({ plain, type }) => [plain, type]));
  const variant = JSON.parse(new TextDecoder().decode(await decrypt(journal, start.variant_bundle, start.keys)));
  if (variant.format !== VARIANT_FORMAT || !variant.items?.length) throw wrong(`a variant of format ${variant.format}`);
  const media = new Map();
  for (const [plain, sha256] of Object.entries(start.media ?? {})) {
    const data = await decrypt(journal, sha256, start.keys);
    if (digest(data) !== plain) throw wrong(`medium ${plain} has another digest`);
    media.set(plain, URL.createObjectURL(new Blob([data], { type: types.get(plain) || "application/octet-stream" })));
  }
  return { items: variant.items, media };
}

async function decrypt(journal, sha256, keys = {}) {
  const data = await journal.readBundle(sha256);
  if (!data || !keys[sha256]) throw wrong(`bundle ${sha256}: no key or no file`);
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(keys[sha256]);
    return await decrypter.decrypt(data);
  } catch (error) {
    throw wrong(`bundle ${sha256}: ${error}`);
  }
}
