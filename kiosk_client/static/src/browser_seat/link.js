// The requests of a paired seat to the classroom server that served this page: protocol.md §8, the same as of a
// workstation with a program. A token that ran out is renewed by itself.
import { Refused, serverAway } from "./refusals.js";

const TIMEOUT_MS = 10000;
const FILES_TIMEOUT_MS = 30000;
const BASE_HEADERS = { Protocol: "1.0" };

async function send(method, url, { token = "", body = null, headers = {}, timeout = TIMEOUT_MS } = {}) {
  const isJson = body !== null && !(body instanceof Uint8Array);
  const told = { ...BASE_HEADERS, ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(body === null ? {} : { "Content-Type": isJson ? "application/json" : "application/octet-stream" }) };
  let response;
  try {
    response = await fetch(url, { method, headers: told, body: isJson ? JSON.stringify(body) : body, cache: "no-store",
      credentials: "omit", signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    throw serverAway(`${url}: ${error}`);
  }
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  return response;
}

async function readJson(response) {
  try {
    return await response.json();
  } catch (error) {
    throw serverAway(`the answer broke off: ${error}`);
  }
}

export const askOpenly = async (method, path, body = null) => readJson(await send(method, path, { body }));

export class Link {
  /** `sayHello(link)` gives a token; it is called when the server wants one. */
  constructor(sayHello) { Object.assign(this, { sayHello, token: "", filesUrl: "", renewing: null }); }

  renew(old) {
    if (this.token && this.token !== old) return this.token;
    this.renewing ??= this.sayHello().then((token) => { this.token = token; return token; })
      .finally(() => { this.renewing = null; });
    return this.renewing;
  }

  async open(method, url, options = {}) {
    const token = this.token || await this.renew("");
    try {
      return await send(method, url, { ...options, token });
    } catch (refusal) {
      if (refusal.status !== 401) throw refusal;
    }
    return send(method, url, { ...options, token: await this.renew(token) });
  }

  async ask(method, url, body = null, timeout = TIMEOUT_MS) {
    return readJson(await this.open(method, url, { body, timeout }));
  }

  tellTime(t0) { return this.ask("POST", "/v1/time", { t0_ms: t0 }); }
  reportCheck(workstation, report) { return this.ask("PUT", `/v1/workstations/${workstation}/check`, report); }
  sendTestRecording(workstation, sound) {
    return this.ask("PUT", `/v1/workstations/${workstation}/test-recording`, sound, FILES_TIMEOUT_MS);
  }

  signIn(body) { return this.ask("POST", "/v1/attempts/sign-in", body); }
  fetchHistory(attempt) { return this.ask("GET", `/v1/attempts/${attempt}/history`, null, FILES_TIMEOUT_MS); }
  sendEvents(attempt, lease, events) { return this.ask("POST", `/v1/attempts/${attempt}/events`, { lease, events }); }
  fetchDirectives(attempt, after) { return this.ask("GET", `/v1/attempts/${attempt}/directives?after=${after}`); }

  answerPurge(attempt, answer) { return this.ask("PUT", `/v1/attempts/${attempt}/purge`, answer); }

  sendPart({ attempt, lease, number, part_no: no, offset, sha256 }, rate, pcm) {
    const query = new URLSearchParams({ offset, sha256, rate });
    const url = `${this.filesUrl}/v1/recordings/${attempt}/${lease}/${number}/parts/${no}?${query}`;
    return this.ask("PUT", url, pcm, FILES_TIMEOUT_MS);
  }

  sendPiece(attempt, sha256, offset, bytes, piece) {
    const query = new URLSearchParams({ offset, bytes });
    return this.ask("PUT", `${this.filesUrl}/v1/files/${attempt}/${sha256}?${query}`, piece, FILES_TIMEOUT_MS);
  }

  async fetchBundle(sha256) {
    const response = await this.open("GET", `${this.filesUrl}/v1/bundles/${sha256}`, { timeout: FILES_TIMEOUT_MS });
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw serverAway(`a bundle broke off: ${error}`);
    }
  }
}
