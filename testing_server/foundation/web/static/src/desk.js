// The expert's desk: one nameless answer, its sound, the criteria; marks by keyboard. Saved marks lie on this browser's
// disk before the next answer comes and leave it when the server has them, so a lost link or a crash loses nothing.
import {Criteria} from "./_desk_criteria.js";
import {make} from "./_desk_dom.js";
import {readKeys} from "./_desk_keys.js";
import {Line} from "./_desk_line.js";
import {Notes, Passages, describeNote} from "./_desk_notes.js";
import {Outbox} from "./_desk_outbox.js";
import {isEmpty, showFiles, showPrompt, showTexts} from "./_desk_prompt.js";
import {post} from "./_desk_server.js";
import {Sound} from "./_desk_sound.js";
import {Store} from "./_desk_store.js";

const RETRY_MS = 5000;
const ASK_AGAIN_MS = 15000;
const LOST = new Set(["taken_by_other", "round_closed"]);
const byId = (id) => document.getElementById(id);
const desk = byId("desk");
const texts = desk.dataset;
const comment = byId("comment");
const store = new Store(texts.expert);
const sound = new Sound(texts);
const passages = new Passages();
const notes = new Notes(byId("notes"), texts, passages, {hear: (note) => sound.hear(note), onChange: () => changed()});
const outbox = new Outbox(store, texts, showOutbox, tellRefusal);
const line = new Line(texts, outbox, sound, (assignment) => store.findDraft(assignment).catch(() => undefined));
let answer = null;
let criteria = null;
let mounted = null;
let moments = {};
let previous = null;
let busy = false;
let sending = false;
let timer = 0;

function say(text, wrong = false) {
  byId("desk-status").textContent = text;
  byId("desk-status").classList.toggle("desk-wrong", wrong);
}

function local(title) {
  return title[document.documentElement.lang] ?? title.ru;
}

// One act at a time: a second press of a key must not save twice.
async function act(work) {
  if (busy) return;
  busy = true;
  window.clearTimeout(timer);
  timer = 0;
  desk.classList.add("desk-busy");
  try {
    await work();
  } finally {
    busy = false;
    desk.classList.remove("desk-busy");
    // an empty desk goes on asking, whatever happened
    if (!answer && !timer) askLater(ASK_AGAIN_MS);
  }
}

async function takeNext(announcement = "") {
  sound.pause();
  if (!line.hasNext) clearDesk();
  const found = await line.next();
  if (!found.code) show(found, announcement);
  else if (found.code === "nothing_to_mark") wait(texts.textNothing, false, ASK_AGAIN_MS);
  else if (found.code === "offline") wait(`${announcement} ${texts.textNoNext}`, true, RETRY_MS);
  else wait(found.message, true, ASK_AGAIN_MS);
}

function wait(text, wrong, pause) {
  clearDesk();
  say(text, wrong);
  askLater(pause);
}

function askLater(pause) {
  timer = window.setTimeout(() => act(() => takeNext()), pause);
}

function clearDesk() {
  sound.clear();
  answer = null;
  desk.hidden = true;
  byId("desk-away").hidden = false;
  byId("desk-title").textContent = texts.textDesk;
}

// Nothing here waits: what is shown may sound at once, and a digit pressed at once belongs to it.
function show(found, announcement, kept = found.draft) {
  sound.clear();
  const draft = kept ?? {};
  answer = found;
  desk.dataset.assignment = found.assignment;
  moments = draft.moments ?? found.moments ?? {};
  desk.hidden = false;
  showAnswer();
  showCriteria(draft.points ?? (isEmpty(found) && !Object.keys(found.points).length ? zeros() : found.points));
  comment.value = draft.comment ?? found.comment;
  showTitles();
  notes.show(draft.notes ?? found.notes ?? [], found.others ?? []);
  sound.showPins(listPins());
  mounted?.destroy();
  mounted = showPrompt(byId("prompt"), found, texts);
  say(announcement);
  // after this answer is on the screen and may sound
  window.setTimeout(() => line.fetchAhead(found).then(showFigures));
}

