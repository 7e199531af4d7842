// What a candidate may do now and what happens by itself: kiosk_client/rules.py in this language. Pure.
import { WORK_TIMER } from "./fold.js";
import * as route from "./route.js";
import { creditOutage, playsLeft } from "./timers.js";

export const MAX_TEXT = 20000;
export const TAKE_ENDS = new Set(["candidate", "time"]);
export const BOUND_STAGES = new Set(["prepare", "speak"]);
const ANSWERING = new Set(["answer", "read", "listen", "choose", "prepare"]);
const FOLLOWS = { read: "listen", choose: "prepare", prepare: "speak", speak: "after" };

export const findItem = (items, id) => items.find((item) => item.id === id) ?? null;

export function findFollowing(items, id) {
  return items[items.findIndex((item) => item.id === id) + 1] ?? null;
}

export function firstStage(item) {
  if (item.speaking) return "choose";
  if (item.listening) return item.listening.read_s ? "read" : "listen";
  return "answer";
}

export const nameTimer = (id, stage) => `item:${id}:${stage}`;

/** How long a stage may last, null for as long as the work. */
export function allotMs(item, stage) {
  const seconds = { read: item.listening?.read_s, choose: item.speaking?.choose_s, prepare: item.speaking?.prepare_s,
    speak: item.speaking?.record_s, answer: item.time_s }[stage];
  return seconds ? Math.trunc(seconds) * 1000 : null;
}

export function enterStage(item, stage, state, restart = false) {
  const drafts = [{ kind: "item_entered", body: { item: item.id, stage } },
    ...route.startFixedTimer(item, state, restart && stage === firstStage(item))];
  const [allotted, timer] = [allotMs(item, stage), nameTimer(item.id, stage)];
  // The clock of speech starts when the microphone is open, not before.
  if (allotted !== null && stage !== "speak" && (restart || !(timer in state.timers))) {
    drafts.push({ kind: "timer_started", body: { timer, allotted_ms: allotted } });
  }
  return drafts;
}

export function startSpeechTimer(item, state, restart) {
  const timer = nameTimer(item.id, "speak");
  if (timer in state.timers && !restart) return [];
  return [{ kind: "timer_started", body: { timer, allotted_ms: allotMs(item, "speak") ?? 0 } }];
}

export function goTo(items, target, state) {
  const drafts = state.item && state.item !== target.id ? [{ kind: "item_left", body: { item: state.item } }] : [];
  return [...drafts, ...enterStage(target, state.visited[target.id] || firstStage(target), state)];
}

/** What comes when the candidate goes on: item, closing, break, end, or "" = not now. */
export function nameWayOn(items, state) {
  const here = findItem(items, state.item);
  if (!here || !mayLeave(state) || !route.mayWalk(items, state)) return "";
  const following = findFollowing(items, here.id);
  if (!following) return "end";
  if (route.findBreakAhead(here, state)) return "break";
  return route.judgeReach(items, following, state) === route.AHEAD ? "closing" : "item";
}

export const mayLeave = (state) => !BOUND_STAGES.has(state.stage);

export function mayAnswer(item, state, nowMs) {
  if (!state.started || state.finished || state.isPaused || state.absence) return false;
  if (!ANSWERING.has(state.visited[item.id] ?? "")) return false;
  const left = state.leftMs(nameTimer(item.id, "answer"), nowMs);
  return left === null || left > 0;
}

/** What is wrong with a value, "" when nothing is. */
export function judgeValue(item, response, value) {
  const found = (item.interactions ?? []).find(({ id }) => id === response);
  if (!found) return `no response ${response}`;
  if (value === null) return "";
  const isList = ["multiple", "ordered"].includes(found.cardinality);
  if (isList !== Array.isArray(value)) return `${response} is ${found.cardinality}`;
  const text = isList ? value.join("") : value;
  if (typeof text !== "string" || [...text].length > MAX_TEXT) return `${response}: longer than ${MAX_TEXT}`;
  return "";
}

