// The expert's desk: one nameless answer, its sound, the criteria; marks by keyboard. Points stay on the screen until
// the server has kept them, so a lost link loses nothing.
import WaveSurfer from "wavesurfer.js";
import {mountItem} from "player";

const desk = document.getElementById("desk");
const status = document.getElementById("desk-status");
const texts = desk.dataset;
let answer = null;
let players = [];
let mounted = null;
let previous = null;
let active = 0;
let points = {};
let moments = {};

async function post(path, body) {
  const reply = await fetch(`/v1/marking/${path}`, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body ?? {}),
  }).catch(() => null);
  if (!reply) return {code: "offline", message: texts.textOffline};
  return reply.json();
}

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle("desk-wrong", wrong);
}

function local(title) {
  return title[document.documentElement.lang] ?? title.ru;
}

async function takeNext(announcement = "") {
  stopSound();
  const found = await post("next");
  if (found.code) {
    desk.hidden = true;
    say(found.code === "nothing_to_mark" ? texts.textNothing : found.message, found.code !== "nothing_to_mark");
    if (found.code === "nothing_to_mark") window.setTimeout(takeNext, 15000);
    return;
  }
  show(found, announcement);
}

function show(found, announcement) {
  answer = found;
  points = {...found.points};
  moments = {};
  active = 0;
  desk.hidden = false;
  document.getElementById("desk-title").textContent =
    `${local(found.assessment_title)} · ${texts.textPosition} ${found.position}. ${local(found.title)}`;
  document.getElementById("comment").value = found.comment;
  document.getElementById("guidance").innerHTML = found.guidance;
  showPrompt();
  showAnswer();
  showCriteria();
  say(announcement);
}

function showPrompt() {
  mounted?.destroy();
  const root = document.getElementById("prompt");
  root.replaceChildren();
  mounted = mountItem(root, answer.prompt, {
    state: answer.content.responses, readOnly: true, onAnswer: () => {},
    mediaUrl: (sha256) => `/marking/media/${answer.archive}/${sha256}`,
  });
}

function showAnswer() {
  const root = document.getElementById("answer");
  root.replaceChildren();
  for (const text of writtenAnswers()) {
    root.append(make("div", {class: "desk-text", lang: answer.content_language, tabindex: "0"}, text));
  }
  answer.content.recordings.forEach((recording, index) => root.append(showRecording(recording, index)));
  if (!root.childElementCount) root.append(make("p", {class: "desk-empty"}, texts.textEmpty));
}

function writtenAnswers() {
  const kinds = Object.fromEntries(answer.prompt.interactions.map((one) => [one.id, one.kind]));
  return Object.entries(answer.content.responses)
    .filter(([name]) => kinds[name] === "extended_text")
    .flatMap(([, value]) => value);
}

