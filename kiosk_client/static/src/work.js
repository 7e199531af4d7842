// The work: items with their clocks, the map, the saved mark, the way to the organizer and to the end.
import { mountItem } from "player";
import { Gone } from "./agent.js";
import { Countdown, everyQuarter, formatTime } from "./clock.js";
import { make, once, say, show, write } from "./dom.js";
import { mountFinish } from "./finish.js";
import { makeListening } from "./listening.js";
import { makeLeaving } from "./leaving.js";
import { inLanguage } from "./plain.js";
import { makeSpeaking } from "./speaking.js";
import { explainRefusal } from "./words.js";

const ANNOUNCED_MINUTES = [10, 5, 1];
const HAND_OVER_MS = 900;
// What bounds an item before the end of the work: the item's own fixed time, its part's, or that of its answer.
const LIMITS = { fixed: "fixed_left_ms", part: "part_left_ms", stage: "stage_left_ms" };
const SAVED_SHAPES = { saving: "waiting", here: "running", server: "ready", offline: "offline" };

export function mountWork(root, context) {
  const { agent, words } = context;
  const bar = makeBar(context);
  const map = makeMap(context, (id) => walk(() => agent.act("go", { item: id })));
  const notes = make("div", { class: "notes", "aria-live": "assertive" });
  const page = make("div", { class: "work-page" });
  root.append(bar.element, map.element, notes, page);
  let latest = null;
  let shown = null;
  let isFinishing = false;
  let problem = "";
  let isOfSaving = false;
  const put = new Set();

  const complain = (refusal) => {
    // That nobody answers is said by the page as a whole.
    problem = refusal && !(refusal instanceof Gone) ? explainRefusal(words, refusal) : "";
    if (latest) update(latest);
  };
  async function walk(action) {
    complain(null);
    try {
      await action();
      isFinishing = false;
    } catch (refusal) {
      complain(refusal);
    }
    if (latest) update(latest);
  }
  const openFinish = () => { isFinishing = true; update(latest); };
  const inner = { ...context, complain, walk, openFinish, closeFinish: () => { isFinishing = false; update(latest); } };

  function update(state) {
    latest = state;
    const { work } = state;
    if (!work) return;
    // What could not be saved for a while and is saved now is no problem any more.
    if (isOfSaving && !agent.unsaved) [problem, isOfSaving] = ["", false];
    if (!work.may_leave) isFinishing = false;
    const key = isFinishing ? "finish" : work.item;
    if (key !== shown?.key) {
      shown?.screen.destroy?.();
      page.replaceChildren();
      scrollTo(0, 0);
      shown = { key, screen: isFinishing ? mountFinish(page, inner) : mountOneItem(page, inner, work.item) };
    }
    bar.update(state, agent.unsaved);
    map.update(work, isFinishing);
    // Nobody walks away from a spoken answer: the room of the map goes to the text that is read.
    show(map.element, isFinishing || work.may_leave !== false);
    drawNotes(notes, inner, state, problem, put);
    shown.screen.update(state);
  }
  return {
    update,
    level: (level) => shown?.screen.level?.(level),
    refused(entry, error, isFinal) {
      isOfSaving = !isFinal;
      complain(error);
      if (isFinal) shown?.screen.remount?.();
    },
    destroy() {
      bar.destroy();
      shown?.screen.destroy?.();
    },
  };
}

