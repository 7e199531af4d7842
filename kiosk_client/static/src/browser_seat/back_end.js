// The agent of a seat without installation, in the page itself; the same three names as ../back_end.js. One page at a time
// may write to the journal: a second tab waits, and says that the agent does not answer.
import { act } from "./actions.js";
import { nameFile, readType } from "./file_names.js";
import { PlainAgent } from "./plain_agent.js";
import { Refusal, refuse } from "./refusals.js";
import { isClosedSound, showItem, takeSnapshot } from "./snapshot.js";

const BEAT_MS = 1000;
const SHORTEST_MS = 50;
const LOCK = "plain-seat";

export { Refusal };
export class Gone extends Error {}

const listeners = new Set();
let agent = null;
let isTold = false;

function tellState() {
  if (!agent || isTold) return;
  isTold = true;
  setTimeout(() => {
    isTold = false;
    const shown = takeSnapshot(agent);
    for (const { state } of listeners) state(shown);
  }, SHORTEST_MS);
}

const tellLevel = (heard) => { for (const { level } of listeners) level(heard); };

const ready = new Promise((resolve) => {
  navigator.locks.request(LOCK, async () => {
    agent = await PlainAgent.start({ onChange: tellState, onLevel: tellLevel });
    setInterval(tellState, BEAT_MS);
    tellState();
    resolve();
    // Held until the page is gone.
    await new Promise(() => undefined);
  });
});

function require() {
  if (!agent) throw new Gone("the journal is in use, or is being opened");
  return agent;
}

async function refusing(work) {
  try {
    return await work(require());
  } catch (error) {
    if (error instanceof Refusal || error instanceof Gone) throw error;
    if (error.isMicrophone) throw refuse(error.code, error.message);
    console.error(error);
    throw new Gone(String(error));
  }
}

export const backEnd = {
  act: (name, body = {}) => refusing((here) => act(here, name, body)),
  item: (id) => refusing((here) => showItem(here.requireSeat(), id)),
  mediaUrl(sha256) {
    const { seat, seating } = require();
    return seat && !isClosedSound(seat, sha256) ? seating.materials?.media.get(sha256) ?? "" : "";
  },
  fileUrl: (sha256) => require().findFileUrl(sha256),
  checkUrl: () => require().recorder.checked ?? "",
  phraseUrl: (language) => `static/phrase-${language}.ogg`,
  keepFile: (item, response, blob, name) => refusing((here) => here.alone(() => here.keepFile(item, response, blob, {
    type: readType(blob.type), name: nameFile(name) }))),
  openStream(listener) {
    listeners.add(listener);
    ready.then(tellState);
    return { close: () => listeners.delete(listener) };
  },
};
