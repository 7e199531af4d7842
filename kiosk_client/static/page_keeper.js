// Keeps the page itself in the browser: reloading while the agent is down shows the page, which says so in words and
// waits, and never the browser's error. Everything else goes to the agent, always; what is kept is only a fallback.
const KEPT = "page";
const BASE = new URL(self.registration.scope).pathname;
const FILES = ["", "static/icon.svg", "static/kiosk.css", "static/aids.css", "static/bundle/player.css", "static/bundle/kiosk.js"]
  .map((name) => `${BASE}${name}`);

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const isPage = event.request.mode === "navigate";
  if (event.request.method !== "GET" || origin !== self.location.origin || !(isPage || FILES.includes(pathname))) return;
  event.respondWith(fetchOrKept(event.request, isPage ? BASE : pathname));
});

async function fetchOrKept(request, name) {
  const kept = await caches.open(KEPT);
  try {
    const response = await fetch(request);
    if (response.ok && new URL(response.url).pathname === name) await kept.put(name, response.clone());
    return response;
  } catch (error) {
    const found = await kept.match(name);
    if (found) return found;
    throw error;
  }
}
