// The coordinator's live board: sittings now, faults first, searched and narrowed by keyboard.
import {ORDER, ago, fill, follow, make, state} from "./_boards.js";
import "./table_filter.js";

const root = document.getElementById("live-board");
const texts = JSON.parse(root.dataset.texts);
const columns = texts.columns;
const field = root.querySelector("#filter");
const choices = root.querySelector(".choices");
const head = root.querySelector("thead");
const body = root.querySelector("tbody");
let sittings = [];

field.value = new URLSearchParams(window.location.search).get("find") ?? "";
head.append(make("tr", {}, ...["sitting", "state", "working", "interrupted", "finished", "absent", "incidents",
  "contact", "forecast"].map((name) => make("th", {scope: "col"}, columns[name]))));
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
  if (event.key === "ArrowDown") body.querySelector("a")?.focus();
});
body.addEventListener("keydown", (event) => {
  const step = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key];
  const row = step && event.target.closest("tr")?.[step];
  if (row) {
    event.preventDefault();
    row.querySelector("a").focus();
  }
});

function fits(one, words, shown) {
  const text = `${one.school_name} ${one.login} ${one.room} ${one.municipality} ${one.region} ${one.title}`.toLowerCase();
  return shown.has(one.word) && words.every((word) => text.includes(word));
}

function draw() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set([...choices.querySelectorAll("input:checked")].map((box) => box.value));
  const found = sittings.filter((one) => fits(one, words, shown));
  const focused = document.activeElement?.closest("tr")?.dataset.key;
  body.replaceChildren(...found.map(drawRow));
  if (focused) body.querySelector(`tr[data-key="${CSS.escape(focused)}"] a`)?.focus();
  root.querySelector(".table-frame").hidden = !sittings.length;
  root.querySelector(".nothing").hidden = sittings.length > 0;
  root.querySelector(".summary").textContent = !sittings.length ? ""
    : found.length ? fill(columns.shown, {n: found.length, all: sittings.length}) : columns.nobody;
}

function drawRow(one) {
  const count = (...names) => names.reduce((sum, name) => sum + (one.counts[name] ?? 0), 0);
  const number = (value) => make("td", {class: "number"}, String(value));
  const name = make("th", {scope: "row"},
    make("a", {href: `${root.dataset.page}/${one.school}/${one.sitting}`}, `${one.school_name}, ${one.room}`),
    make("br"), make("span", {class: "hint"}, `${one.title} · ${one.municipality}`));
  const word = make("td", {}, state(one.word, texts.states[one.word]));
  if (one.trouble) word.append(make("p", {class: "sentence"}, one.trouble));
  const ends = one.forecast_end_at_ms ? new Date(one.forecast_end_at_ms).toLocaleTimeString("ru-RU", {
    hour: "2-digit", minute: "2-digit", timeZone: "Europe/Moscow"}) + " МСК" : "—";
  return make("tr", {"data-key": `${one.school}/${one.sitting}`, class: ["stopped", "offline", "attention"].includes(one.word) && "needs"},
    name, word, number(count("started", "reopened", "paused")), number(count("interrupted")), number(count("finished")),
    number(count("absent", "spoiled", "transferred")), number(one.incidents), make("td", {}, ago(one.last_s, columns)), make("td", {}, ends));
}

follow(root, (snapshot) => {
  sittings = snapshot.sittings;
  draw();
});
