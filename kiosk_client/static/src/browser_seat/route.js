// The way through a work: kiosk_client/route.py in this language. Pure; `items` carry the candidate's plan.
import { WORK_TIMER } from "./fold.js";
import { nameBreakTimer } from "./timers.js";

export const OPEN = "open";
export const CLOSED = "closed";
export const AHEAD = "ahead";
const SECONDS = { listening: ["read_s"], speaking: ["prepare_s", "record_s", "choose_s"] };

/** Items with this candidate's seconds, their part (with its `place`) and the break that follows them. */
export function applyPlan(items, plan) {
  const parts = (plan.parts ?? []).map((part, place) => ({ ...part, place }));
  const partOf = new Map(parts.flatMap((part) => part.positions.map((number) => [number, part])));
  const breakAfter = new Map((plan.breaks ?? []).map((one) => [one.after, one]));
  return items.map((item) => planItem(item, plan.positions?.[String(item.position)] ?? {}, partOf, breakAfter));
}

function planItem(item, seconds, partOf, breakAfter) {
  const planned = { ...item, part: partOf.get(item.position) ?? null, break_after: breakAfter.get(item.position) ?? null,
    fixed_s: seconds.fixed_s ?? null, time_s: "time_s" in seconds ? seconds.time_s : item.time_s };
  for (const [rule, names] of Object.entries(SECONDS)) {
    if (!item[rule]) continue;
    const told = names.filter((name) => name in seconds).map((name) => [name, seconds[name]]);
    planned[rule] = { ...item[rule], ...Object.fromEntries(told) };
  }
  // The whole item is bounded, not one stage of it.
  if (planned.fixed_s) planned.time_s = null;
  return planned;
}

const findHere = (items, state) => items.find(({ id }) => id === state.item) ?? null;

/** open, closed (left for good) or ahead (not yet). */
export function judgeReach(items, item, state) {
  const here = findHere(items, state);
  if (!here || !item.part) return OPEN;
  if (state.breakNow) return item.position <= (findRestingItem(items, state)?.position ?? 0) ? CLOSED : AHEAD;
  if (item.part.place !== here.part.place) return item.part.place < here.part.place ? CLOSED : AHEAD;
  if (item.id === here.id || item.part.navigation === "free") return OPEN;
  return item.position < here.position ? CLOSED : AHEAD;
}

export const isOpen = (items, item, state, nowMs) =>
  judgeReach(items, item, state) === OPEN && !state.breakNow && !isPartOver(item, state, nowMs);

export const mayWalk = (items, state) => !state.breakNow && !findHere(items, state)?.fixed_s;

export function mayFinish(items, state) {
  return Boolean(findHere(items, state)) && mayWalk(items, state)
    && items.every((item) => judgeReach(items, item, state) !== AHEAD);
}

// Ends of time.

export const nameFixedTimer = (id) => `item:${id}:fixed`;

export function hasFixedTimeLeft(item, state, nowMs) {
  if (!item.fixed_s) return false;
  const timers = [nameFixedTimer(item.id), ...(state.stage === "speak" ? [`item:${item.id}:speak`] : [])];
  return timers.some((timer) => state.leftMs(timer, nowMs));
}

export function countPartLeftMs(item, state, nowMs) {
  const left = state.leftMs(WORK_TIMER, nowMs);
  if (!item.part?.rest_s || left === null || item.fixed_s) return null;
  return Math.max(0, left - item.part.rest_s * 1000);
}

export function isPartOver(item, state, nowMs) {
  const left = countPartLeftMs(item, state, nowMs);
  return left !== null && left <= 0;
}

export const findLastOfPart = (items, item) =>
  item.part ? items.filter((one) => one.part.place === item.part.place).at(-1) : items.at(-1);

export function startFixedTimer(item, state, restart) {
  const timer = nameFixedTimer(item.id);
  if (!item.fixed_s || (timer in state.timers && !restart)) return [];
  return [{ kind: "timer_started", body: { timer, allotted_ms: item.fixed_s * 1000 } }];
}

// Breaks.

export const findBreakAhead = (item, state) =>
  item.break_after && !state.breaks.has(item.break_after.number) ? item.break_after : null;

export function findRestingItem(items, state) {
  const number = state.breakNow?.number ?? null;
  return items.find((item) => item.break_after && item.break_after.number === number) ?? null;
}

export const beginBreak = (rest, state) => [
  { kind: "item_left", body: { item: state.item } },
  { kind: "break_started", body: { break: rest.number, kind: rest.kind, work_clock: rest.work_clock } },
  { kind: "timer_started", body: { timer: nameBreakTimer(rest.number), allotted_ms: rest.seconds * 1000 } },
];

export const endBreak = (state, reason) =>
  state.breakNow ? [{ kind: "break_ended", body: { break: state.breakNow.number, reason } }] : [];

export const isBreakOver = (state, nowMs) =>
  Boolean(state.breakNow) && state.leftMs(nameBreakTimer(state.breakNow.number), nowMs) === 0;

/** Since when a seat that gives no sign keeps somebody from work: not while a break would go on anyway. */
export function findWorkStoppedMs(state, lastSignMs) {
  if (!state.breakNow || lastSignMs === null) return lastSignMs;
  return lastSignMs + Math.floor((state.leftMs(nameBreakTimer(state.breakNow.number), lastSignMs) ?? 0) / state.pace);
}
