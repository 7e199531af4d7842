// Marks on their way to the server, in order. A lost link keeps them in the browser and they go by themselves later;
// what the server refuses is told, never dropped in silence.
import {post} from "./_desk_server.js";

const RETRY_MS = 5000;
// only these words are the last: after any other the marks stay here and are sent again
const FINAL = new Set(["taken_by_other", "round_closed", "out_of_range", "reason_missing", "unknown_kind"]);

export class Outbox {
  #store;
  #texts;
  #onChange;
  #sending = null;
  #timer = 0;
  waiting = [];
  trouble = "";

  // `onChange(outbox)` after every step; `onRefused(parcel, reply)` for what the server does not take
  constructor(store, texts, onChange, onRefused) {
    this.#store = store;
    this.#texts = texts;
    this.#onChange = onChange;
    this.onRefused = onRefused;
  }

  async load() {
    this.waiting = await this.#store.list();
    this.#onChange(this);
  }

  // On its way to this browser's disk and to the server at once; neither waits for the other.
  put(kind, body, answer) {
    const parcel = {kind, body, answer};
    parcel.kept = this.#store.post({kind, body, answer}).then((order) => { parcel.order = order; }, () => {
      this.trouble = this.#texts.textNoDisk;
      this.#onChange(this);
    });
    this.waiting.push(parcel);
    this.#onChange(this);
  }

  // takes back what was not sent yet; null when it is on its way or gone
  async takeBack(assignment) {
    if (this.#sending) await this.#sending;
    const place = this.waiting.findLastIndex((parcel) => parcel.body.assignment === assignment);
    if (place < 0) return null;
    const [parcel] = this.waiting.splice(place, 1);
    await this.#forget(parcel);
    this.#onChange(this);
    return parcel;
  }

  // true when nothing waits any more
  flush() {
    this.#sending ??= this.#sendAll().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  async #sendAll() {
    window.clearTimeout(this.#timer);
    while (this.waiting.length) {
      const [parcel] = this.waiting;
      const reply = await post(parcel.kind, parcel.body, this.#texts);
      if (reply.code && !FINAL.has(reply.code)) {
        this.trouble = reply.message;
        this.#timer = window.setTimeout(() => this.flush(), RETRY_MS);
        this.#onChange(this);
        return false;
      }
      this.trouble = "";
      await this.#forget(parcel);
      this.waiting.shift();
      if (reply.code) this.onRefused(parcel, reply);
      this.#onChange(this);
    }
    return true;
  }

  async #forget(parcel) {
    await parcel.kept;
    if (parcel.order !== undefined) await this.#store.drop(parcel.order);
  }
}
