// The expert's desk: one nameless answer, its sound, the criteria; marks by keyboard. Points stay on the screen until
// the server has kept them, so a lost link loses nothing.
import {mountItem} from "player";
import {Criteria} from "./_desk_criteria.js";
import {dropDraft, findDraft, keepDraft, post} from "./_desk_server.js";
import {make, Sound} from "./_desk_sound.js";

const RETRY_MS = 5000;
const ASK_AGAIN_MS = 15000;
const desk = document.getElementById("desk");
const texts = desk.dataset;
const comment = document.getElementById("comment");
const reason = document.getElementById("reason");
const sound = new Sound(texts);
let answer = null;
let criteria = null;
let mounted = null;
let moments = {};
let previous = null;
let busy = false;
let timer = 0;

function say(text, wrong = false) {
  const status = document.getElementById("desk-status");
  status.textContent = text;
  status.classList.toggle("desk-wrong", wrong);
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
  clearDesk();
  const found = await post("next", {}, texts);
  if (!found.code) show(found, announcement);
  else if (found.code === "nothing_to_mark") wait(texts.textNothing, false, ASK_AGAIN_MS);
  else if (found.code === "offline") wait(`${announcement} ${texts.textNoNext}`, true, RETRY_MS);
  else say(found.message, true);
}

function wait(text, wrong, pause) {
  say(text, wrong);
  askLater(pause);
}

function askLater(pause) {
  timer = window.setTimeout(() => act(() => takeNext()), pause);
}

function clearDesk() {
  sound.stop();
  answer = null;
  desk.hidden = true;
  document.getElementById("desk-away").hidden = false;
  document.getElementById("desk-title").textContent = texts.textDesk;
  document.getElementById("take").hidden = true;
}

function show(found, announcement) {
  sound.stop();
  const draft = findDraft(found.assignment);
  answer = found;
  moments = draft?.moments ?? {};
  desk.hidden = false;
  document.getElementById("desk-away").hidden = true;
  document.getElementById("take").hidden = true;
  document.getElementById("desk-title").textContent =
    `${local(found.assessment_title)} · ${texts.textPosition} ${found.position}. ${local(found.title)}`;
  comment.value = draft?.comment ?? found.comment;
  reason.value = "";
  document.getElementById("guidance").innerHTML = found.guidance;
  document.querySelector(".desk-guidance").hidden = !found.guidance;
  showPrompt();
  const isEmpty = !showAnswer();
  showCriteria(draft?.points ?? (isEmpty && !Object.keys(found.points).length ? zeros() : found.points));
  say(announcement);
}

function zeros() {
  return Object.fromEntries(answer.criteria.map((criterion) => [criterion.id, 0]));
}

function showPrompt() {
  mounted?.destroy();
  const root = document.getElementById("prompt");
  mounted = mountItem(root, answer.prompt, {
    state: answer.content.responses, readOnly: true, language: document.documentElement.lang,
    mediaUrl: (sha256) => `/marking/media/${answer.archive}/${sha256}`, fileUrl: addressOfFile,
  });
  root.closest("section").scrollTop = 0;
  root.querySelector(".qti-chosen img")?.closest(".qti-chosen").scrollIntoView({block: "nearest"});
  for (const picture of root.querySelectorAll("img")) {
    picture.tabIndex = 0;
    picture.setAttribute("role", "button");
    picture.title = texts.textEnlarge;
  }
}

function showAnswer() {
  const root = document.getElementById("answer");
  root.replaceChildren();
  for (const text of writtenAnswers()) {
    root.append(make("div", {class: "desk-text", lang: answer.content_language, tabindex: "0"}, text));
  }
  for (const file of answer.content.files ?? []) root.append(drawFile(file));
  sound.show(root, answer.content.recordings);
  const isThere = root.childElementCount > 0;
  if (!isThere) root.append(make("p", {class: "desk-empty"}, texts.textEmpty));
  return isThere;
}

function addressOfFile(sha256) {
  return `/marking/files/${sha256}`;
}

function drawFile({sha256, type}) {
  const href = addressOfFile(sha256);
  const inside = type.startsWith("image/")
    ? make("img", {class: "desk-picture", src: href, alt: texts.textPicture}) : texts.textFile;
  return make("a", {class: "desk-file", href, target: "_blank", rel: "noopener"}, inside);
}