function showTitles() {
  byId("desk-away").hidden = true;
  byId("desk-title").textContent =
    `${local(answer.assessment_title)} · ${texts.textPosition} ${answer.position}. ${local(answer.title)}`;
  byId("guidance").innerHTML = answer.guidance;
  document.querySelector(".desk-guidance").hidden = !answer.guidance;
}

function zeros() {
  return Object.fromEntries(answer.criteria.map((criterion) => [criterion.id, 0]));
}

function showAnswer() {
  const root = byId("answer");
  root.replaceChildren();
  passages.show(showTexts(root, answer), answer.content_language);
  showFiles(root, answer, texts);
  sound.onPlace = listPins;
  sound.show(root, answer.content.recordings);
  if (isEmpty(answer)) root.append(make("p", {class: "desk-empty"}, texts.textEmpty));
  byId("remark").hidden = isEmpty(answer);
}

// every place that somebody marked or remarked, the other experts' for whoever decides between them
function listPins() {
  if (!answer) return [];
  const others = (answer.others ?? []).flatMap((other) => [
    ...pinMoments(other.moments, other.points, other.round), ...pinNotes(other.notes, other.round)]);
  return [...others, ...pinMoments(moments, criteria?.points ?? {}), ...pinNotes(notes.list)];
}

// only of the criteria that are decided here: a third expert hears the places of what differs
function pinMoments(found, points, round) {
  return Object.entries(found ?? {}).filter(([name]) => answer.criteria.some((one) => one.id === name))
    .map(([name, place]) => ({...place, ...namePin(`${name}=${points[name] ?? "–"}`, round)}));
}

function pinNotes(found, round) {
  return (found ?? []).filter((note) => note.at_ms !== undefined)
    .map((note) => ({...note, ...namePin(describeNote(note), round), label: round ? `${round}:✎` : "✎"}));
}

function namePin(words, round) {
  return round ? {label: `${round}:${words}`, title: `${texts.textExpert} ${round}: ${words}`, whose: `other-${round}`}
    : {label: words, title: words, whose: "own"};
}

function showCriteria(points) {
  const onChange = (criterion) => {
    if (sound.moment) moments[criterion] = sound.moment;
    changed();
    say("");
  };
  criteria = new Criteria(byId("criteria"), answer, points, texts, {onChange, hear: (place) => sound.hear(place)});
  byId("sum").textContent = criteria.describeSum();
}

function changed() {
  byId("sum").textContent = criteria.describeSum();
  if (sound.isHere) sound.showPins(listPins());
  remember();
}

function collect() {
  const {assignment, version} = answer;
  return {assignment, version, points: criteria.points, moments, comment: comment.value, notes: notes.list};
}

function remember() {
  if (answer) store.keepDraft(collect());
}

async function save() {
  if (!answer) return;
  if (!criteria.isComplete) {
    say(texts.textIncomplete, true);
    return;
  }
  handOver("save", collect());
  await takeNext();
}

// the marks go their way, the desk goes on
function handOver(kind, body) {
  const {assignment} = answer;
  sound.pause();
  outbox.put(kind, body, answer);
  store.dropDraft(assignment);
  previous = kind === "save" ? assignment : null;
  byId("undo").disabled = !previous;
  answer = null;
  outbox.flush().then(showFigures);
}

async function undo(assignment) {
  const unsent = await outbox.takeBack(assignment);
  const reply = unsent?.answer ?? await post("undo", {assignment}, texts);
  if (reply.code) {
    say(reply.message, true);
    return;
  }
  previous = null;
  byId("undo").disabled = true;
  if (answer) line.putBack({...answer, draft: collect()});
  show(reply, texts.textUndone, unsent?.body ?? null);
}

async function refer(kind, reason) {
  if (!answer) return;
  const {assignment, version} = answer;
  handOver("refer", {assignment, version, kind, reason});
  await takeNext(texts.textReferred);
}

// what waits to be sent is always said; "saved" only when the server has it
function showOutbox({waiting, trouble}) {
  const box = byId("desk-unsent");
  if (sending && !waiting.length && !byId("desk-status").textContent) say(texts.textSaved);
  sending = waiting.length > 0;
  box.hidden = !sending;
  box.classList.toggle("desk-wrong", Boolean(trouble));
  box.textContent = trouble ? `${texts.textUnsent} ${waiting.length}. ${trouble}` : texts.textSending;
}

