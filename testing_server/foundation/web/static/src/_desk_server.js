// The desk's line to the server. Gives the answer, or {code, message} when it was refused or never came.
const WAIT_MS = 15000;

export async function post(path, body, texts) {
  const reply = await fetch(`/v1/marking/${path}`, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body ?? {}),
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch(() => null);
  if (reply?.status === 401) return {code: "not_signed_in", message: texts.textSignedOut};
  // a proxy before a server that is just starting answers with a page of its own
  if (reply?.status >= 500) return {code: "offline", message: texts.textOffline};
  const found = await reply?.json().catch(() => null);
  return found ?? {code: "offline", message: texts.textOffline};
}

export async function get(path) {
  const reply = await fetch(path, {signal: AbortSignal.timeout(WAIT_MS)}).catch(() => null);
  return reply?.ok ? reply.json().catch(() => null) : null;
}