// The bar: name of the work, time, saved mark, raised hand.
function makeBar({ agent, words, language }) {
  const said = words.work;
  const name = make("span", { class: "bar-name" });
  const time = make("span", { class: "bar-time", role: "timer" });
  const saved = make("span", { class: "state", id: "saved", role: "status" });
  const called = make("span", { class: "bar-called", role: "status" });
  const call = once(said.call, () => agent.act("call", {}).catch(() => undefined), { class: "call" });
  const element = make("div", { class: "bar" }, name, make("span", { class: "bar-left" }, said.left, " ", time), saved,
    make("span", { class: "bar-call" }, called, call));
  const clock = new Countdown();
  let announced = Infinity;
  const stop = everyQuarter(() => {
    if (!clock.isSet) return;
    write(time, formatTime(clock.left()));
    const minutes = Math.ceil(clock.left() / 60000);
    const due = ANNOUNCED_MINUTES.find((one) => minutes <= one && one < announced && clock.left() > 0);
    time.classList.toggle("time-short", minutes <= 5);
    if (due !== undefined && minutes === due) say(said.minutes(due));
    if (due !== undefined) announced = Math.min(announced, due);
  });
  return {
    element,
    destroy: stop,
    update({ assessment, work, link }, unsaved) {
      write(name, inLanguage(assessment.title, language));
      clock.set(work.work_left_ms, work.rate);
      if (clock.isSet) write(time, formatTime(clock.left()));
      const mark = unsaved ? "saving" : link.saved;
      saved.className = `state state-${SAVED_SHAPES[mark]}`;
      saved.dataset.saved = mark;
      write(saved, said[mark]);
      write(called, work.called_at_ms ? said.called(new Date(work.called_at_ms).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" })) : "");
    },
  };
}

// The map: one numbered button an item; what is answered is shown by shape and word.
function makeMap({ words }, go) {
  const said = words.work;
  const list = make("ol", { class: "map" });
  const element = make("nav", { class: "map-frame", "aria-label": said.map }, list);
  let buttons = [];
  const build = (map) => {
    buttons = map.map(({ id, position }) => make("button", { type: "button", onclick: () => go(id) }, String(position)));
    const isFirstOfPart = (place) => place > 0 && map[place].part !== map[place - 1].part;
    list.replaceChildren(...buttons.map((one, place) => make("li", { class: isFirstOfPart(place) && "map-part" }, one)));
  };
  return {
    element,
    update({ map, item, may_leave: mayLeave }, isFinishing) {
      if (buttons.length !== map.length) build(map);
      map.forEach(({ id, position, answered, reach }, place) => {
        const isHere = id === item && !isFinishing;
        const one = buttons[place];
        const label = [`${said.item(position)}: ${said.answered[answered]}`, isHere && said.current, said.reach[reach]];
        one.className = `map-${answered} map-is-${reach}${isHere ? " map-here" : ""}`;
        one.disabled = reach !== "open" || (!mayLeave && id !== item);
        one.setAttribute("aria-label", label.filter(Boolean).join(", "));
        one.title = said.reach[reach] ?? "";
        if (isHere) one.setAttribute("aria-current", "step"); else one.removeAttribute("aria-current");
      });
    },
  };
}

// What needs attention above the item: trouble with the microphone, a refusal, words of the organizer.
function drawNotes(root, context, state, problem, put) {
  const { agent, words, walk, complain } = context;
  const { work } = state;
  // While the candidate prepares or speaks, only what stops the speech is worth their eyes.
  const messages = work.may_leave ? state.messages : [];
  const unheard = work.may_leave ? work.unheard.filter(({ name }) => !put.has(name)) : [];
  const key = JSON.stringify([work.trouble, problem, messages.map(({ number }) => number), unheard]);
  if (root.dataset.key === key) return;
  root.dataset.key = key;
  const troubles = words.troubles;
  const close = () => complain(null);
  root.replaceChildren(...[
    work.trouble && make("section", { class: "trouble" }, make("p", { class: "trouble-what" }, troubles.title),
      make("p", {}, troubles[work.trouble] ?? troubles.other), make("p", {}, troubles.safe),
      make("div", { class: "actions" }, once(troubles.retry, () => walk(() => agent.act("retry_microphone")), { class: "primary" }))),
    problem && make("section", { class: "notice" }, make("p", {}, problem),
      make("button", { type: "button", class: "quiet", onclick: close }, words.work.read)),
    ...unheard.map(({ name, position, verdict }) => make("section", { class: "notice" },
      make("p", { class: "message-head" }, words.work.item(position)), make("p", {}, words.verdicts[verdict] ?? ""), make("p", {}, words.work.unheard),
      make("button", { type: "button", onclick: () => { put.add(name); drawNotes(root, context, state, problem, put); } }, words.work.read))),
    ...messages.map(({ number, text }) => make("section", { class: "notice message" },
      make("p", { class: "message-head" }, words.work.message), make("p", {}, text),
      once(words.work.read, () => agent.act("dismiss_message", { number })))),
  ].filter(Boolean));
}

function nameLimit(work) {
  if (work.fixed_left_ms !== null) return "fixed";
  if (work.part_left_ms !== null) return "part";
  return work.stage === "answer" && work.stage_left_ms !== null ? "stage" : "";
}

function mountOneItem(root, context, id) {
  const { agent, words, language, walk, openFinish } = context;
  const said = words.work;
  const title = make("h1", { tabindex: "-1" });
  const stageClock = make("p", { class: "stage-clock", hidden: true });
  const panel = make("div", { class: "stage-panel" });
  const closed = make("p", { class: "hint closed-note", role: "status", hidden: true }, said.closed);
  const body = make("div", { class: "item-body" });
  const back = once(`← ${said.back}`, () => walk(() => goBack()));
  const leaving = makeLeaving(context, () => walk(() => agent.act("go_on")));
  const goOn = async () => {
    const { way_on: way } = latest.work;
    if (way === "closing" || way === "break") leaving.ask(way, latest.work);
    else await walk(() => agent.act("go_on"));
  };
  const next = once("", goOn, { class: "primary" });
  const end = once(`${said.end} →`, async () => openFinish(), { class: "primary" });
  const foot = make("div", { class: "foot" }, back, next, end);
  root.append(title, stageClock, panel, closed, body, foot, leaving.element);
  body.addEventListener("input", () => agent.noteTyping());
  let player = null;
  let stage = null;
  let isReadOnly = false;
  let latest = null;
  let isGone = false;

  const goBack = () => {
    const place = latest.work.map.findIndex((one) => one.id === id);
    return agent.act("go", { item: latest.work.map[Math.max(0, place - 1)].id });
  };
  const load = async () => {
    const { item, state } = await agent.item(id);
    if (isGone) return;
    write(title, `${said.item(item.position)}. ${inLanguage(item.title, language)}`);
    document.title = `${title.textContent} · ${words.page}`;
    mountPlayer(item, state, !latest.work.may_answer);
    if (!stage && (item.listening || item.speaking)) {
      stage = item.listening ? makeListening(context, item) : makeSpeaking(context, item);
      (body.querySelector("[data-slot]") ?? panel).append(stage.element);
      stage.update(latest);
    }
    title.focus({ preventScroll: true });
  };
  const mountPlayer = (item, state, readOnly) => {
    player?.mounted.destroy();
    isReadOnly = readOnly;
    const mounted = mountItem(body, item, {
      state, readOnly, language, mediaUrl: agent.mediaUrl, fileUrl: agent.fileUrl,
      keepFile: (blob, name, response) => agent.keepFile(id, response, blob, name),
      onAnswer: (response, value) => !isReadOnly && agent.answer(id, response, value),
    });
    player = { item, mounted };
    if (stage) (body.querySelector("[data-slot]") ?? panel).append(stage.element);
  };
  const remount = async () => {
    const { item, state } = await agent.item(id);
    if (!isGone) mountPlayer(item, state, !latest.work.may_answer);
  };
  const tryLoad = () => load().catch(() => !isGone && setTimeout(tryLoad, 1000));
  const clock = new Countdown();
  const workClock = new Countdown();
  let limit = "";
  let isHandedOver = false;
  const drawLimit = () => clock.isSet && write(stageClock, said.limits[limit](formatTime(clock.left())));
  const stopClock = everyQuarter(() => {
    drawLimit();
    // What is being typed is handed over just before the item closes by itself.
    const left = Math.min(...[clock, workClock].filter((one) => one.isSet).map((one) => one.left()));
    const isEnding = left > 0 && left < HAND_OVER_MS;
    if (isEnding && !isHandedOver && body.contains(document.activeElement)) document.activeElement.blur();
    isHandedOver = isEnding;
  });

  let isBegun = false;
  return {
    level: (level) => stage?.level?.(level),
    update(state) {
      latest = state;
      const { work } = state;
      if (!isBegun) tryLoad();
      isBegun = true;
      const hasAnswers = Boolean(player?.item.interactions.length);
      show(closed, hasAnswers && !work.may_answer && work.stage === "answer");
      if (player && hasAnswers && isReadOnly === work.may_answer) remount();
      const before = work.map[work.map.findIndex((one) => one.id === id) - 1];
      show(foot, Boolean(work.way_on));
      show(back, before?.reach === "open");
      show(next, work.way_on !== "end");
      write(next, `${said.ways[work.way_on] ?? said.next} →`);
      show(end, work.way_on === "end");
      limit = nameLimit(work);
      show(stageClock, Boolean(limit) && work.may_leave);
      clock.set(limit ? work[LIMITS[limit]] : null, work.rate);
      workClock.set(work.work_left_ms, work.rate);
      drawLimit();
      stage?.update(state);
    },
    remount,
    destroy() {
      isGone = true;
      stopClock();
      stage?.destroy();
      player?.mounted.destroy();
    },
  };
}
