// The coordinator's live board: sittings now, faults first, searched and narrowed by keyboard. All of them once, then
// what changed; only visible rows are in the page.
import {ORDER, ago, fill, make, state} from "./_boards.js";
import {VirtualTable} from "./_virtual_table.js";
import {watch} from "./live.js";
import "./table_filter.js";

const EVERYTHING_MS = 30_000;
const ROW_HEIGHT = 72;
const NAMES = ["sitting", "state", "working", "interrupted", "finished", "absent", "incidents", "contact", "forecast"];

const root = document.getElementById("live-board");
const texts = JSON.parse(root.dataset.texts);
const columns = texts.columns;
const field = root.querySelector("#filter");
const choices = root.querySelector(".choices");
const table = new VirtualTable(root.querySelector(".board-frame"), root.querySelector("table"), ROW_HEIGHT, drawRow, open);
const keyOf = (one) => `${one.school}/${one.sitting}`;
let sittings = new Map();
let version = 0;
let loadedAt = 0;

field.value = new URLSearchParams(window.location.search).get("find") ?? "";
root.querySelector("thead").append(make("tr", {"aria-rowindex": "1"}, ...NAMES.map((name) => make("th", {scope: "col"}, columns[name]))));
for (const word of ORDER) {
  const box = make("input", {type: "checkbox", value: word, checked: true});
  box.addEventListener("change", draw);
  choices.append(make("label", {}, box, state(word, texts.states[word])));
}
field.addEventListener("input", draw);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    field.value = "";
    draw();
  }
  if (event.key === "ArrowDown") root.querySelector("table").focus();
});

function open(one, key) {
  if (key === "Enter") window.location.assign(`${root.dataset.page}/${keyOf(one)}`);
  return key === "Enter";
}

// ---- drawing
function fits(one, words, shown) {
  const text = `${one.school_name} ${one.login} ${one.room} ${one.municipality} ${one.region} ${one.title}`.toLowerCase();
  return shown.has(one.word) && words.every((word) => text.includes(word));
}

const collator = new Intl.Collator("ru", {numeric: true});
const compare = (one, other) => ORDER.indexOf(one.word) - ORDER.indexOf(other.word)
  || collator.compare(one.school_name, other.school_name) || collator.compare(one.room, other.room);

function draw() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set([...choices.querySelectorAll("input:checked")].map((box) => box.value));
  const found = [...sittings.values()].filter((one) => fits(one, words, shown)).sort(compare);
  table.show(found);
  root.querySelector(".board-frame").hidden = !sittings.size;
  root.querySelector(".nothing").hidden = sittings.size > 0 || !version;
  root.querySelector(".summary").textContent = !sittings.size ? ""
    : found.length ? fill(columns.shown, {n: found.length, all: sittings.size}) : columns.nobody;
}

function drawRow(one) {
  const count = (...names) => names.reduce((sum, name) => sum + (one.counts[name] ?? 0), 0);
  const number = (value) => make("td", {class: "number"}, String(value));
  const name = make("th", {scope: "row", title: `${one.school_name}, ${one.municipality}`}, make("span", {class: "board-name"},
    make("a", {href: `${root.dataset.page}/${keyOf(one)}`, tabindex: "-1"}, `${one.school_name}, ${one.room}`),
    make("span", {class: "hint"}, ` ${one.title} · ${one.municipality}`)));
  const word = make("td", {class: "live-word", title: one.trouble}, state(one.word, texts.states[one.word]));
  if (one.trouble) word.append(make("p", {class: "sentence"}, one.trouble));
  const ends = one.forecast_end_at_ms ? new Date(one.forecast_end_at_ms).toLocaleTimeString("ru-RU", {
    hour: "2-digit", minute: "2-digit", timeZone: "Europe/Moscow"}) + " МСК" : "—";
  return make("tr", {"data-key": keyOf(one), class: ["stopped", "offline", "attention"].includes(one.word) && "needs"},
    name, word, number(count("started", "reopened", "paused")), number(count("interrupted")), number(count("finished")),
    number(count("absent", "spoiled", "transferred")), number(one.incidents), make("td", {}, showContact(one)), make("td", {}, ends));
}

// A server that reports is on the line; how long it has been silent is told when it is.
function showContact(one) {
  const seconds = Math.max(0, Math.round((version - one.heard_at_ms) / 1000));
  return one.word === "offline" || one.said === "ready" ? ago(seconds, columns) : columns.online;
}

// ---- the server
async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function load() {
  const snapshot = await ask(root.dataset.from);
  sittings = new Map(snapshot.sittings.map((one) => [keyOf(one), one]));
  ({version} = snapshot);
  loadedAt = Date.now();
}

async function change() {
  const changes = await ask(`${root.dataset.from}/changes?after=${version}`);
  ({version} = changes);
  for (const one of changes.sittings) sittings.set(keyOf(one), one);
  const silent = new Set(changes.silent.map((one) => one.join("/")));
  for (const [key, one] of sittings) {
    if (silent.has(key) === (one.word === "offline")) continue;
    Object.assign(one, silent.has(key) ? {word: "offline", trouble: columns.silent} : {word: one.said, trouble: ""});
  }
}

let asking = false;
let again = false;

async function follow() {
  again = asking;
  if (asking || document.hidden) return;
  asking = true;
  try {
    await (!version || Date.now() - loadedAt > EVERYTHING_MS ? load() : change());
    root.querySelector("#away").hidden = true;
    draw();
  } catch {
    root.querySelector("#away").hidden = false;
  } finally {
    asking = false;
    if (again) follow();
  }
}

document.addEventListener("visibilitychange", follow);
watch(root.dataset.scope, follow);
setInterval(follow, 5000);
follow();