export function draftAnswer(item, response, value) {
  const body = { item, response };
  if (value === null || value === "" || (Array.isArray(value) && !value.length)) return { kind: "answer_cleared", body };
  return { kind: "answer_set", body: { ...body, value } };
}

const countTakes = (item, state) =>
  state.recordings.filter((one) => one.item === item.id && TAKE_ENDS.has(one.end_reason)).length;
export const countTakesLeft = (item, state) =>
  item.speaking ? Math.max(0, (item.speaking.takes ?? 1) - countTakes(item, state)) : 0;
export const countPlaysLeft = (item, state) => playsLeft(state.plays[item.id] ?? [], item.listening?.plays ?? 0);

/** What time itself does now, null if nothing: {finishes | ends_break | ends_part | leaves | stage}. */
export function findDue(items, state, nowMs) {
  if (!state.started || state.finished) return null;
  const item = findItem(items, state.item);
  const lasts = item !== null && !state.breakNow && route.hasFixedTimeLeft(item, state, nowMs);
  if (isWindowOver(state, nowMs) || (state.leftMs(WORK_TIMER, nowMs) === 0 && !lasts)) return { finishes: true };
  if (state.isPaused || item === null) return null;
  if (state.breakNow) return route.isBreakOver(state, nowMs) ? { ends_break: true } : null;
  if (item.fixed_s && !lasts) return { leaves: true };
  if (route.isPartOver(item, state, nowMs)) return item.part.auto_move ? { ends_part: true } : null;
  return findDueOfStage(item, state, nowMs);
}

function findDueOfStage(item, state, nowMs) {
  const left = state.leftMs(nameTimer(item.id, state.stage), nowMs);
  if (left === null || left > 0 || !state.stage || state.absence) return null;
  if (FOLLOWS[state.stage]) return { stage: FOLLOWS[state.stage] };
  return state.stage === "answer" && item.auto_move ? { leaves: true } : null;
}

function isWindowOver(state, nowMs) {
  const ends = state.start_body.window_ends_at_ms;
  return Number.isInteger(ends) && nowMs >= ends;
}

/** The map of the work: what is answered and what is not. */
export function summarize(items, state) {
  return items.map((item) => ({ id: item.id, position: item.position, stage: state.visited[item.id] ?? "",
    answered: judgeAnswered(item, state), recordings: countSpoken(item, state),
    reach: route.judgeReach(items, item, state), part: item.part?.place ?? 0 }));
}

const countSpoken = (item, state) => state.recordings.filter((one) => one.item === item.id && one.samples > 0).length;

function judgeAnswered(item, state) {
  const shares = (item.interactions ?? []).map((one) => judgeFilled(one, state.responses.get(`${item.id}/${one.id}`)));
  if (item.speaking) shares.push(countSpoken(item, state) ? "all" : "none");
  if (shares.every((share) => share === "none")) return "none";
  return shares.every((share) => share === "all") ? "all" : "some";
}

function judgeFilled(interaction, found) {
  const value = found?.value ?? null;
  if (value === null || (Array.isArray(value) && !value.length)) return "none";
  const filled = Array.isArray(value) ? new Set(value).size : 1;
  return Number.isInteger(interaction.places) && filled < interaction.places ? "some" : "all";
}

/** The incident of a time in which nobody could work at this seat, null if it was shorter than 10 s. */
export function findOutage(lastAtMs, nowMs, autoCreditMs) {
  const span = lastAtMs === null ? null : creditOutage(lastAtMs, nowMs, autoCreditMs);
  if (span === null) return null;
  return { kind: "incident_raised", body: { kind: "outage",
    text: `${Math.floor((nowMs - lastAtMs) / 1000)} s without work at this seat`, from_ms: lastAtMs, to_ms: span[1],
    credited_ms: span[1] - span[0] } };
}
