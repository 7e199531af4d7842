// An attempt goes from this browser by the server's order, once the hub's receipt covers all that is kept of it:
// kiosk_client/purging.py in this language.
import { fold } from "./fold.js";
import { judgePurge, readOrder } from "./receipts.js";

const HUB_ROOT = "hub_root";
const ANSWERS = "purge_answers";
const LOOK_MS = 30000;

const isPassing = ({ status }) => !status || status >= 500 || status === 401 || status === 429;

export class Purging {
  constructor(agent) { Object.assign(this, { agent, due: 0, told: new Map() }); }

  /** The first hub this seat hears of, as its paired server names it. */
  async pinRoot(fingerprint) {
    if (fingerprint && !this.agent.journal.get(HUB_ROOT)) await this.agent.journal.set(HUB_ROOT, fingerprint);
  }

  /** Answer every order there is, while nobody works here. */
  async look(link) {
    const { agent } = this;
    if (performance.now() < this.due || agent.seat?.isRunning) return;
    this.due = performance.now() + LOOK_MS;
    await this.sendAnswers(link);
    for (const attempt of [...agent.journal.attempts.keys()]) {
      const order = await this.findOrder(link, attempt);
      if (order) await this.carryOut(link, order);
    }
  }

  // The newest order for an attempt; a server that does not know it has none.
  async findOrder(link, attempt) {
    const kept = (await this.agent.journal.listDirectives(attempt)).sort((one, other) =>
      one.generation - other.generation || one.number - other.number).at(-1);
    try {
      const { directives } = await link.fetchDirectives(attempt, kept ? `${kept.generation}.${kept.number}` : "0.0");
      return directives.map((text) => JSON.parse(text)).filter(({ kind }) => kind === "purge").at(-1) ?? null;
    } catch (refusal) {
      if (isPassing(refusal)) throw refusal;
      return null;
    }
  }

  async carryOut(link, { attempt, generation, number, body }) {
    const result = await this.judge(attempt, body);
    const answer = { attempt, generation, number, result };
    if (result === "done") {
      await this.agent.alone(() => this.remove(attempt, answer));
      await this.sendAnswers(link);
    } else if (this.told.get(attempt) !== `${generation}.${number}:${result}`) {
      await tell(link, answer);
      this.told.set(attempt, `${generation}.${number}:${result}`);
    }
  }

  async judge(attempt, body) {
    const { journal, seat, time } = this.agent;
    const isAtWork = seat?.log.attempt === attempt && seat.state.started && !seat.state.finished && !seat.moved;
    if (isAtWork) return "still_at_work";
    if (journal.countUnacked(attempt) || journal.countWaiting(attempt)) return "not_delivered";
    const root = journal.get(HUB_ROOT);
    if (!root) return "hub_unknown";
    const receipt = readOrder(body, root);
    return receipt ? judgePurge(receipt, attempt, await this.listKept(attempt), time.nowMs()) : "bad_receipt";
  }

  async listKept(attempt) {
    const { journal } = this.agent;
    const leases = journal.listLeases(attempt).map(({ lease, acked }) => [lease, { ...journal.head(attempt, lease), acked }])
      .filter(([, { number }]) => number > 0);
    const { recordings } = fold((await journal.listRows(attempt)).map(({ line }) => JSON.parse(line)));
    const sound = [...journal.recordings.values()].filter((one) => one.attempt === attempt && journal.listParts(one).length);
    const digests = sound.map((one) => recordings.find((known) => known.committed && known.lease === one.lease
      && known.number === one.number)?.sha256 ?? "");
    return { leases: new Map(leases), recordings: digests, files: journal.listFiles(attempt).map(({ sha256 }) => sha256) };
  }

  async remove(attempt, answer) {
    const { agent } = this;
    if (agent.seat?.log.attempt === attempt) await agent.seating.leave();
    agent.forgetUrls();
    await agent.journal.forgetAttempt(attempt, ANSWERS, [...(agent.journal.get(ANSWERS) ?? []), answer]);
  }

  // What was deleted is told until the server has heard it.
  async sendAnswers(link) {
    const { journal } = this.agent;
    for (let waiting = journal.get(ANSWERS) ?? []; waiting.length; waiting = journal.get(ANSWERS)) {
      await tell(link, waiting[0]);
      await journal.set(ANSWERS, waiting.slice(1));
    }
  }
}

// A server that does not know of the order has no use for the answer.
async function tell(link, { attempt, generation, number, result }) {
  try {
    await link.answerPurge(attempt, { generation, number, result });
  } catch (refusal) {
    if (isPassing(refusal)) throw refusal;
  }
}
