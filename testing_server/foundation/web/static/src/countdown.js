// Counts down to an hour the server named and then loads the page again. The hour is the server's, and so is the
// present moment: a wrong clock of this computer changes nothing. Nothing opens here, the server decides.
const SPREAD_MS = 5000;
const pages = document.querySelectorAll("[data-countdown]");

function show(left, texts) {
  const s = Math.ceil(left / 1000);
  const parts = [[Math.floor(s / 86400), texts.d], [Math.floor(s / 3600) % 24, texts.h], [Math.floor(s / 60) % 60, texts.min]];
  const first = parts.findIndex(([n]) => n > 0);
  const shown = first < 0 ? [] : parts.slice(first, first + 2).map(([n, unit]) => `${n} ${unit}`);
  if (s < 3600) shown.push(`${s % 60} ${texts.s}`);
  return `${texts.in} ${shown.join(" ")}`;
}

for (const gate of pages) {
  const texts = JSON.parse(gate.dataset.texts);
  const started = performance.now();
  const ahead = Number(gate.dataset.countdown) - Number(gate.dataset.now);
  const timer = setInterval(tick, 1000);
  function tick() {
    const left = ahead - (performance.now() - started);
    gate.textContent = left > 0 ? show(left, texts) : texts.now;
    if (left <= 0) {
      clearInterval(timer);
      // thousands of schools share an hour: they ask one after another
      setTimeout(() => location.reload(), Math.random() * SPREAD_MS);
    }
  }
  tick();
}