function tellRefusal(parcel, reply) {
  const box = byId("desk-refused");
  const title = `${texts.textPosition} ${parcel.answer.position}. ${local(parcel.answer.title)}`;
  box.querySelector("p").textContent = `${texts.textRefused} (${title}): ${reply.message}`;
  box.hidden = false;
  say(texts.textRefused, true);
  if (LOST.has(reply.code)) previous = null;
  else store.keepDraft(parcel.body);
  byId("undo").disabled = !previous;
}

async function showFigures() {
  const found = await line.fetchFigures();
  if (found) byId("desk-figures").textContent = found.text;
}

function askReason() {
  if (!answer) return;
  sound.pause();
  const dialog = byId("refer-dialog");
  byId("reason").value = "";
  dialog.returnValue = "";
  dialog.showModal();
}

function remark() {
  const place = passages.chosen ?? sound.moment;
  if (!notes.begin(place, answer.criteria.map((one) => one.id), criteria.current)) say(texts.textChoosePlace, true);
}

function enlarge(picture) {
  byId("picture").replaceChildren(make("img", {src: picture.src, alt: picture.alt}));
  byId("picture-dialog").showModal();
}

function back() {
  if (sound.isHere) sound.jump(-3);
  else passages.step(-1);
}

function forward() {
  if (sound.isHere) sound.jump(3);
  else passages.step(1);
}

function give(points) {
  if (!criteria.give(points)) say(`${texts.textNoLevel} ${points}`, true);
}

readKeys({
  isOff: () => !answer, enlarge, give,
  down: () => criteria.step(1), up: () => criteria.step(-1), back, forward,
  toggle: () => sound.toggle(), save: () => act(save), undo: () => previous && act(() => undo(previous)),
  slower: () => sound.changeSpeed(-1), faster: () => sound.changeSpeed(1),
  skip: () => sound.toggleHabit("skipsSilence"), refer: askReason, remark,
  place: () => hearNextPlace(),
});

// the places in order, one after the other
function hearNextPlace() {
  const now = sound.moment?.at_ms;
  const pins = listPins().filter((pin) => pin.at_ms !== undefined).sort((one, other) => one.at_ms - other.at_ms);
  // what is heard begins before the pin: the next one lies after the place the ear has reached
  const next = (now ? pins.find((pin) => pin.at_ms > now + 1600) : null) ?? pins[0];
  if (next) sound.hear(next);
}

// after a click the keys belong to the desk again, not to the button under the mouse
desk.addEventListener("click", (event) => event.detail && event.target.closest?.("button, summary")?.blur());
window.addEventListener("resize", () => {
  if (!answer) return;
  criteria.fit();
  sound.showPins(listPins());
});
window.addEventListener("pagehide", () => sound.pause());
window.addEventListener("online", () => outbox.flush());
window.addEventListener("beforeunload", (event) => { if (outbox.waiting.length) event.preventDefault(); });
comment.addEventListener("input", remember);
byId("marks").addEventListener("submit", (event) => { event.preventDefault(); act(save); });
byId("undo").addEventListener("click", () => previous && act(() => undo(previous)));
byId("refer").addEventListener("click", askReason);
byId("remark").addEventListener("click", remark);
byId("desk-refused").querySelector("button").addEventListener("click", () => { byId("desk-refused").hidden = true; });
byId("refer-dialog").addEventListener("close", ({target}) => {
  document.activeElement?.blur();
  if (target.returnValue && target.returnValue !== "cancel") act(() => refer(target.returnValue, byId("reason").value));
});
byId("prompt").addEventListener("click", (event) => event.target instanceof HTMLImageElement && enlarge(event.target));
byId("picture-dialog").addEventListener("click", ({currentTarget}) => currentTarget.close());

const asked = /^#undo=([0-9a-f-]{36})$/.exec(window.location.hash);
history.replaceState(null, "", window.location.pathname);
act(async () => {
  await outbox.load();
  await (asked ? undo(asked[1]) : takeNext());
});
