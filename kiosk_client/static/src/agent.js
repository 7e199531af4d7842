// The agent of this workstation, as the pages see it. This file is the only one that knows how it is reached: another
// back end gives the same object.
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
//   flush()              sends what waits, also while the page is being closed

const BEAT_MS = 4000;
const RETRY_MS = 700;
// Refusals that no second try will change.
const FINAL = new Set(["not_now", "bad_answer", "unknown_item", "bad_request", "http_401", "http_403", "http_413"]);
// The player hands typed text over half a second after the last key.
const TYPING_MS = 900;

export class Refusal extends Error {
  constructor({ code, message, retry_after_s: wait }) {
    super(message || code);
    this.code = code;
    this.wait = wait;
  }
}

export class Gone extends Error {}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options });
  } catch (error) {
    throw new Gone(String(error));
  }
  const body = await response.json().catch(() => ({ code: `http_${response.status}` }));
  if (!response.ok) throw new Refusal(body);
  return body;
}

function post(name, body = {}) {
  return ask(`/v1/actions/${name}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true,
  });
}

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

  const stream = openStream({
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
        const { lease, number } = await post("answer", entry);
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
        return await post(name, body);
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
    item: (id) => ask(`/v1/items/${encodeURIComponent(id)}`),
    mediaUrl: (sha256) => `/v1/media/${sha256}`,
    fileUrl: (sha256) => `/v1/answer-files/${sha256}`,
    async keepFile(item, response, blob, name) {
      const path = `/v1/answer-files/${encodeURIComponent(item)}/${encodeURIComponent(response)}`;
      const headers = { "Content-Type": blob.type || "application/octet-stream", "X-File-Name": encodeURIComponent(name) };
      return (await ask(path, { method: "POST", headers, body: blob })).reference;
    },
    flush: send,
    close() { clearInterval(watch); stream.close(); },
  };
}

// EventSource gives up for good after some answers; this one is opened again for ever.
function openStream(listeners, onError) {
  let source = null;
  let isClosed = false;
  const open = () => {
    if (isClosed) return;
    source = new EventSource("/v1/stream");
    for (const [name, listen] of Object.entries(listeners)) {
      source.addEventListener(name, (event) => listen(JSON.parse(event.data)));
    }
    source.onerror = () => {
      onError();
      if (source.readyState !== EventSource.CLOSED) return;
      source.close();
      setTimeout(open, 1000);
    };
  };
  open();
  return { close() { isClosed = true; source.close(); } };
}
