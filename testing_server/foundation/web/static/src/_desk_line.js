// Which answers come: the one in hand, those fetched ahead, those put back. Marks go out through the outbox first, so
// that the server never counts an answer as lying here that is marked already.
import {get, post} from "./_desk_server.js";

const AHEAD = 1;

export class Line {
  #texts;
  #outbox;
  #sound;
  #findDraft;
  #fetching = null;
  #ready = [];

  // `findDraft(assignment)`: what was begun on an answer earlier; every answer comes with it as `draft`
  constructor(texts, outbox, sound, findDraft) {
    this.#texts = texts;
    this.#findDraft = findDraft;
    this.#outbox = outbox;
    this.#sound = sound;
  }

  // the next answer at once where it is here already; else as the server tells, {code, message} where it does not
  async next() {
    if (this.#fetching) await this.#fetching;
    if (this.#ready.length) return this.#ready.shift();
    if (!await this.#outbox.flush()) return {code: "offline", message: this.#texts.textNoNext};
    return this.#complete(await post("next", {}, this.#texts));
  }

  get hasNext() {
    return this.#ready.length > 0;
  }

  putBack(answer) {
    this.#ready.unshift(answer);
  }

  // fetches what comes after `inHand` with its sound; quietly nothing where there is nothing or no link
  fetchAhead(inHand) {
    this.#fetching ??= this.#fetch(inHand).finally(() => { this.#fetching = null; });
    return this.#fetching;
  }

  async #fetch(inHand) {
    if (this.#ready.length >= AHEAD || !await this.#outbox.flush()) return;
    const found = await post("ahead", {assignment: inHand.assignment}, this.#texts);
    if (found.code || !found.assignment || this.#ready.some((one) => one.assignment === found.assignment)) return;
    this.#ready.push(await this.#complete(found));
    this.#sound.prepare(found.content.recordings);
  }

  async #complete(found) {
    if (!found.code) found.draft = await this.#findDraft(found.assignment);
    return found;
  }

  fetchFigures() {
    return get("/v1/marking/figures");
  }
}
