// The agent of this workstation, as the pages see it. How it is reached is the back end's: over loopback (back_end.js),
// or, where nothing may be installed, in this very browser (browser_seat/back_end.js, put in its place by the build).
//
// connectAgent({onState, onLevel, onAlive}) gives
//   act(name, body)      an action; rejects with a Refusal {code, message}, or with Gone when nobody answers
//   answer(item, response, value)   keeps the newest value of each response until it is in the journal
//   item(id)             {item, state} for the player
//   mediaUrl(sha256)     where a picture or a sound is
//   keepFile(item, response, blob, name)   keeps a file of an answer; gives the reference to answer with
//   fileUrl(sha256)      where a file that was kept is shown again
//   noteTyping()         a field is being typed in: what it will answer is not saved yet
//   unsaved              how many answers are not in the journal yet
//   checkUrl(), phraseUrl(language)   what was said at the sound check, and the phrase that is heard there
//   flush()              sends what waits, also while the page is being closed
import { Gone, Refusal, backEnd } from "./back_end.js";

const BEAT_MS = 4000;
const RETRY_MS = 700;
// Refusals that no second try will change.
const FINAL = new Set(["not_now", "bad_answer", "unknown_item", "bad_request", "http_401", "http_403", "http_413"]);
// The player hands typed text over half a second after the last key.
const TYPING_MS = 900;

export { Gone, Refusal };

export function connectAgent({ onState, onLevel, onAlive, onUnsaved, onRefused }) {
  const waiting = new Map();
  let isSending = false;
  let heard = performance.now();
  let isAlive = true;
  let isKnown = false;
  let typing = null;
  // What the journal confirmed last, and how far the newest snapshot knows of it: [lease, number].
  let confirmed = [0, 0];
  let seen = [0, 0];
  const isUnseen = () => confirmed[0] === seen[0] && confirmed[1] > seen[1];
  const countUnsaved = () => waiting.size || (typing || isUnseen() ? 1 : 0);
  const endTyping = () => {
    clearTimeout(typing);
    typing = null;
    onUnsaved(countUnsaved());
  };

  const setAlive = (alive) => {
    if (alive === isAlive) return;
    isAlive = alive;
    onAlive(alive);
    if (alive) send();
  };

  const stream = backEnd.openStream({
    state(data) {
      heard = performance.now();
      isKnown = true;
      seen = data.link.head;
      setAlive(true);
      onState(data);
    },
    level(data) { heard = performance.now(); onLevel(data); },
  }, () => !isKnown && setAlive(false));
  const watch = setInterval(() => {
    if (performance.now() - heard > BEAT_MS) setAlive(false);
  }, 500);

  async function send() {
    if (isSending) return;
    isSending = true;
    while (waiting.size) {
      const [key, entry] = waiting.entries().next().value;
      try {
        const { lease, number } = await backEnd.act("answer", entry);
        confirmed = [lease, number];
      } catch (error) {
        if (error instanceof Gone) {
          setAlive(false);
          setTimeout(send, RETRY_MS);
          break;
        }
        onRefused(entry, error, FINAL.has(error.code));
        if (!FINAL.has(error.code)) {
          // A full disk, a stumble: what was typed stays here and is tried again.
          setTimeout(send, RETRY_MS * 3);
          break;
        }
      }
      // A newer value may have come while this one was on its way.
      if (waiting.get(key) === entry) waiting.delete(key);
      onUnsaved(countUnsaved());
    }
    isSending = false;
  }

  return {
    get unsaved() { return countUnsaved(); },
    noteTyping() {
      clearTimeout(typing);
      typing = setTimeout(endTyping, TYPING_MS);
      onUnsaved(countUnsaved());
    },
    async act(name, body) {
      try {
        return await backEnd.act(name, body);
      } catch (error) {
        if (error instanceof Gone) setAlive(false);
        throw error;
      }
    },
    answer(item, response, value) {
      const key = `${item}/${response}`;
      waiting.delete(key);
      waiting.set(key, { item, response, value });
      endTyping();
      send();
    },
    item: backEnd.item,
    mediaUrl: backEnd.mediaUrl,
    fileUrl: backEnd.fileUrl,
    checkUrl: backEnd.checkUrl,
    phraseUrl: backEnd.phraseUrl,
    keepFile: backEnd.keepFile,
    flush: send,
    close() { clearInterval(watch); stream.close(); },
  };
}
