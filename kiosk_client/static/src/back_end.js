// The agent behind the pages, reached over loopback. Another back end exports the same three names:
//
// backEnd gives
//   act(name, body)      an action; rejects with a Refusal {code, message}, or with Gone when nobody answers
//   item(id)             {item, state} for the player
//   keepFile(item, response, blob, name)   the reference of a file that was kept
//   mediaUrl, fileUrl, checkUrl, phraseUrl   addresses of what is shown and heard
//   openStream({state, level}, onError)    snapshots and levels as they come, at least one a second; {close()}

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

export const backEnd = {
  act: (name, body = {}) => ask(`/v1/actions/${name}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true,
  }),
  item: (id) => ask(`/v1/items/${encodeURIComponent(id)}`),
  mediaUrl: (sha256) => `/v1/media/${sha256}`,
  fileUrl: (sha256) => `/v1/answer-files/${sha256}`,
  checkUrl: () => `/v1/check.wav?${Date.now()}`,
  phraseUrl: (language) => `static/phrase-${language}.ogg?${Date.now()}`,
  async keepFile(item, response, blob, name) {
    const path = `/v1/answer-files/${encodeURIComponent(item)}/${encodeURIComponent(response)}`;
    const headers = { "Content-Type": blob.type || "application/octet-stream", "X-File-Name": encodeURIComponent(name) };
    return (await ask(path, { method: "POST", headers, body: blob })).reference;
  },
  openStream,
};

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
