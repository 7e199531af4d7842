// One item: the player inside, its panel for listening or speaking, its clock, help with typing, the ways on and back.
import { mountItem } from "player";
import { Countdown, everyQuarter, formatCalmly } from "./clock.js";
import { make, once, show, write } from "./dom.js";
import { makeLeaving } from "./leaving.js";
import { makeListening } from "./listening.js";
import { inLanguage } from "./plain.js";
import { makeSpeaking } from "./speaking.js";
import { makeTypingAid } from "./typing_aid.js";

const HAND_OVER_MS = 900;
// What bounds an item before the end of the work: the item's own fixed time, its part's, or that of its answer.
const LIMITS = { fixed: "fixed_left_ms", part: "part_left_ms", stage: "stage_left_ms" };

function nameLimit(work) {
  if (work.fixed_left_ms !== null) return "fixed";
  if (work.part_left_ms !== null) return "part";
  return work.stage === "answer" && work.stage_left_ms !== null ? "stage" : "";
}

export function mountOneItem(root, context, id) {
  const { agent, words, language, walk, openFinish } = context;
  const said = words.work;
  const title = make("h1", { tabindex: "-1" });
  const stageClock = make("p", { class: "stage-clock", role: "timer", "aria-live": "off", hidden: true });
  const panel = make("div", { class: "stage-panel" });
  const closed = make("p", { class: "hint closed-note", role: "status", hidden: true }, said.closed);
  const body = make("div", { class: "item-body", translate: "no" });
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
  let aid = null;
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
    // Where little fits, the task comes first.
    if (document.documentElement.dataset.room === "short") title.scrollIntoView();
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
    if (!aid) {
      aid = makeTypingAid(context, body, item.content_language);
      body.after(aid.element);
    }
    aid.prepare();
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
  const drawLimit = () => clock.isSet && write(stageClock, said.limits[limit](formatCalmly(clock.left(), words)));
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
      aid?.destroy();
      player?.mounted.destroy();
    },
  };
}
