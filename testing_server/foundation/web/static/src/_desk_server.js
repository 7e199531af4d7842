// The desk's line to the server. Gives the answer, or {code, message} when it was refused or never came.
const WAIT_MS = 15000;

export async function post(path, body, texts) {
  const reply = await fetch(`/v1/marking/${path}`, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body ?? {}),
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch(() => null);
  if (reply?.status === 401) return {code: "not_signed_in", message: texts.textSignedOut};
  const found = await reply?.json().catch(() => null);
  return found ?? {code: "offline", message: texts.textOffline};
}

// Marks not saved yet outlive a reload of the page, in this tab only.
const DRAFT = "desk-draft";

export function keepDraft(draft) {
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

export function findDraft(assignment) {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  return draft?.assignment === assignment ? draft : null;
}

export function dropDraft() {
  sessionStorage.removeItem(DRAFT);
}
