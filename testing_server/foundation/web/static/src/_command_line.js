// Commands of an organizer: one click is one number, so that a repeat after a lost answer gets the first reply.
const TRIES = 4;
export const ANSWER_WITHIN_MS = 8000;

function makeKey() {
  // randomUUID is not there on plain HTTP; a key only has to be new
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function pause(ms) {
  await new Promise((resolve) => window.setTimeout(resolve, ms));
}

// Gives the server's reply, a refusal has a `code`; null when nothing was heard. `onLost` is called before each new try.
export async function sendCommand(sitting, kind, body, targets, onLost) {
  const key = makeKey();
  for (let number = 1; ; number += 1) {
    const reply = await fetch(`/v1/sittings/${sitting}/commands`, {
      method: "POST", headers: {"Content-Type": "application/json", "Idempotency-Key": key},
      body: JSON.stringify({kind, targets, body}), signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).then((answer) => answer.json()).catch(() => null);
    if (reply || number === TRIES) return reply;
    onLost();
    await pause(500 * 2 ** number);
  }
}
