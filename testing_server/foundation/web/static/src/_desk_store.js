// What the desk keeps in this browser: marks on their way to the server, and what is begun on the answer in hand. One
// database for each expert, so that on a shared computer nobody sends another's marks.
const OUTBOX = "outbox";
const DRAFTS = "drafts";

function finish(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function open(expert) {
  const request = indexedDB.open(`marking-desk-${expert}`, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(OUTBOX, {keyPath: "order", autoIncrement: true});
    request.result.createObjectStore(DRAFTS, {keyPath: "assignment"});
  };
  return finish(request);
}

export class Store {
  #database;

  constructor(expert) {
    this.#database = open(expert);
  }

  // Resolves once the marks are on the disk: only then may the desk go on to the next answer.
  async post(parcel) {
    const database = await this.#database;
    const writing = database.transaction(OUTBOX, "readwrite", {durability: "strict"});
    const done = new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onabort = () => reject(writing.error);
    });
    const order = await finish(writing.objectStore(OUTBOX).add(parcel));
    await done;
    return order;
  }

  async list() {
    return finish(await this.#use(OUTBOX, "readonly", (store) => store.getAll()));
  }

  async drop(order) {
    await finish(await this.#use(OUTBOX, "readwrite", (store) => store.delete(order)));
  }

  // a draft may be written at every key: the last one stands
  async keepDraft(draft) {
    await finish(await this.#use(DRAFTS, "readwrite", (store) => store.put(draft)));
  }

  async findDraft(assignment) {
    return finish(await this.#use(DRAFTS, "readonly", (store) => store.get(assignment)));
  }

  async dropDraft(assignment) {
    await finish(await this.#use(DRAFTS, "readwrite", (store) => store.delete(assignment)));
  }

  async #use(name, mode, act) {
    const database = await this.#database;
    return act(database.transaction(name, mode).objectStore(name));
  }
}