function showRecording(recording, index) {
  const box = make("div", {class: "desk-recording"});
  const wave = make("div", {class: "desk-wave"});
  const button = make("button", {type: "button"}, texts.textPlay);
  const time = make("span", {class: "desk-time"}, `0:00 / ${clock(recording.seconds)}`);
  const player = WaveSurfer.create({
    container: wave, url: `/marking/recordings/${recording.sha256}`, height: 96, normalize: true,
    waveColor: "#8a8f98", progressColor: "#1f4fbf", cursorColor: "#111", dragToSeek: true,
  });
  player.on("play", () => { button.textContent = texts.textPause; });
  player.on("pause", () => { button.textContent = texts.textPlay; });
  player.on("timeupdate", (now) => { time.textContent = `${clock(now)} / ${clock(player.getDuration())}`; });
  player.on("ready", () => box.setAttribute("data-ready", "yes"));
  button.addEventListener("click", () => player.playPause());
  players.push(player);
  box.append(make("h3", {}, `${texts.textRecording} ${index + 1}`), wave, make("p", {}, button, " ", time));
  return box;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function stopSound() {
  players.forEach((player) => player.destroy());
  players = [];
}

function showCriteria() {
  const root = document.getElementById("criteria");
  root.replaceChildren(...answer.criteria.map(showCriterion));
  showSum();
}

function showCriterion(criterion, index) {
  const box = make("fieldset", {class: "desk-criterion"}, make("legend", {}, `${criterion.id}. ${criterion.title}`));
  if (index === active) box.classList.add("desk-active");
  for (const level of [...criterion.levels].sort((one, other) => other.points - one.points)) {
    const id = `level-${index}-${level.points}`;
    const choice = make("input", {type: "radio", name: `criterion-${index}`, id, value: level.points});
    choice.checked = points[criterion.id] === level.points;
    choice.addEventListener("change", () => setPoints(index, level.points));
    box.append(make("p", {class: "desk-level"}, choice, make("label", {for: id},
      make("strong", {}, String(level.points)), ` ${level.text}`)));
  }
  return box;
}

function setPoints(index, value) {
  const criterion = answer.criteria[index];
  if (!criterion.levels.some((level) => level.points === value)) return;
  points[criterion.id] = value;
  const sounding = players.find((player) => player.isPlaying()) ?? players[0];
  if (sounding) moments[criterion.id] = Math.round(sounding.getCurrentTime() * 1000);
  active = Math.min(index + 1, answer.criteria.length - 1);
  showCriteria();
}

// The sum shown is a preview by the rules the assessment carries; what counts is computed on the server.
function showSum() {
  const given = answer.criteria.map((criterion) => points[criterion.id]);
  const zero = answer.rules.find((rule) => rule.kind === "zeroes_item" && points[rule.criterion] === rule.when);
  const sum = zero ? 0 : given.reduce((whole, one) => whole + (one ?? 0), 0);
  const most = answer.criteria.reduce((whole, one) => whole + one.max, 0);
  document.getElementById("sum").textContent =
    `${texts.textPoints}: ${sum} / ${most}${zero ? ` (${zero.criterion}: ${texts.textZero})` : ""}`;
}

async function save(event) {
  event?.preventDefault();
  if (answer.criteria.some((criterion) => points[criterion.id] === undefined)) {
    say(texts.textIncomplete, true);
    return;
  }
  const marked = answer;
  const reply = await post("save", {
    assignment: marked.assignment, version: marked.version, points, moments,
    comment: document.getElementById("comment").value,
  });
  if (reply.code) {
    say(reply.message, true);
    return;
  }
  previous = marked.assignment;
  document.getElementById("undo").disabled = false;
  await takeNext(texts.textSaved);
}

async function undo(assignment) {
  const reply = await post("undo", {assignment});
  if (reply.code) say(reply.message, true);
  else {
    stopSound();
    show(reply, texts.textUndone);
  }
}

function askReason() {
  const dialog = document.getElementById("refer-dialog");
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", async () => {
    const reason = document.getElementById("reason").value;
    if (dialog.returnValue !== "refer") return;
    const reply = await post("refer", {assignment: answer.assignment, version: answer.version, reason});
    if (reply.code) say(reply.message, true);
    else await takeNext(texts.textReferred);
  }, {once: true});
}

function isTyping(target) {
  return target instanceof HTMLTextAreaElement || Boolean(target.closest?.("dialog"));
}

function onKey(event) {
  if (desk.hidden || isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
  const player = players.find((one) => one.isPlaying()) ?? players[0];
  const keys = {
    ArrowDown: () => { active = Math.min(active + 1, answer.criteria.length - 1); showCriteria(); },
    ArrowUp: () => { active = Math.max(active - 1, 0); showCriteria(); },
    ArrowLeft: () => player?.setTime(Math.max(0, player.getCurrentTime() - 3)),
    ArrowRight: () => player?.setTime(player.getCurrentTime() + 3),
    " ": () => player?.playPause(),
    Enter: () => save(),
  };
  const onButton = event.target instanceof HTMLButtonElement || event.target.tagName === "SUMMARY";
  if (/^[0-9]$/.test(event.key)) setPoints(active, Number(event.key));
  else if (keys[event.key] && !(onButton && (event.key === " " || event.key === "Enter"))) keys[event.key]();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", onKey);
document.getElementById("marks").addEventListener("submit", save);
document.getElementById("undo").addEventListener("click", () => previous && undo(previous));
document.getElementById("refer").addEventListener("click", askReason);
const asked = /^#undo=([0-9a-f-]{36})$/.exec(window.location.hash);
if (asked) undo(asked[1]);
else takeNext();