function writtenAnswers() {
  const kinds = Object.fromEntries(answer.prompt.interactions.map((one) => [one.id, one.kind]));
  return Object.entries(answer.content.responses)
    .filter(([name]) => kinds[name] === "extended_text")
    .flatMap(([, value]) => value);
}

function showCriteria(points) {
  criteria = new Criteria(document.getElementById("criteria"), answer, points, texts, (criterion) => {
    const moment = sound.momentMs();
    if (moment !== null) moments[criterion] = moment;
    showSum();
    remember();
    say("");
  });
  showSum();
}

function showSum() {
  document.getElementById("sum").textContent = criteria.describeSum();
}

function remember() {
  if (answer) keepDraft({assignment: answer.assignment, points: criteria.points, moments, comment: comment.value});
}

async function save() {
  if (!answer) return;
  if (!criteria.isComplete) {
    say(texts.textIncomplete, true);
    return;
  }
  const {assignment, version} = answer;
  const reply = await post("save", {assignment, version, points: criteria.points, moments, comment: comment.value}, texts);
  if (reply.code) {
    complain(reply);
    return;
  }
  dropDraft();
  previous = assignment;
  document.getElementById("undo").disabled = false;
  await takeNext(texts.textSaved);
}

// What is lost to another expert cannot be saved any more: the way on is offered at once.
function complain(reply) {
  say(reply.message, true);
  const lost = reply.code === "taken_by_other" || reply.code === "round_closed";
  document.getElementById("take").hidden = !lost;
  if (lost) document.getElementById("take").focus();
}

async function undo(assignment) {
  const reply = await post("undo", {assignment}, texts);
  if (reply.code) {
    complain(reply);
    return;
  }
  previous = null;
  document.getElementById("undo").disabled = true;
  show(reply, texts.textUndone);
}

function askReason() {
  const dialog = document.getElementById("refer-dialog");
  dialog.returnValue = "";
  dialog.showModal();
}

async function refer() {
  const {assignment, version} = answer;
  const reply = await post("refer", {assignment, version, reason: reason.value}, texts);
  if (reply.code) {
    complain(reply);
    return;
  }
  dropDraft();
  await takeNext(texts.textReferred);
}

function enlarge(picture) {
  const dialog = document.getElementById("picture-dialog");
  document.getElementById("picture").replaceChildren(make("img", {src: picture.src, alt: picture.alt}));
  dialog.showModal();
}

function isTyping(target) {
  return target instanceof HTMLTextAreaElement || Boolean(target.closest?.("dialog"));
}

function onKey(event) {
  if (!answer || isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
  const keys = {
    ArrowDown: () => criteria.step(1), ArrowUp: () => criteria.step(-1),
    ArrowLeft: () => sound.jump(-3), ArrowRight: () => sound.jump(3),
    " ": () => sound.toggle(), Enter: () => act(save),
  };
  const pressable = event.target.closest?.("button, summary, a, [role=button]");
  if (pressable && (event.key === " " || event.key === "Enter")) {
    if (pressable instanceof HTMLImageElement) enlarge(pressable);
    else return;
  } else if (/^[0-9]$/.test(event.key)) {
    if (!criteria.give(Number(event.key))) say(`${texts.textNoLevel} ${event.key}`, true);
  } else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", onKey);
// after a click the keys belong to the desk again, not to the button under the mouse
desk.addEventListener("click", (event) => event.detail && event.target.closest?.("button, summary")?.blur());
window.addEventListener("resize", () => answer && criteria.fit());
window.addEventListener("pagehide", () => sound.stop());
comment.addEventListener("input", remember);
document.getElementById("marks").addEventListener("submit", (event) => { event.preventDefault(); act(save); });
document.getElementById("undo").addEventListener("click", () => previous && act(() => undo(previous)));
document.getElementById("take").addEventListener("click", () => act(() => takeNext()));
document.getElementById("refer").addEventListener("click", askReason);
document.getElementById("refer-dialog").addEventListener("close", ({target}) => {
  document.activeElement?.blur();
  if (target.returnValue === "refer" && answer) act(refer);
});
document.getElementById("prompt").addEventListener("click", (event) => {
  if (event.target instanceof HTMLImageElement) enlarge(event.target);
});
document.getElementById("picture-dialog").addEventListener("click", ({currentTarget}) => currentTarget.close());

const asked = /^#undo=([0-9a-f-]{36})$/.exec(window.location.hash);
history.replaceState(null, "", window.location.pathname);
act(() => (asked ? undo(asked[1]) : takeNext()));
