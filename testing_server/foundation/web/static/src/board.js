// The coordinator's board: schools and steps, live. The server sends all schools once and then what changed.
import {BoardModel} from "./_board_model.js";
import {VirtualTable} from "./_virtual_table.js";
import {fill, make} from "./_boards.js";
import {Marking} from "./_board_marking.js";
import {watch} from "./live.js";
import "./table_filter.js";

const CHANGES_MS = 2000;
const CONTACTS_MS = 15_000;
const EVERYTHING_MS = 300_000;
const ROW_HEIGHT = 44;
const SIGNS = {stopped: "■", offline: "✕", attention: "!", running: "●", waiting: "○", ready: "✓", "": "·"};

const root = document.getElementById("board");
const texts = JSON.parse(root.dataset.texts);
const steps = texts.steps;
const model = new BoardModel(steps);
const find = (selector) => root.querySelector(selector);
const asked = new URLSearchParams(window.location.search);
const opened = new Set();
const filter = {words: [], step: -1, state: "", territory: ""};
const order = {by: "name", down: false};
let version = 0;
let contactsVersion = 0;
let isMap = false;

const marking = new Marking(document.getElementById("marking"));
const table = new VirtualTable(find(".board-frame"), find("table"), ROW_HEIGHT, drawRow, onKey);

// ---- drawing
function drawHead() {
  const heads = [["name", texts.school], ...steps.map((step, number) => [number, step.title]), ["contact", texts.contact]];
  find("thead").replaceChildren(make("tr", {"aria-rowindex": "1"}, ...heads.map(([by, title]) => {
    const button = make("button", {type: "button", class: "board-sort"}, title);
    button.addEventListener("click", () => sort(by));
    return make("th", {scope: "col", "aria-sort": order.by !== by ? false : order.down ? "descending" : "ascending"}, button);
  })));
}

function sort(by) {
  order.down = order.by === by ? !order.down : false;
  order.by = by;
  drawHead();
  refresh();
}

function drawRow(row) {
  return row.node ? drawNode(row.node, row.level) : drawSchool(row.school, row.level);
}

function drawNode(node, level) {
  const isOpen = opened.has(node.key);
  const button = make("button", {type: "button", class: "board-open", tabindex: "-1"}, `${isOpen ? "▾" : "▸"} ${node.name}`);
  button.addEventListener("click", () => toggle(node));
  return make("tr", {"aria-level": String(level), "aria-expanded": String(isOpen), class: `board-node level-${level}`},
    make("th", {scope: "row", title: node.name}, button), ...steps.map((step, number) => drawSum(node, number)),
    make("td", {class: "board-contact"}, showContact(node.contact)));
}

function drawSum(node, step) {
  const {whole} = node;
  const [ready, trouble] = [node.ready[step], node.trouble[step]];
  const word = trouble ? "attention" : ready === whole ? "ready" : ready || node.running[step] ? "running" : "waiting";
  const said = fill(texts.sum, {step: steps[step].title, ready, whole, trouble});
  const button = make("button", {type: "button", tabindex: "-1", class: `board-sum word-${word}`, title: said, "aria-label": `${ready}/${whole} ${trouble ? `! ${trouble} ` : ""}${said}`},
    make("span", {}, `${ready}/${whole}`), trouble ? make("b", {}, `! ${trouble}`) : "");
  button.addEventListener("click", () => narrow(node.key, step, trouble ? "trouble" : "undone"));
  return make("td", {}, button);
}

function drawSchool(school, level) {
  const place = model.places[model.place[school]];
  const name = make("a", {href: `${root.dataset.school}/${encodeURIComponent(model.id[school])}`, tabindex: "-1"}, shorten(model.name[school]));
  const cells = steps.map((step, number) => {
    const word = model.word(school, number);
    const counted = step.id === "marking" && word !== "ready" ? marking.drawCounts(model.id[school], step.title, texts) : null;
    if (counted) return make("td", {class: `board-cell word-${word || "nothing"}`}, counted);
    const said = `${step.title}: ${texts.states[word] ?? texts.nothing}`;
    return make("td", {class: "board-cell"}, make("span", {class: `word-${word || "nothing"}`, role: "img", "aria-label": said, title: said}, SIGNS[word]));
  });
  return make("tr", {"aria-level": String(level), class: `level-${level}${model.needsPerson(school) ? " needs" : ""}`},
    make("th", {scope: "row", title: `${model.name[school]}, ${place[1]}, ${place[0]}`},
      make("span", {class: "board-name"}, name, make("span", {class: "hint"}, ` ${isListed() ? place[1] : model.login[school]}`))),
    ...cells, drawContact(school));
}

