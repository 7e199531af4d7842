// Figures are counted from everything marked so far: they are fetched again after a hint, but not more often than
// every fifteen seconds, not while the page is out of sight, and not under a reader's focus.
import {watch} from "./live.js";

const AT_MOST_EVERY_MS = 15_000;

function follow(part) {
  let dueAt = 0;
  let timer = null;

  async function refresh() {
    timer = null;
    if (document.hidden || part.contains(document.activeElement)) {
      timer = window.setTimeout(refresh, AT_MOST_EVERY_MS);
      return;
    }
    dueAt = Date.now() + AT_MOST_EVERY_MS;
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    const answer = await fetch(part.dataset.figuresFrom, {headers: {"X-Live": "1"}}).catch(() => null);
    if (!answer?.ok) return;
    part.innerHTML = await answer.text();
    part.querySelectorAll("details").forEach((one, place) => { one.open = open[place] ?? false; });
  }

  watch(part.dataset.figures, ({version}) => {
    // the first snapshot is in the page already
    if (version === null && !dueAt) dueAt = Date.now() + AT_MOST_EVERY_MS;
    else timer ??= window.setTimeout(refresh, Math.max(0, dueAt - Date.now()));
  });
}

for (const part of document.querySelectorAll("[data-figures]")) follow(part);
