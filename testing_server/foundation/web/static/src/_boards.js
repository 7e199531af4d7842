// What both live pages share: making elements, words of states, fetching a snapshot after each hint.
import {watch} from "./live.js";

export const ORDER = ["stopped", "offline", "attention", "running", "waiting", "ready"];
const REFRESH_MS = 5000;

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

export function state(word, text) {
  return make("span", {class: `state state-${word}`}, text);
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function ago(seconds, texts) {
  return seconds < 60 ? fill(texts.ago, {n: seconds}) : fill(texts.ago_min, {n: Math.floor(seconds / 60)});
}

// Hints say when; the snapshot says what. A slow refresh keeps "last contact" true when nobody reports any more.
export function follow(root, draw) {
  const away = root.querySelector("#away");
  let asking = false;
  let again = false;
  async function refresh() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(root.dataset.from);
      away.hidden = answer.ok;
      if (answer.ok) draw(await answer.json());
    } catch {
      away.hidden = false;
    } finally {
      asking = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }
  watch(root.dataset.scope, refresh);
  setInterval(refresh, REFRESH_MS);
  refresh();
}