// Official names begin alike and differ at their end: the usual abbreviations make room for it.
const SHORTER = [[/средняя общеобразовательная школа/i, "СОШ"], [/основная общеобразовательная школа/i, "ООШ"],
  [/муниципальное бюджетное общеобразовательное учреждение/i, "МБОУ"], [/муниципальное автономное общеобразовательное учреждение/i, "МАОУ"],
  [/муниципальное казенное общеобразовательное учреждение/i, "МКОУ"], [/государственное бюджетное общеобразовательное учреждение/i, "ГБОУ"],
  [/государственное бюджетное профессиональное образовательное учреждение/i, "ГБПОУ"]];

function shorten(name) {
  return SHORTER.reduce((text, [long, short]) => text.replace(long, short), name.replaceAll("ё", "е"));
}

function drawContact(school) {
  const address = `${root.dataset.livePage}?find=${encodeURIComponent(model.login[school])}`;
  return make("td", {class: "board-contact"}, make("a", {href: address, tabindex: "-1", title: texts.sittings}, showContact(model.contact[school])));
}

function showContact(atMs) {
  if (!atMs) return texts.never;
  const minutes = Math.floor((Date.now() - atMs) / 60_000);
  if (minutes < 2) return texts.now;
  if (minutes < 120) return fill(texts.minutes, {n: minutes});
  return new Date(atMs).toLocaleString("ru-RU", {day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", timeZone: "Europe/Moscow"});
}

// ---- what is shown
const isListed = () => filter.words.length > 0 || Boolean(filter.state) || Boolean(filter.territory);

function refresh() {
  const rows = model.listRows(filter, order, opened);
  table.show(rows);
  find(".board-frame").hidden = isMap || !rows.length;
  find(".board-map").hidden = !isMap;
  if (isMap) drawMap();
  find(".nothing").hidden = model.count > 0 || !version;
  find(".board-loading").hidden = version > 0;
  find(".summary").textContent = describeShown(rows);
  marking.setTerritory(filter.territory);
  followFilter();
}

function describeShown(rows) {
  if (!version || !model.count) return "";
  if (!isListed()) return fill(texts.all, {n: model.count});
  return rows.length ? fill(texts.shown, {n: rows.length, all: model.count}) : texts.nobody;
}

function drawMap() {
  const step = filter.step < 0 ? null : filter.step;
  find(".board-map").replaceChildren(...model.listTiles().map((node) => {
    const numbers = steps.map((_, number) => number).filter((number) => step === null || number === step);
    const ready = numbers.reduce((sum, number) => sum + node.ready[number], 0) / (node.whole * numbers.length || 1);
    const trouble = numbers.reduce((sum, number) => sum + node.trouble[number], 0);
    const tile = make("button", {type: "button", class: `tile${trouble ? " needs" : ""}`}, make("b", {}, node.name),
      make("span", {}, fill(texts.tile, {percent: Math.round(ready * 100), schools: node.whole})),
      make("progress", {max: "1", value: String(ready)}), make("span", {class: "word-attention"}, trouble ? fill(texts.troubles, {n: trouble}) : ""));
    tile.addEventListener("click", () => openTile(node));
    return make("li", {}, tile);
  }));
}

function openTile(node) {
  isMap = false;
  find("#view-map").setAttribute("aria-pressed", "false");
  opened.add(node.key);
  setFilter("", -1, "");
  table.choose(table.rows.findIndex((row) => row.node === node));
  find("table").focus();
}

function toggle(node) {
  if (!opened.delete(node.key)) opened.add(node.key);
  refresh();
}

function onKey(row, key) {
  const turning = row.node && opened.has(row.node.key) ? "ArrowLeft" : "ArrowRight";
  if (row.node && ["Enter", " ", turning].includes(key)) toggle(row.node);
  else if (row.school !== undefined && key === "Enter") window.location.assign(`${root.dataset.school}/${encodeURIComponent(model.id[row.school])}`);
  else return false;
  return true;
}

// ---- filters
function narrow(territory, step, state) {
  setFilter(territory, step, state);
  find("table").focus();
}

function setFilter(territory, step, state) {
  Object.assign(filter, {territory, step, state});
  find("#step").value = String(step);
  find("#state").value = state;
  table.chosen = 0;
  find(".board-frame").scrollTop = 0;
  refresh();
}

// What is chosen stands in the address: it can be sent to somebody, and the workbook and reminders follow it.
function followFilter() {
  const chosen = {find: find("#filter").value.trim(), step: steps[filter.step]?.id, state: filter.state, territory: filter.territory};
  const parameters = new URLSearchParams([["campaign", root.dataset.campaign], ...Object.entries(chosen).filter(([, value]) => value)]);
  window.history.replaceState(null, "", `?${parameters}`);
  find("#excel").href = `${root.dataset.excel}?${parameters}`;
  const remind = find("#remind");
  remind.hidden = !chosen.step || filter.state !== "undone";
  remind.href = `${root.dataset.remind}?${parameters}`;
  const place = find("#territory");
  place.hidden = !filter.territory;
  place.querySelector("b").textContent = filter.territory.replace("/", ", ");
}

function readField() {
  filter.words = find("#filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  table.chosen = 0;
  refresh();
}

// ---- the server
let asking = false;

async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function load() {
  const snapshot = await ask(`${root.dataset.from}?campaign=${encodeURIComponent(root.dataset.campaign)}`);
  model.load(snapshot);
  marking.apply(snapshot.tallies, true);
  version = contactsVersion = snapshot.version;
  loadedAt = Date.now();
  refresh();
}

let loadedAt = 0;

async function follow() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    if (!version || Date.now() - loadedAt > EVERYTHING_MS) await load();
    else await change();
    find("#away").hidden = true;
  } catch {
    find("#away").hidden = false;
  } finally {
    asking = false;
  }
}

async function change() {
  const withContacts = version - contactsVersion > CONTACTS_MS;
  const contacts = withContacts ? `&contacts=${contactsVersion}` : "";
  const changes = await ask(`${root.dataset.from}/changes?campaign=${encodeURIComponent(root.dataset.campaign)}&after=${version}${contacts}`);
  version = changes.version;
  if (withContacts) contactsVersion = version;
  const changed = model.apply(changes);
  const marked = marking.apply(changes.tallies, false);
  if (changed === null) await load();
  else if (changed || marked) refresh();
}

// What needs a person: drawn by the server, in sentences. What is open stays open.
async function followConcerns() {
  if (document.hidden) return;
  const part = document.getElementById("concerns");
  const answer = await fetch(part.dataset.from).catch(() => null);
  if (!answer?.ok) return;
  const shown = new Map([...part.querySelectorAll("details")].map((one) => [one.dataset.kind, one.open]));
  if (part.contains(document.activeElement)) return;
  part.innerHTML = await answer.text();
  for (const one of part.querySelectorAll("details")) one.open = shown.get(one.dataset.kind) ?? one.open;
}

// ---- begin
filter.step = steps.findIndex((step) => step.id === asked.get("step"));
filter.state = texts.filters.includes(asked.get("state")) ? asked.get("state") : "";
filter.territory = asked.get("territory") ?? "";
find("#filter").value = asked.get("find") ?? "";
find("#step").value = String(filter.step);
find("#state").value = filter.state;
filter.words = find("#filter").value.toLowerCase().split(/\s+/).filter(Boolean);
find("#filter").addEventListener("input", readField);
find("#filter").addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    find("#filter").value = "";
    readField();
  }
  if (event.key === "ArrowDown") find("table").focus();
});
find("#step").addEventListener("change", (event) => setFilter(filter.territory, Number(event.target.value), filter.state || "undone"));
find("#state").addEventListener("change", (event) => setFilter(filter.territory, filter.step, event.target.value));
find("#territory button").addEventListener("click", () => setFilter("", filter.step, filter.state));
find("#reset").addEventListener("click", () => {
  find("#filter").value = "";
  filter.words = [];
  setFilter("", -1, "");
});
find("#view-map").addEventListener("click", (event) => {
  isMap = !isMap;
  event.currentTarget.setAttribute("aria-pressed", String(isMap));
  refresh();
});
document.addEventListener("visibilitychange", follow);
drawHead();
follow();
followConcerns();
setInterval(follow, CHANGES_MS);
setInterval(followConcerns, CONTACTS_MS);
watch(root.dataset.scope, follow);
