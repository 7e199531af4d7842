// A few words over IndexedDB: open, and a transaction that is durable when its promise resolves.
import { refuse } from "./refusals.js";

const NAME = "plain-seat";
const VERSION = 1;
// name → key path; what is not named has its key beside it.
const STORES = {
  settings: null, attempts: "attempt", leases: ["attempt", "lease"], events: ["attempt", "lease", "number"],
  directives: ["attempt", "generation", "number"], recordings: ["attempt", "lease", "number"],
  parts: ["attempt", "lease", "number", "part_no"], files: ["attempt", "sha256"], bundles: "sha256",
};

export function openDatabase(name = NAME) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, VERSION);
    opening.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) {
        opening.result.createObjectStore(store, keyPath ? { keyPath } : undefined);
      }
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/** Do `work(store => objectStore)` in one transaction; its result once everything is on the disk. */
export function write(database, stores, work) {
  return new Promise((resolve, reject) => {
    // strict: the browser answers only when the system says that the disk has it.
    const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
    const result = work((name) => transaction.objectStore(name));
    transaction.oncomplete = () => resolve(result);
    transaction.onerror = transaction.onabort = () => reject(explain(transaction.error));
  });
}

const explain = (error) => error?.name === "QuotaExceededError" ? refuse("disk_full", String(error)) : error ?? refuse("disk_full");

function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const get = (database, store, key) => ask(database.transaction(store).objectStore(store).get(key));
export const list = (database, store, range) => ask(database.transaction(store).objectStore(store).getAll(range));
/** Everything whose compound key begins with these values. */
export const under = (...values) => IDBKeyRange.bound(values, [...values, []]);
