// Hints that something changed. A hint carries no facts: on every (re)connect and every hint the page
// fetches its snapshot again, so nothing is missed while the line was down.
import {io} from "socket.io-client";

const watched = new Map();
let socket = null;

function connect() {
  if (socket) return socket;
  socket = io({transports: ["websocket"]});
  socket.on("connect", () => watched.forEach((_, scope) => join(scope)));
  socket.on("disconnect", (reason) => {
    announce(false);
    // the server closes a socket itself only when the sign-in it belongs to is over
    if (reason === "io server disconnect") window.location.reload();
  });
  socket.on("connect_error", () => announce(false));
  socket.on("changed", ({scope, version}) => tell(scope, version));
  // a level meter may be lost: it goes to whoever shows one
  socket.on("level", (level) => document.dispatchEvent(new CustomEvent("live-level", {detail: level})));
  return socket;
}

function join(scope) {
  socket.emit("watch", {scope}, (answer) => {
    announce(true);
    if (answer?.code) tell(scope, null, answer.code);
    else tell(scope, null);
  });
}

function tell(scope, version, refusal) {
  for (const onChange of watched.get(scope) ?? []) onChange({scope, version, refusal});
}

function announce(connected) {
  document.dispatchEvent(new CustomEvent("live-connection", {detail: {connected}}));
}

// onChange({scope, version, refusal}): version is null for the snapshot after a connect. Gives a function that stops.
export function watch(scope, onChange) {
  const line = connect();
  const first = !watched.has(scope);
  if (first) watched.set(scope, new Set());
  watched.get(scope).add(onChange);
  if (line.connected) {
    if (first) join(scope);
    else onChange({scope, version: null});
  }
  return () => {
    const others = watched.get(scope);
    others?.delete(onChange);
    if (others?.size === 0) {
      watched.delete(scope);
      line.emit("unwatch", {scope});
    }
  };
}

// A page that fetches itself again does not show that somebody is there: moving at it is told once a minute.
const ACTED_EVERY_MS = 60_000;
let actedAt = Date.now();

function noteActing() {
  if (Date.now() - actedAt < ACTED_EVERY_MS) return;
  actedAt = Date.now();
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  fetch("/acted", {method: "POST", headers: {"X-CSRFToken": token ?? ""}}).catch(() => null);
}

// Nobody acted for as long as the server waits: it has locked this console by now, so what lies open is covered.
const coverAfterMs = Number(document.body.dataset.coverAfterMs ?? 0);
if (coverAfterMs) {
  window.setInterval(() => {
    if (Date.now() - actedAt > coverAfterMs) window.location.reload();
  }, 2000);
}

for (const kind of ["pointermove", "pointerdown", "keydown"]) {
  document.addEventListener(kind, noteActing, {passive: true});
}

// Elements <div data-live="scope" data-live-from="/address"> fetch themselves again after each hint.
for (const part of document.querySelectorAll("[data-live]")) {
  watch(part.dataset.live, async () => {
    const answer = await fetch(part.dataset.liveFrom, {headers: {"X-Live": "1"}});
    if (answer.redirected) window.location.reload();
    else if (answer.ok) part.innerHTML = await answer.text();
  });
}
